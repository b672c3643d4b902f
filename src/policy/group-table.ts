import { aciName } from '#model/naming';
import { comparePrefixes, formatPrefix, type Prefix } from '#model/net';
import type { FamilyConnections, GroupName } from '#model/policy';
import type { Allocator } from './allocate.js';
import type { ConnectionTable } from './connection-table.js';
import type { GroupEntry, OutsideGroupEntry, PodGroupEntry } from './group-entry.js';
import { baseName } from './group-names.js';
import type { PairTable } from './pair-table.js';
import type { OutsideParty, Party, PodParty, Side } from './parties.js';

/** What the groups are made from. */
export interface GroupSources {
  readonly pairs: PairTable;
  readonly connections: ConnectionTable;
  readonly allocator: Allocator;
  /** Whether pods with equal rows and columns are one group, where nothing else keeps them apart. */
  readonly quotient: boolean;
  /** Whether groups keep to one namespace. */
  readonly byNamespace: boolean;
  /** For how long two groups have to be alike before they become one; in the unit of the times given to `update`. */
  readonly mergeAfter: number;
  /** Dn of the EPG of the nodes, which its groups are named after. */
  readonly nodeEpgDn: string | undefined;
}

/** The groups, and which parties each of them is. */
export class GroupTable {
  readonly #sources: GroupSources;
  readonly #groups = new Map<string, GroupEntry>();
  readonly #groupOf = new Map<Party, GroupEntry>();
  readonly #byName = new Map<GroupName, GroupEntry>();
  /** Groups that came to be like another one: its key, and since when. */
  readonly #waiting = new Map<GroupEntry, { readonly key: string; readonly since: number }>();

  constructor(sources: GroupSources) {
    this.#sources = sources;
  }

  all(): Iterable<GroupEntry> {
    return this.#groups.values();
  }

  /** The group of a party. */
  of(party: Party): GroupEntry | undefined {
    return this.#groupOf.get(party);
  }

  /** The group of the name. */
  named(name: GroupName): GroupEntry | undefined {
    return this.#byName.get(name);
  }

