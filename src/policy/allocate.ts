import { selectorKey } from '#model/kubernetes';
import { aciName, contentHash, shortHash } from '#model/naming';
import type { AllocatedGroup, Allocation, GroupName, PodKey } from '#model/policy';
import { familiesIn } from './family-mask.js';
import type { PodGroupEntry } from './group-entry.js';
import { BASE_LIMIT } from './group-names.js';
import type { PodParty, PolicyEntry } from './parties.js';

/** VLAN ids that may be given to groups, both ends included. */
export interface VlanPool {
  readonly from: number;
  readonly to: number;
}

/**
 * Gives groups names and VLANs so that nothing churns (policy.md §3.9): a new group takes the name that was remembered
 * for its signature, else the name under which most of its pods were known, else one after its base. Every namespace has
 * a group with its own name, even without pods.
 */
export class Allocator {
  readonly #pool: VlanPool | undefined;
  readonly #preSplit: boolean | undefined;
  /** Remembered groups that are not in use, by base, then by name. */
  readonly #idle = new Map<string, Map<GroupName, AllocatedGroup>>();
  readonly #named = new Map<GroupName, PodGroupEntry>();
  readonly #reserved = new Set<GroupName>();
  readonly #withoutVlan = new Set<GroupName>();
  readonly #vlans = new Map<GroupName, number>();
  readonly #usedVlans = new Set<number>();
  readonly #membership: Map<PodKey, GroupName>;
  readonly #spaces: Allocation['spaces'];
  /** VLANs that are bound on paths: until those go, another group with the same number would be at fault there. */
  readonly #onPaths: ReadonlySet<number>;
  #highestVlan: number;

  constructor(remembered: Allocation, pool: VlanPool | undefined) {
    this.#pool = pool;
    this.#preSplit = remembered.preSplit;
    this.#membership = new Map(remembered.membership);
    this.#spaces = remembered.spaces;
    this.#onPaths = new Set([...remembered.spaces.values()].flatMap(({ bound }) => [...bound.values()]));
    this.#highestVlan = (pool?.from ?? 0) - 1;
    const alone = pool === undefined ? new Map<GroupName, number>() : numbersAlone(remembered.spaces);
    for (const group of remembered.groups.values()) this.#take({ ...group, vlan: group.vlan ?? alone.get(group.name) });
  }

  /** Takes in what is remembered of a group. Without a pool its VLAN stays what it was. */
  #take(group: AllocatedGroup): void {
    this.#shelve(group);
    const { name, vlan } = group;
    if (vlan === undefined) return;
    const { from, to } = this.#pool ?? { from: vlan, to: vlan };
    this.#highestVlan = Math.max(this.#highestVlan, Math.min(vlan, to));
    if (vlan < from || vlan > to || this.#usedVlans.has(vlan)) return;
    this.#vlans.set(name, vlan);
    this.#usedVlans.add(vlan);
  }

  /** Keeps the name of a namespace for its own group, or lets it go. */
  reserve(namespace: string, wanted: boolean): void {
    if (!wanted) {
      this.#reserved.delete(namespace);
      this.#withoutVlan.delete(namespace);
      return;
    }
    this.#reserved.add(namespace);
    if (!this.#vlans.has(namespace)) this.#withoutVlan.add(namespace);
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

  /** Lets go of the name of a group that is gone; its VLAN stays known for as long as nobody needs the number. */
  release(group: PodGroupEntry): void {
    if (this.#named.get(group.name) !== group) return;
    this.#named.delete(group.name);
    this.#withoutVlan.delete(group.name);
    const vlan = this.#vlans.get(group.name);
    this.#shelve({ name: group.name, vlan, signature: group.signature });
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

  /** Gives VLANs to groups in use that have none, as long as there are any; gives the names that got one. */
  allocateVlans(): readonly GroupName[] {
    const given: GroupName[] = [];
    if (this.#pool === undefined) return given;
    for (const name of this.withoutVlan()) {
      if (!this.#allocateVlan(name, this.#pool)) break;
      this.#withoutVlan.delete(name);
      given.push(name);
    }
    return given;
  }

  /** Groups in use for which no VLAN is left, sorted. */
  withoutVlan(): readonly GroupName[] {
    return [...this.#withoutVlan].sort();
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
    return this.#vlans.get(name);
  }

  /** The table that the next compiler needs to go on as this one did. */
  allocation(): Allocation {
    const groups = new Map<GroupName, AllocatedGroup>();
    for (const name of [...new Set([...this.#reserved, ...this.#named.keys()])].sort()) {
      const vlan = this.#vlans.get(name);
      groups.set(name, { name, vlan, signature: this.signatureOf(name) });
    }
    return { groups, membership: new Map(this.#membership), preSplit: this.#preSplit, spaces: this.#spaces };
  }

  #nameSiblings(base: string, siblings: readonly { group: PodGroupEntry; signature: string }[]): void {
    const idle = this.#idle.get(stemOf(base));
    const give = (group: PodGroupEntry, name: string): void => {
      group.name = name;
      this.#named.set(name, group);
      idle?.delete(name);
      if (!this.#vlans.has(name)) this.#withoutVlan.add(name);
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

  /** The next number above the highest, so that a freed one is not given again at once; then from below. */
  #allocateVlan(name: GroupName, { from, to }: VlanPool): boolean {
    for (const avoided of [this.#onPaths, NONE]) {
      for (let step = 1; step <= to - from + 1; step += 1) {
        const vlan = from + ((this.#highestVlan - from + step) % (to - from + 1));
        if (this.#usedVlans.has(vlan) || avoided.has(vlan)) continue;
        return this.#giveVlan(name, vlan);
      }
      if (this.#onPaths.size === 0) break;
    }
    for (const [other, vlan] of this.#vlans) {
      if (this.#named.has(other) || this.#reserved.has(other)) continue;
      this.#vlans.delete(other);
      return this.#giveVlan(name, vlan);
    }
    return false;
  }

  #giveVlan(name: GroupName, vlan: number): true {
    this.#vlans.set(name, vlan);
    this.#usedVlans.add(vlan);
    this.#highestVlan = vlan;
    return true;
  }

  #shelve(group: AllocatedGroup): void {
    const base = baseOf(group.name);
    const idle = this.#idle.get(base);
    if (idle === undefined) this.#idle.set(base, new Map([[group.name, group]]));
    else idle.set(group.name, group);
  }
}

const NONE: ReadonlySet<number> = new Set();

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
