import type { Clock } from '#ports';

/** A moment by both clocks: the one that people set, and the one that may stand still while a machine sleeps. */
export interface Moment {
  readonly wall: number;
  readonly uptime: number;
}

export const momentOf = (clock: Clock): Moment => ({ wall: clock.now(), uptime: clock.uptime() });

/** Milliseconds since the moment by whichever clock is faster: what was granted for a time is not taken for longer. */
export const mostSince = (moment: Moment, clock: Clock): number =>
  Math.max(clock.now() - moment.wall, clock.uptime() - moment.uptime);

/** Milliseconds since the moment by whichever clock is slower: what was granted to others is not taken from them sooner. */
export const leastSince = (moment: Moment, clock: Clock): number =>
  Math.min(clock.now() - moment.wall, clock.uptime() - moment.uptime);
