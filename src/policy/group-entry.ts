import type { OutsideParty, PodParty } from './parties.js';

/** Parties that are one group: more than one where their rows and columns are equal (policy.md §3.4). */
export type GroupEntry = PodGroupEntry | OutsideGroupEntry;

export interface PodGroupEntry {
  readonly kind: 'pods';
  /** What its parties have in common, as text. */
  key: string;
  /** Name that the group gets when it is the only one of its base: `namespace` or `namespace.workload`. */
  readonly base: string;
  readonly namespace: string | undefined;
  readonly workload: string | undefined;
  readonly parties: Set<PodParty>;
  name: string;
  /** Hash of what policies saw in it when it got its name. */
  signature: string;
}

export interface OutsideGroupEntry {
  readonly kind: 'outside';
  /** What its parties have in common, as text. */
  key: string;
  readonly parties: Set<OutsideParty>;
  name: string;
}
