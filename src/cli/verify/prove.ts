import { FamilyProof } from './family-proof.js';
import type { FlowContext } from './flow-check.js';
import type { Mentions } from './mentions.js';
import type { PlaceClass } from './places.js';
import { spotsOf } from './spots.js';
import { type Tally, Total } from './tally.js';

/** What the check of all critical points found. */
export interface Proof extends Tally {
  /** Ordered pairs of places that the points stand for. */
  readonly pairs: number;
}

/** What the fabric says, and what explains that it cannot say more. */
export interface ProofInput extends FlowContext {
  readonly mentions: Mentions;
  readonly pods: readonly PlaceClass[];
  /** Is told how many addresses are done, of how many of one family. */
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Compares the fabric with the plain specification at every critical point (policy.md §4.4): for TCP both open the same; for
 * UDP and SCTP the fabric opens no less, and what it opens more a finding explains; the answers to every allowed flow pass.
 * Complete for the given state, because verdicts are constant between critical ports and inside classes of places.
 */
export function prove(input: ProofInput): Proof {
  const { pods, outside, mentions, onProgress = () => undefined } = input;
  const total = new Total();
  for (const family of [4, 6] as const) {
    const spots = spotsOf(family, { pods, outside });
    total.add(new FamilyProof(input, mentions, spots).prove(onProgress), 1);
  }
  const [inside, others] = [pods, outside].map((classes) => classes.reduce((sum, { size }) => sum + size, 0));
  const { points, excesses, differences, counterExample } = total;
  return { points, excesses, differences, counterExample, pairs: pairsOf(inside ?? 0, others ?? 0) };
}

/** Between two pods, and between a pod and a place outside, both ways. */
const pairsOf = (pods: number, outside: number): number => pods * (pods - 1) + 2 * pods * outside;
