import type { CompiledPolicy, Finding, GroupName } from '#model/policy';
import { isExact } from '../approximated-protocols.js';
import type { PolicyCompiler } from '../compiler.js';
import type { Direction } from '../isolating.js';
import { type OpenGroups, openToAll } from '../open-to-all.js';
import type { PolicyEntry } from '../parties.js';
import { isIsolating } from '../rules.js';
import type { JoinedGroups } from './join-groups.js';

/** What is to be known of the policies behind groups, to name those that the fabric does not keep. */
export interface PoliciesOf {
  /** Keys of the policies that select pods of the group. */
  readonly selecting: (group: GroupName) => Iterable<string>;
  /** Of those, the policies by which pods of the group are forbidden something in the direction. */
  readonly isolating: (group: GroupName, direction: Direction) => Iterable<string>;
  /** As {@link openToAll}. */
  readonly openToAll: (groups: OpenGroups) => readonly Finding[];
}

/** The policies as the compiler knows them. */
export const policiesOf = (compiler: PolicyCompiler): PoliciesOf => ({
  selecting: (name) => new Set([...subjectsOf(compiler, name)].map(({ key }) => key)),
  isolating: (name, direction) => {
    const isolating = [...subjectsOf(compiler, name)].filter((policy) => mayForbid(policy, direction));
    return new Set(isolating.map(({ key }) => key));
  },
  openToAll: (groups) => openToAll(compiler, groups),
});

function* subjectsOf({ groups }: PolicyCompiler, name: GroupName): Generator<PolicyEntry> {
  const group = groups.named(name);
  if (group?.kind === 'pods') for (const { subjects } of group.parties) yield* subjects;
}

/** NetworkPolicies isolate by being there (policy.md N10), policies of the tiers by a rule that denies. */
const mayForbid = (policy: PolicyEntry, direction: Direction): boolean =>
  policy.tier === 'network'
    ? isIsolating(policy) && policy[direction] !== undefined
    : policy[direction]?.some(({ action }) => action === 'deny') === true;

/**
 * Policies that the fabric does not keep exactly because groups are joined, each with the fabric's groups because of which:
 * those that select pods of a group that got more, those with a rule by which one of its groups is a peer, and those that
 * forbid somebody with such a peer something toward the others that it is joined with.
 */
export function affectedPolicies(
  { groups, pairs }: CompiledPolicy,
  { of, approximate }: JoinedGroups,
  { selecting, isolating }: Pick<PoliciesOf, 'selecting' | 'isolating'>,
): ReadonlyMap<string, ReadonlySet<GroupName>> {
  const affected = new Affected();
  const approximated = (group: GroupName): GroupName | undefined => {
    const fabricGroup = of.get(group);
    return fabricGroup !== undefined && approximate.has(fabricGroup) ? fabricGroup : undefined;
  };
  for (const { name } of groups) {
    const fabricGroup = approximated(name);
    if (fabricGroup !== undefined) affected.add(selecting(name), fabricGroup);
  }
  const known = new Set<string>();
  const addIsolating = (group: GroupName, directions: readonly Direction[], because: GroupName): void => {
    for (const direction of directions) {
      const key = `${group}\n${direction}\n${because}`;
      if (!known.has(key)) affected.add(isolating(group, direction), because);
      known.add(key);
    }
  };
  for (const { source, destination, connections, why } of pairs) {
    const [from, to] = [approximated(source), approximated(destination)];
    const policies = why.map(({ policy }) => policy);
    for (const fabricGroup of [from, to]) if (fabricGroup !== undefined) affected.add(policies, fabricGroup);
    // Of UDP and SCTP the fabric permits something the other way that is no answer (policy.md §3.11).
    const isBothWays = !isExact(connections);
    if (from !== undefined) addIsolating(destination, isBothWays ? BOTH : ['ingress'], from);
    if (to !== undefined) addIsolating(source, isBothWays ? BOTH : ['egress'], to);
  }
  return affected.policies;
}

const BOTH: readonly Direction[] = ['ingress', 'egress'];

/** Policies, each with the fabric's groups because of which the fabric does not keep it. */
class Affected {
  readonly policies = new Map<string, Set<GroupName>>();

  add(policies: Iterable<string>, fabricGroup: GroupName): void {
    for (const policy of policies) {
      const known = this.policies.get(policy);
      if (known === undefined) this.policies.set(policy, new Set([fabricGroup]));
      else known.add(fabricGroup);
    }
  }
}
