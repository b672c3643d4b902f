import type { Approximated } from './approximated-protocols.js';
import type { Party, PodParty, Rule, Side } from './parties.js';
import { isIsolating } from './rules.js';

export type Direction = 'ingress' | 'egress';

/** Rules of the side that match the other end. */
export const rulesFor = ({ everyone, named }: Side, other: Party): readonly Rule[] => [
  ...everyone.filter(({ everyPod, everyOutside }) => (other.kind === 'pods' ? everyPod : everyOutside) !== 0),
  ...(named.get(other)?.rules ?? []),
];

/** One direction of a party, toward another party. */
export interface Seat {
  readonly party: PodParty;
  readonly direction: Direction;
  readonly other: Party;
}

/** Whether the rule speaks of some of the protocol. Port names mean what the destination has by that name (policy.md N19). */
export function speaksOf({ ports, names }: Rule, { party, direction, other }: Seat, protocol: Approximated): boolean {
  if (ports[protocol].length > 0) return true;
  const destination = direction === 'ingress' ? party : other;
  const has = (name: string): boolean => destination.kind === 'pods' && destination.ports.has(name);
  return names.some((name) => name.startsWith(`${protocol} `) && has(name));
}

/**
 * Policies by which the direction of the party forbids the other end some of the protocol: NetworkPolicies isolate by being
 * there (policy.md N10), policies of the tiers by a rule that denies.
 */
export function* isolating(seat: Seat, protocol: Approximated): Generator<string> {
  const { party, direction, other } = seat;
  for (const policy of party.subjects) {
    if (isIsolating(policy) && policy[direction] !== undefined) yield policy.key;
  }
  const side = party[direction];
  for (const rule of rulesFor(side, other)) {
    // Where a NetworkPolicy isolates nobody asks the baseline (policy.md K3).
    if (side.isolated && rule.policy.tier === 'baseline') continue;
    if (rule.action === 'deny' && speaksOf(rule, seat, protocol)) yield rule.policy.key;
  }
}
