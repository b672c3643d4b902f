import type { Approximated } from './approximated-protocols.js';
import type { Party, PodParty, Rule, Side } from './parties.js';

export type Direction = 'ingress' | 'egress';

/** Rules of the side that match the other end. */
export const rulesFor = ({ everyone, named }: Side, other: Party): readonly Rule[] => [
  ...everyone.filter(({ everyPod, everyOutside }) => (other.kind === 'pods' ? everyPod : everyOutside) !== 0),
  ...(named.get(other)?.rules ?? []),
];

/** Whether the rule speaks of some of the protocol. */
export const speaksOf = ({ ports, names }: Rule, protocol: Approximated): boolean =>
  ports[protocol].length > 0 || names.some((name) => name.startsWith(`${protocol} `));

/** One direction of a party, toward another party. */
export interface Seat {
  readonly party: PodParty;
  readonly direction: Direction;
  readonly other: Party;
}

/**
 * Policies by which the direction of the party forbids the other end some of the protocol: NetworkPolicies isolate by being
 * there (policy.md N10), policies of the tiers by a rule that denies.
 */
export function* isolating({ party, direction, other }: Seat, protocol: Approximated): Generator<string> {
  for (const policy of party.subjects) {
    if (policy.tier === 'network' && policy[direction] !== undefined) yield policy.key;
  }
  for (const rule of rulesFor(party[direction], other)) {
    if (rule.action === 'deny' && speaksOf(rule, protocol)) yield rule.policy.key;
  }
}
