import { selectorKey } from '#model/kubernetes';
import { aciName, contentHash, shortHash } from '#model/naming';
import type { AllocatedGroup, Allocation, GroupName, PodKey, RestingGroup } from '#model/policy';
import { familiesIn } from './family-mask.js';
import type { PodGroupEntry } from './group-entry.js';
import { BASE_LIMIT } from './group-names.js';
import { NumberPool, type NumberRange } from './number-pool.js';
import type { PodParty, PolicyEntry } from './parties.js';

/** What an allocator gives numbers from. */
export interface AllocatorOptions {
  /** VLANs of the groups; undefined where groups are bound path by path and have none of their own. */
  readonly vlanPool: NumberRange | undefined;
  /** VNIs of the groups in the overlay; undefined without one. */
  readonly vniPool?: NumberRange | undefined;
  /** For how long numbers rest after their group, in the unit of the times given to {@link Allocator.advance}. */
  readonly restFor?: number | undefined;
}

/** Groups out of use that are remembered at most, once their numbers have rested: a gateway runs for a long time. */
const MOST_REMEMBERED = 8192;

/**
 * Gives groups names and VLANs so that nothing churns (policy.md §3.9): a new group takes the name that was remembered
 * for its signature, else the name under which most of its pods were known, else one after its base. Every namespace has
 * a group with its own name, even without pods.
 */
export class Allocator {
  readonly #preSplit: boolean | undefined;
  /** Remembered groups that are not in use, by base, then by name. */
  readonly #idle = new Map<string, Map<GroupName, AllocatedGroup>>();
  /** The same, those gone longest first, and since when; undefined for those of an earlier run. */
  readonly #idleSince = new Map<GroupName, number | undefined>();
  readonly #named = new Map<GroupName, PodGroupEntry>();
  readonly #reserved = new Set<GroupName>();
  readonly #vlans: NumberPool;
  readonly #vnis: NumberPool;
  readonly #membership: Map<PodKey, GroupName>;
  readonly #spaces: Allocation['spaces'];
  readonly #restFor: number;
  #now = 0;

  constructor(remembered: Allocation, { vlanPool, vniPool, restFor = 0 }: AllocatorOptions) {
    this.#preSplit = remembered.preSplit;
    this.#membership = new Map(remembered.membership);
    this.#spaces = remembered.spaces;
    this.#restFor = restFor;
    // Until VLANs that are bound on paths go, another group with the same number would be at fault there.
    const onPaths = new Set([...remembered.spaces.values()].flatMap(({ bound }) => [...bound.values()]));
    this.#vlans = new NumberPool({ range: vlanPool, restFor, avoided: onPaths });
    this.#vnis = new NumberPool({ range: vniPool, restFor });
    const alone = vlanPool === undefined ? new Map<GroupName, number>() : numbersAlone(remembered.spaces);
    const inUse = [...remembered.groups.values()].map((group) => ({
      ...group,
      vlan: group.vlan ?? alone.get(group.name),
    }));
    // The younger claim to a number is that of a group that was in use.
    for (const group of inUse) this.#take(group, undefined);
    for (const group of remembered.resting.values())
      if (!remembered.groups.has(group.name)) this.#take(group, group.since);
  }

