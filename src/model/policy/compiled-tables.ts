import type { CompiledPolicy, GroupName, Pair } from './compiled-policy.js';
import type { CompiledChanges, PolicyTables } from './policy-tables.js';

/** The result of one compilation as tables. */
export function tablesOf({ groups, pairs, allocation }: CompiledPolicy): PolicyTables {
  const byName = new Map(groups.map((group) => [group.name, group]));
  const bySource = new Map<GroupName, Map<GroupName, Pair>>();
  for (const pair of pairs) {
    const row = bySource.get(pair.source);
    if (row === undefined) bySource.set(pair.source, new Map([[pair.destination, pair]]));
    else row.set(pair.destination, pair);
  }
  return {
    group: (name) => byName.get(name),
    pair: (source, destination) => bySource.get(source)?.get(destination),
    signature: (name) => allocation.groups.get(name)?.signature ?? '',
  };
}

/** All of the policy as a change from nothing. */
export function everythingIn({ groups, pairs }: CompiledPolicy): CompiledChanges {
  const bySource = new Map<GroupName, Set<GroupName>>();
  for (const { source, destination } of pairs) {
    const row = bySource.get(source);
    if (row === undefined) bySource.set(source, new Set([destination]));
    else row.add(destination);
  }
  return { removed: new Set(), groups: new Set(groups.map(({ name }) => name)), pairs: bySource };
}
