import type { CompiledChanges, GroupName } from '#model/policy';
import type { GroupEntry } from './group-entry.js';
import type { GroupChanges, GroupTable } from './group-table.js';
import { representative } from './group-table.js';
import type { Party, PodParty } from './parties.js';

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
  const differing = new Map<GroupName, Set<GroupName>>();
  const note = (source: Party, destination: Party): void => {
    const [from, to] = [table.of(source)?.name, table.of(destination)?.name];
    if (from === undefined || to === undefined) return;
    const known = differing.get(from);
    if (known === undefined) differing.set(from, new Set([to]));
    else known.add(to);
  };
  for (const [source, destination] of pairs) note(source, destination);
  // A group that is new, or has another name, has no pair that anybody knows under its name; one that a party came into or
  // left has pairs for other reasons than before.
  const moved = [...groups.moved].flatMap((party) => table.of(party) ?? []);
  const renamed = groups.renamed.map(({ group }) => group);
  for (const group of new Set<GroupEntry>([...groups.created, ...renamed, ...groups.left, ...moved])) {
    const party = representative(group);
    if (party === undefined) continue;
    changed.add(group.name);
    table.eachPair(party, note);
  }
  return { removed, groups: changed, pairs: differing };
}