  /** Takes in what is remembered of a group. Without a pool its numbers stay what they were. */
  #take(group: AllocatedGroup, since: number | undefined): void {
    this.#shelve(group, since);
    this.#vlans.adopt(group.name, group.vlan, since);
    this.#vnis.adopt(group.name, group.vni, since);
  }

  /** Tells the time of what follows. */
  advance(now: number): void {
    this.#now = now;
    for (const [name, since] of this.#idleSince) if (since === undefined) this.#idleSince.set(name, now);
  }

  /** Keeps the name of a namespace for its own group, or lets it go. */
  reserve(namespace: string, wanted: boolean): void {
    if (wanted) {
      this.#reserved.add(namespace);
      this.#want(namespace);
      return;
    }
    this.#reserved.delete(namespace);
    if (this.#named.has(namespace)) return;
    const group = { ...this.#numbersOf(namespace), name: namespace, signature: this.signatureOf(namespace) };
    this.#shelve(group, this.#now);
    this.#rest(namespace);
    this.#forgetOldest();
  }

  /** Names groups that are new. */
  name(groups: Iterable<PodGroupEntry>): void {
    const byBase = new Map<string, PodGroupEntry[]>();
    for (const group of groups) {
      const siblings = byBase.get(group.base);
      if (siblings === undefined) byBase.set(group.base, [group]);
      else siblings.push(group);
    }
    for (const [base, siblings] of [...byBase].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const sorted = siblings
        .map((group) => ({ group, signature: signatureOf(group) }))
        .sort((a, b) => (a.signature < b.signature ? -1 : 1));
      this.#nameSiblings(base, sorted);
    }
  }

  /** Lets go of the name of a group that is gone; its numbers stay known for as long as nobody needs them. */
  release(group: PodGroupEntry): void {
    const { name, signature } = group;
    if (this.#named.get(name) !== group) return;
    this.#named.delete(name);
    this.#shelve({ ...this.#numbersOf(name), name, signature }, this.#now);
    if (!this.#reserved.has(name)) this.#rest(name);
    this.#forgetOldest();
  }

  /** Notes in which group the pod is; undefined when it is gone. */
  remember(pod: PodKey, group: GroupName | undefined): void {
    if (group === undefined) this.#membership.delete(pod);
    else this.#membership.set(pod, group);
  }

  /** The group in which the pod was when somebody noted it last. */
  groupOf(pod: PodKey): GroupName | undefined {
    return this.#membership.get(pod);
  }

  /** Gives numbers to groups in use that have none, as long as there are any; gives the names that got one. */
  allocateNumbers(): readonly GroupName[] {
    return [...this.#vlans.serve(this.#now), ...this.#vnis.serve(this.#now)];
  }

  /** Groups in use for which no VLAN is left, sorted. */
  withoutVlan(): readonly GroupName[] {
    return this.#vlans.without();
  }

  /** Groups in use for which no VNI is left, sorted. */
  withoutVni(): readonly GroupName[] {
    return this.#vnis.without();
  }

  /** When a number that rests now can go to a group that waits for one; undefined when there is no such thing. */
  get nextRested(): number | undefined {
    const times = [this.#vlans.nextRested, this.#vnis.nextRested].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Namespaces whose own name is kept for their group. */
  reserved(): ReadonlySet<GroupName> {
    return this.#reserved;
  }

  /** Hash of what policies see in the group of the name; empty for one that nobody remembers. */
  signatureOf(name: GroupName): string {
    const named = this.#named.get(name);
    return named === undefined ? (this.#idle.get(baseOf(name))?.get(name)?.signature ?? '') : signatureOf(named);
  }

  vlanOf(name: GroupName): number | undefined {
    return this.#vlans.of(name);
  }

  vniOf(name: GroupName): number | undefined {
    return this.#vnis.of(name);
  }

  /** The table that the next compiler needs to go on as this one did. */
  allocation(): Allocation {
    const groups = new Map<GroupName, AllocatedGroup>();
    for (const name of [...new Set([...this.#reserved, ...this.#named.keys()])].sort()) {
      groups.set(name, { ...this.#numbersOf(name), name, signature: this.signatureOf(name) });
    }
    const resting = new Map<GroupName, RestingGroup>();
    for (const [name, since = this.#now] of this.#idleSince) {
      if (groups.has(name)) continue;
      resting.set(name, { ...this.#numbersOf(name), name, signature: this.signatureOf(name), since });
    }
    const time = { now: this.#now, restFor: this.#restFor };
    return {
      groups,
      resting,
      time,
      membership: new Map(this.#membership),
      preSplit: this.#preSplit,
      spaces: this.#spaces,
    };
  }

  #numbersOf(name: GroupName): Pick<AllocatedGroup, 'vlan' | 'vni'> {
    const vni = this.#vnis.of(name);
    return { vlan: this.#vlans.of(name), ...(vni === undefined ? {} : { vni }) };
  }

  #want(name: GroupName): void {
    this.#vlans.want(name);
    this.#vnis.want(name);
  }

  #rest(name: GroupName): void {
    this.#vlans.rest(name, this.#now);
    this.#vnis.rest(name, this.#now);
  }

  #nameSiblings(base: string, siblings: readonly { group: PodGroupEntry; signature: string }[]): void {
    const idle = this.#idle.get(stemOf(base));
    const give = (group: PodGroupEntry, name: string): void => {
      group.name = name;
      this.#named.set(name, group);
      idle?.delete(name);
      this.#idleSince.delete(name);
      this.#want(name);
    };
    const isFree = (name: string): boolean => !this.#named.has(name);
    const bySignature = new Map([...(idle?.values() ?? [])].toReversed().map((one) => [one.signature, one.name]));
    for (const { group, signature } of siblings) {
      group.signature = signature;
      const known = bySignature.get(signature);
      if (known !== undefined && isFree(known)) give(group, known);
    }
    const open = siblings.filter(({ group }) => group.name === '');
    for (const { group, name } of this.#votes(base, open)) if (group.name === '' && isFree(name)) give(group, name);
    const unnamed = open.filter(({ group }) => group.name === '').map((one) => ({ ...one, size: sizeOf(one.group) }));
    for (const { group, signature } of unnamed.sort((a, b) => b.size - a.size)) {
      give(group, isFree(base) ? base : this.#freeName(base, signature));
    }
  }

  /** Which group holds how many of the pods that a name had before, most pods first. */
  #votes(
    base: string,
    siblings: readonly { group: PodGroupEntry }[],
  ): readonly { group: PodGroupEntry; name: string; pods: number }[] {
    const counted = siblings.flatMap(({ group }) => {
      const pods = new Map<string, number>();
      for (const party of group.parties) {
        for (const { key } of party.members) {
          const name = this.#membership.get(key);
          if (name !== undefined && baseOf(name) === stemOf(base)) pods.set(name, (pods.get(name) ?? 0) + 1);
        }
      }
      return [...pods].map(([name, count]) => ({ group, name, pods: count }));
    });
    return counted.sort((a, b) => b.pods - a.pods || (a.name < b.name ? -1 : 1));
  }

  #freeName(base: string, signature: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const name = `${stemOf(base)}:${shortHash(`${signature}${attempt === 0 ? '' : attempt}`)}`;
      if (!this.#named.has(name)) return name;
    }
  }

  #shelve(group: AllocatedGroup, since: number | undefined): void {
    const base = baseOf(group.name);
    const idle = this.#idle.get(base);
    if (idle === undefined) this.#idle.set(base, new Map([[group.name, group]]));
    else idle.set(group.name, group);
    this.#idleSince.delete(group.name);
    this.#idleSince.set(group.name, since);
  }

  /** Forgets groups that are gone longest, once their numbers have rested, where too many are remembered. */
  #forgetOldest(): void {
    for (const [name, since = this.#now] of this.#idleSince) {
      if (this.#idleSince.size <= MOST_REMEMBERED || this.#now - since < this.#restFor) return;
      this.#idleSince.delete(name);
      const idle = this.#idle.get(baseOf(name));
      idle?.delete(name);
      if (idle?.size === 0) this.#idle.delete(baseOf(name));
      this.#vlans.forget(name);
      this.#vnis.forget(name);
    }
  }
}

/** For groups that are bound on paths a number that no other group has there: they can keep it at the AEP. */
function numbersAlone(spaces: Allocation['spaces']): ReadonlyMap<GroupName, number> {
  const holders = new Map<number, Set<GroupName>>();
  for (const { bound } of spaces.values()) {
    for (const [name, vlan] of bound) holders.set(vlan, (holders.get(vlan) ?? new Set()).add(name));
  }
  const alone = new Map<GroupName, number>();
  for (const [vlan, [name = '', ...others]] of holders) {
    if (others.length === 0 && !alone.has(name)) alone.set(name, vlan);
  }
  return alone;
}

/** What the names of further groups of a base begin with: the base, cut where a long namespace leaves no room. */
const stemOf = (base: string): string => aciName(base, BASE_LIMIT);

/** The stem of the base that a name was made of. */
const baseOf = (name: GroupName): string => stemOf(name.replace(/:[0-9a-z]{6}$/, ''));

const sizeOf = (group: PodGroupEntry): number => [...group.parties].reduce((sum, party) => sum + party.members.size, 0);

/** Hash of what policies see in the group, as text that does not depend on the numbering of policies and peers. */
function signatureOf({ parties }: PodGroupEntry): string {
  const [first] = parties;
  if (first !== undefined && parties.size === 1) return seenIn(first);
  return contentHash([...parties].map(seenIn).sort().join());
}

function seenIn(party: PodParty): string {
  party.seen ??= contentHash(seenText(party));
  return party.seen;
}

const seenText = ({ workload, families, subjects, atoms, blocks, ports }: PodParty): string =>
  [
    workload ?? '',
    familiesIn(families).join(),
    inOrder(subjects.map(subjectText)),
    inOrder(atoms.map((atom) => atom.key)),
    inOrder(blocks[4].atoms.map((atom) => atom.key)),
    inOrder(blocks[6].atoms.map((atom) => atom.key)),
    ports.size === 0 ? '' : JSON.stringify([...ports]),
  ].join('\n');

const inOrder = (texts: string[]): string => (texts.length < 2 ? (texts[0] ?? '') : texts.sort().join('\t'));

const subjectText = ({ key, pods }: PolicyEntry): string => `${key} ${selectorKey(pods)}`;