  /** Calls back with every pair that is an exception and has the party as one end. */
  eachPair(party: Party, visit: (source: Party, destination: Party) => void): void {
    for (const destination of this.#sources.pairs.row(party).keys()) visit(party, destination);
    for (const source of this.#sources.pairs.column(party).keys()) visit(source, party);
  }

  /** When the next two groups have been alike for long enough; undefined when none are. */
  get nextMerge(): number | undefined {
    const times = [...this.#waiting.values()].map(({ since }) => since + this.#sources.mergeAfter);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /**
   * Takes out parties that are gone, puts in new ones, and moves those whose rows or columns changed. Groups that have been
   * alike for long enough by `now` become one.
   */
  update(removed: Iterable<Party>, touched: ReadonlySet<Party>, now: number): GroupChanges {
    const changes = {
      created: new Set<GroupEntry>(),
      removed: new Set<GroupEntry>(),
      moved: new Set<Party>(),
      left: new Set<GroupEntry>(),
    };
    for (const party of removed) this.#leave(party, changes);
    this.#rekey(touched);
    const homeless = [...touched].filter((party) => {
      if (this.#isHome(party)) return false;
      this.#leave(party, changes);
      return true;
    });
    const merging = this.#merge(now, changes);
    // Only when all have left whose key is another: then parties of one group are alike, and one can be asked for all.
    for (const party of homeless) this.#join(party, changes, now);
    for (const party of merging) this.#join(party, changes, undefined);
    const fresh = [...changes.created].filter((group) => group.kind === 'pods');
    let outside = [...touched].some((party) => party.kind === 'outside');
    for (const gone of changes.removed) if (this.#groups.get(gone.key) === gone) changes.removed.delete(gone);
    for (const gone of changes.removed) if (gone.kind === 'pods') this.#sources.allocator.release(gone);
    this.#sources.allocator.name(fresh);
    outside ||= [...changes.removed].some((group) => group.kind === 'outside');
    const renamed = outside ? this.#nameOutside() : [];
    for (const gone of changes.removed) this.#forgetName(gone.name, gone);
    for (const { group, before } of renamed) this.#forgetName(before, group);
    for (const group of [...changes.created, ...renamed.map(({ group: one }) => one)])
      this.#byName.set(group.name, group);
    return { ...changes, renamed };
  }

  /** A group all of whose parties changed alike stays the same group, unless there is another one like it. */
  #rekey(touched: ReadonlySet<Party>): void {
    for (const group of new Set([...touched].flatMap((party) => this.#groupOf.get(party) ?? []))) {
      const [first, ...others] = group.parties as Set<Party>;
      if (first === undefined || this.#isHome(first)) continue;
      const key = this.#keyOf(first);
      if (this.#groups.has(key)) continue;
      if (!others.every((party) => this.#keyOf(party) === key && this.#sources.pairs.alike(first, party))) continue;
      this.#waiting.delete(group);
      this.#setKey(group, key);
    }
  }

  #setKey(group: GroupEntry, key: string): void {
    if (this.#groups.get(group.key) === group) this.#groups.delete(group.key);
    this.#groups.set(key, group);
    group.key = key;
  }

  #isHome(party: Party): boolean {
    const group = this.#groupOf.get(party);
    if (group === undefined) return false;
    return (this.#waiting.get(group)?.key ?? group.key) === this.#keyOf(party);
  }

  /** Makes one group of two that have been alike for long enough: the one with more pods stays. Gives the others' parties. */
  #merge(
    now: number,
    changes: { readonly removed: Set<GroupEntry>; readonly left: Set<GroupEntry> },
  ): readonly Party[] {
    const homeless: Party[] = [];
    for (const [group, { key, since }] of this.#waiting) {
      if (group.parties.size > 0 && now - since < this.#sources.mergeAfter) continue;
      this.#waiting.delete(group);
      if (group.parties.size === 0) continue;
      const other = this.#groups.get(key);
      const gone = other !== undefined && podsIn(other) < podsIn(group) ? other : group;
      if (other !== undefined) {
        homeless.push(...gone.parties);
        for (const party of homeless) if (this.#groupOf.get(party) === gone) this.#leave(party, changes);
      }
      if (gone !== group || other === undefined) this.#setKey(group, key);
    }
    return homeless;
  }

  /** Puts the party into the group of its key; undefined for `now` lets it wait for nothing. */
  #join(party: Party, changes: Joining, now: number | undefined): void {
    const key = this.#keyOf(party);
    const found = this.#groups.get(key);
    const [example] = found?.parties ?? [];
    const isAlike = example === undefined || this.#sources.pairs.alike(example, party);
    // Two rows can have one fingerprint by chance: then the party is a group of its own.
    if (found === undefined || !isAlike) return this.#put(party, isAlike ? key : `${key} #${party.id}`, changes);
    const origin = now === undefined ? undefined : this.#emptied(party, changes);
    if (now === undefined || origin === undefined || origin === found.name) return this.#put(party, key, changes);
    this.#put(party, `${key} ~${origin}`, changes);
    const group = this.#groupOf.get(party);
    if (group !== undefined && !this.#waiting.has(group)) this.#waiting.set(group, { key, since: now });
  }

  /**
   * The group that the party's pods are in so far, if that has nobody else now. They would go to another VLAN by joining
   * one that is like it: that waits, so that a rollout does not make them go and return (policy.md §3.4).
   */
  #emptied(party: Party, { removed }: Joining): GroupName | undefined {
    const { allocator, mergeAfter } = this.#sources;
    if (mergeAfter === 0 || party.kind === 'outside') return undefined;
    const [pod] = party.members;
    const origin = pod === undefined ? undefined : allocator.groupOf(pod.key);
    return [...removed].some(({ name }) => name === origin) ? origin : undefined;
  }

  #put(party: Party, key: string, { created, moved }: Joining): void {
    const group = this.#groups.get(key) ?? this.#create(key, party);
    if (group.parties.size === 0) created.add(group);
    (group.parties as Set<Party>).add(party);
    this.#groupOf.set(party, group);
    moved.add(party);
  }

  #forgetName(name: GroupName, group: GroupEntry): void {
    if (this.#byName.get(name) === group) this.#byName.delete(name);
  }

  #leave(party: Party, { removed, left }: { readonly removed: Set<GroupEntry>; readonly left: Set<GroupEntry> }): void {
    const group = this.#groupOf.get(party);
    if (group === undefined) return;
    this.#groupOf.delete(party);
    (group.parties as Set<Party>).delete(party);
    left.add(group);
    if (group.parties.size > 0) return;
    this.#groups.delete(group.key);
    removed.add(group);
  }

  #create(key: string, party: Party): GroupEntry {
    const group = this.#entry(key, party);
    this.#groups.set(key, group);
    return group;
  }

  #entry(key: string, party: Party): GroupEntry {
    if (party.kind === 'outside') return { kind: 'outside', key, parties: new Set(), name: '' };
    const { workload } = party;
    const namespace = this.#sources.byNamespace ? party.namespace : undefined;
    const base = namespace === undefined ? ANYWHERE : baseName(namespace, workload);
    return { kind: 'pods', key, base, namespace, workload, parties: new Set(), name: '', signature: '' };
  }

  #keyOf(party: Party): string {
    if (party.kind === 'outside') return `outside ${party.family} ${party.foreignDn ?? ''} ${this.#rowPrint(party)}`;
    // Pods that are told apart by their workload keep their group whatever policies say (policy.md §3.2, point 5).
    if (!this.#sources.quotient || party.workload !== undefined) return `party ${party.id}`;
    const own = this.#sources.byNamespace ? party.namespace : '';
    return `pods ${own} ${party.families} ${this.#rowPrint(party)}`;
  }

  /** What the matrix says of a party, in short: equal rows and columns have equal prints (policy.md §3.4). */
  #rowPrint(party: Party): string {
    const { pairs, connections } = this.#sources;
    const id = (set: FamilyConnections): number => connections.idOf(set);
    const side = ({ isolated, pods, outside }: Side): string => `${isolated} ${id(pods)} ${id(outside)}`;
    return `${side(party.egress)};${side(party.ingress)};${pairs.print(party)}`;
  }

  /**
   * Names outside groups after their lowest prefix: stable under changes elsewhere, and readable. Gives those that had
   * another name, with it.
   */
  #nameOutside(): GroupChanges['renamed'] {
    const before = new Map<OutsideGroupEntry, string>();
    const groups = [...this.#groups.values()].filter((group) => group.kind === 'outside');
    const sorted = groups
      .map((group) => ({ group, lowest: prefixesOf(group)[0] }))
      .sort((a, b) => (a.lowest === undefined || b.lowest === undefined ? 0 : comparePrefixes(a.lowest, b.lowest)));
    const counts = new Map<string, number>();
    for (const { group, lowest } of sorted) {
      before.set(group, group.name);
      const place = lowest === undefined ? 'none' : formatPrefix(lowest).replace('/', '-');
      const [first] = group.parties;
      if (first?.foreignDn === undefined) {
        group.name = aciName(`ext-${place}`);
        continue;
      }
      const count = (counts.get(first.foreignDn) ?? 0) + 1;
      counts.set(first.foreignDn, count);
      const kind = first.foreignDn === this.#sources.nodeEpgDn ? 'nodes' : 'foreign';
      const name = `${kind}-${first.foreignDn.replace(/^uni\//, '').replaceAll('/', '.')}`;
      group.name = count === 1 ? name : `${name}.${place}`;
    }
    return [...before].flatMap(([group, name]) =>
      name === '' || name === group.name ? [] : [{ group, before: name }],
    );
  }
}

/** What is noted while parties go from group to group. */
interface Joining {
  readonly created: Set<GroupEntry>;
  readonly removed: ReadonlySet<GroupEntry>;
  readonly moved: Set<Party>;
}

/** Groups that came and went, that a party left, that have another name now; and parties that came into another group. */
export interface GroupChanges {
  readonly created: ReadonlySet<GroupEntry>;
  readonly removed: ReadonlySet<GroupEntry>;
  readonly left: ReadonlySet<GroupEntry>;
  readonly moved: ReadonlySet<Party>;
  readonly renamed: readonly { readonly group: OutsideGroupEntry; readonly before: string }[];
}

/** Base of all groups where they may span namespaces. */
const ANYWHERE = 'pods';

/** All prefixes of an outside group, sorted. */
export const prefixesOf = (group: OutsideGroupEntry): readonly Prefix[] =>
  [...group.parties].flatMap((party: OutsideParty) => party.prefixes).sort(comparePrefixes);

/** Parties of a group that stand for it: their rows and columns are equal. */
export const representative = (group: GroupEntry): Party | undefined => {
  let first: Party | undefined;
  for (const party of group.parties as Set<Party>) if (first === undefined || party.id < first.id) first = party;
  return first;
};

/** Pods of a group, in the order of their keys. */
export const membersOf = (group: PodGroupEntry): readonly string[] =>
  [...group.parties].flatMap((party: PodParty) => [...party.members].map((pod) => pod.key)).sort();

const podsIn = (group: GroupEntry): number =>
  group.kind === 'pods' ? [...group.parties].reduce((pods, { members }) => pods + members.size, 0) : 0;
