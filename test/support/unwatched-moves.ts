import { systemClock } from '#runtime';
import { PodMoves } from '../../workers/pod-moves.js';

/** What a publisher tells of its slices, where nobody asks for it. */
export const unwatchedMoves = (): PodMoves =>
  new PodMoves({ epgOf: (group) => group, joined: () => undefined, followMs: 0, clock: systemClock() });
