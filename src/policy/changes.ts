import type { GroupName } from '#model/policy';
import type { GroupChanges, GroupTable } from './group-table.js';
import { representative } from './group-table.js';
import type { Party, PodParty } from './parties.js';

/** What a change made different. Whoever keeps something of the result looks at just this again. */
export interface CompiledChanges {
  /** Groups that are gone, by the names that they had. A name can be that of another group now: then it is in `groups` too. */
  readonly removed: ReadonlySet<GroupName>;
  /** Groups that are new or may be different: members, what they grant everyone, prefixes. */
  readonly groups: Set<GroupName>;
  /** Pairs whose connections may be different, besides those of groups that are gone: destinations by source. */
  readonly pairs: ReadonlyMap<GroupName, ReadonlySet<GroupName>>;
}

interface Touched {
  readonly groups: GroupChanges;
  readonly pairs: readonly (readonly [Party, Party])[];
  /** Parties whose row or column may differ. */
  readonly touched: ReadonlySet<Party>;
  readonly members: ReadonlySet<PodParty>;
}

/** Says by the names of groups what was found for parties. */
export function changesOf(table: GroupTable, { groups, pairs, touched, members }: Touched): CompiledChanges {
  const removed = new Set([...groups.removed].map(({ name }) => name));
  for (const { before } of groups.renamed) removed.add(before);
  const changed = new Set<GroupName>();
  for (const party of [...touched, ...members]) {
    const name = table.of(party)?.name;
    if (name !== undefined) changed.add(name);
  }
  for (const group of groups.left) if (group.parties.size > 0) changed.add(group.name);
  const differing = new Map<GroupName, Set<GroupName>>();
  const note = (source: Party, destination: Party): void => {
    const [from, to] = [table.of(source)?.name, table.of(destination)?.name];
    if (from === undefined || to === undefined) return;
    const known = differing.get(from);
    if (known === undefined) differing.set(from, new Set([to]));
    else known.add(to);
  };
  for (const [source, destination] of pairs) note(source, destination);
  // A group that is new, or has another name, has no pair that anybody knows under its name.
  for (const group of [...groups.created, ...groups.renamed.map(({ group: renamed }) => renamed)]) {
    changed.add(group.name);
    const party = representative(group);
    if (party !== undefined) table.eachPair(party, note);
  }
  return { removed, groups: changed, pairs: differing };
}
