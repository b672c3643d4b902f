import type { CompiledPolicy, GroupName } from '#model/policy';
import type { PolicyCompiler } from '../compiler.js';
import type { JoinedGroups } from './join-groups.js';

/** Keys of the policies that select pods of the group. */
export type PoliciesOf = (group: GroupName) => Iterable<string>;

/** Keys of the policies that select pods of a group, as the compiler knows them. */
export const policiesOf =
  (compiler: PolicyCompiler): PoliciesOf =>
  (name) => {
    const group = compiler.groups.named(name);
    const keys = new Set<string>();
    if (group?.kind !== 'pods') return keys;
    for (const { subjects } of group.parties) for (const { key } of subjects) keys.add(key);
    return keys;
  };

/**
 * Policies that the fabric does not keep exactly because groups are joined, each with the fabric's groups because of which:
 * those that select pods of a group that got more, and those with a rule by which one of its groups is a peer.
 */
export function affectedPolicies(
  { groups, pairs }: CompiledPolicy,
  { of, approximate }: JoinedGroups,
  selecting: PoliciesOf,
): ReadonlyMap<string, ReadonlySet<GroupName>> {
  const affected = new Map<string, Set<GroupName>>();
  const add = (policy: string, fabricGroup: GroupName): void => {
    const known = affected.get(policy);
    if (known === undefined) affected.set(policy, new Set([fabricGroup]));
    else known.add(fabricGroup);
  };
  const approximated = (group: GroupName): GroupName | undefined => {
    const fabricGroup = of.get(group);
    return fabricGroup !== undefined && approximate.has(fabricGroup) ? fabricGroup : undefined;
  };
  for (const { name } of groups) {
    const fabricGroup = approximated(name);
    if (fabricGroup !== undefined) for (const policy of selecting(name)) add(policy, fabricGroup);
  }
  for (const { source, destination, why } of pairs) {
    for (const end of [source, destination]) {
      const fabricGroup = approximated(end);
      if (fabricGroup !== undefined) for (const { policy } of why) add(policy, fabricGroup);
    }
  }
  return affected;
}
