import {
  type CompiledChanges,
  type FamilyConnections,
  type GroupFacts,
  type GroupName,
  generalReasons,
  type Permit,
  type PolicyTables,
  permitsOf,
} from '#model/policy';
import { Exceptions } from './exceptions.js';
import { isForeign } from './external-groups.js';
import { heldToFamily } from './foreign-families.js';
import { NamePairs } from './name-pairs.js';
import { type ClassifiedGroup, OpennessClasses } from './openness-classes.js';

/** How the policy is said with contracts; see {@link Rendering}. */
export type RenderingKind = 'explicit' | 'vzAny';

/** What decides between the two. */
export interface RenderingChoice {
  /** Whether contracts with vzAny are used: it speaks for everyone in the VRF. */
  readonly vzAny: 'auto' | 'always' | 'never';
  /** The rendering that the fabric has now; it is left only for a clear advantage. */
  readonly before?: RenderingKind;
}

/** Relations of pairs that nobody named, above which vzAny is worth its being harder to read. */
const MANY_PAIRS = 200;
/** By how much cheaper the other rendering has to be. */
const ADVANTAGE = 2;

/** What a change of the policy makes different in how it is said. */
export interface RenderingChanges {
  /** Whether it is rendered in another way now, so that whatever was said may be different. */
  readonly anew: boolean;
  /** Pairs whose permits may be different, besides those that were said of `groups`. */
  readonly pairs: NamePairs;
  /** Groups of which any pair may be different, and that may stand otherwise toward the whole VRF. */
  readonly groups: ReadonlySet<GroupName>;
}

/**
 * How the policy is said with contracts (policy.md §3.6), kept up change by change. `explicit`: every pair that may talk has
 * a contract. `vzAny`: groups that are free in both directions are open to the whole VRF by one contract, and groups that
 * may not open everything are closed toward it by another; only the remaining pairs have contracts.
 */
export class Rendering {
  readonly #choice: RenderingChoice;
  readonly #classes = new OpennessClasses();
  readonly #exceptions = new Exceptions();
  readonly #permits = new Map<FamilyConnections, readonly Omit<Permit, 'source' | 'destination' | 'why'>[]>();
  readonly #open = new Set<GroupName>();
  readonly #closed = new Set<GroupName>();
  #kind: RenderingKind | undefined;
  #foreign = 0;

  constructor(choice: RenderingChoice) {
    this.#choice = choice;
  }

  get kind(): RenderingKind {
    return this.#kind ?? 'explicit';
  }

  /** Whether the group provides to the whole VRF; none does in the explicit rendering. */
  isOpen(name: GroupName): boolean {
    return this.kind === 'vzAny' && this.#open.has(name);
  }

  /** Whether the openness of others does not apply to the group; to all it does in the explicit rendering. */
  isClosed(name: GroupName): boolean {
    return this.kind === 'vzAny' && this.#closed.has(name);
  }

  /** Groups that are open to the whole VRF, and those closed toward it. */
  get wholeVrf(): { readonly open: ReadonlySet<GroupName>; readonly closed: ReadonlySet<GroupName> } {
    return this.kind === 'vzAny' ? { open: this.#open, closed: this.#closed } : { open: NOBODY, closed: NOBODY };
  }

  facts(name: GroupName): GroupFacts | undefined {
    return this.#classes.of(name)?.facts;
  }

  names(): readonly GroupName[] {
    return [...this.#classes.all()].map(({ facts }) => facts.name);
  }

  /** Takes in a change; gives what is to be said anew. */
  update(tables: PolicyTables, changes: CompiledChanges): RenderingChanges {
    const pairs = new NamePairs();
    const reached = new Set<GroupName>();
    for (const name of changes.removed) this.#forgetPairs(name, reached);
    const groups = this.#setGroups(tables, changes, pairs);
    this.#setPairs(tables, changes, { pairs, reached });
    for (const name of this.#setWholeVrf([...groups, ...reached])) groups.add(name);
    const kind = this.#chosen();
    const anew = kind !== this.#kind;
    this.#kind = kind;
    if (anew) return { anew, pairs: this.#everyPair(), groups: new Set([...groups, ...this.names()]) };
    for (const name of groups) this.#addGeneralPairs(name, pairs);
    return { anew, pairs, groups };
  }

  /** What the policy lets the source open toward the destination, as far as pairs say it. */
  permits(source: GroupName, destination: GroupName): readonly Permit[] {
    return heldToFamily(this.#asCompiled(source, destination), this.facts(source), this.facts(destination));
  }

  #asCompiled(source: GroupName, destination: GroupName): readonly Permit[] {
    const pair = this.#exceptions.get(source, destination);
    if (pair !== undefined) return this.#said(source, destination, pair);
    const [from, to] = [this.#classes.of(source), this.#classes.of(destination)];
    if (from === undefined || to === undefined) return [];
    const connections = this.#classes.between(from.source, to.destination);
    // What a group may do with itself is said by its EPG, whatever the whole VRF may.
    const isSaid = connections !== undefined && (source === destination || !this.#isCovered(from, to));
    return isSaid ? this.#said(source, destination, { connections, why: generalReasons(from.facts, to.facts) }) : [];
  }

  #said(source: GroupName, destination: GroupName, { connections, why }: Parameters<typeof permitsOf>[2]) {
    let known = this.#permits.get(connections);
    if (known === undefined) {
      known = permitsOf('', '', { connections, why: [] }).map(({ family, connections: set }) => ({
        family,
        connections: set,
      }));
      this.#permits.set(connections, known);
    }
    return known.map(({ family, connections: set }) => ({ source, destination, family, connections: set, why }));
  }

  #isCovered(from: ClassifiedGroup, to: ClassifiedGroup): boolean {
    return this.kind === 'vzAny' && from.source.free && this.#open.has(to.facts.name);
  }

  /** Puts groups into their classes; gives those that grant everyone something else than before, or for other reasons. */
  #setGroups(tables: PolicyTables, { removed, groups }: CompiledChanges, pairs: NamePairs): Set<GroupName> {
    const differing = new Set<GroupName>();
    const hadForeign = this.#foreign > 0;
    for (const name of new Set([...removed, ...groups])) {
      if (!this.#setGroup(name, tables.group(name)) && !removed.has(name)) continue;
      differing.add(name);
      for (const destination of this.#exceptions.destinationsOf(name)) pairs.add(name, destination);
      for (const source of this.#exceptions.sourcesOf(name)) pairs.add(source, name);
    }
    // An EPG of VMs in the VRF decides whether outside groups may be open to all of it.
    if (hadForeign !== this.#foreign > 0) {
      for (const { facts } of this.#classes.all()) if (facts.kind === 'external') differing.add(facts.name);
    }
    return differing;
  }

  /** Puts one group where it belongs now; gives whether that, or the reason for it, is another than before. */
  #setGroup(name: GroupName, facts: GroupFacts | undefined): boolean {
    const before = this.#classes.of(name);
    const now = this.#classes.set(name, facts);
    const count = (of: GroupFacts | undefined): number => Number(of !== undefined && isForeign(of));
    this.#foreign += count(facts) - count(before?.facts);
    return before?.source !== now?.source || before?.destination !== now?.destination || before?.why !== now?.why;
  }

  /** Takes out the exceptions of a group that is gone; notes their destinations. */
  #forgetPairs(name: GroupName, reached: Set<GroupName>): void {
    for (const destination of this.#exceptions.destinationsOf(name)) reached.add(destination);
    this.#exceptions.delete(name);
  }

  /** Puts in the exceptions that differ, and notes their destinations. */
  #setPairs(
    tables: PolicyTables,
    { pairs: changed }: CompiledChanges,
    { pairs, reached }: { readonly pairs: NamePairs; readonly reached: Set<GroupName> },
  ): void {
    for (const [source, row] of changed) {
      for (const destination of row) {
        this.#exceptions.set(source, destination, tables.pair(source, destination));
        pairs.add(source, destination);
        reached.add(destination);
      }
    }
  }

  /** Says anew which groups are open and closed; gives those that were not, or no longer are. */
  #setWholeVrf(names: Iterable<GroupName>): ReadonlySet<GroupName> {
    const toggled = new Set<GroupName>();
    const given = [...names];
    const affected = new Set(given);
    for (const name of given) for (const other of this.#exceptions.destinationsOf(name)) affected.add(other);
    for (const name of affected) {
      const group = this.#classes.of(name);
      const open = group !== undefined && this.#mayBeOpen(group);
      const closed = group !== undefined && !group.source.free && !isEmpty(group.facts);
      if (open !== this.#open.has(name) || closed !== this.#closed.has(name)) toggled.add(name);
      this.#open[open ? 'add' : 'delete'](name);
      this.#closed[closed ? 'add' : 'delete'](name);
      this.#classes.setOpen(name, open);
    }
    return toggled;
  }

  /**
   * Whether everyone may reach the group and it may reach everyone, unless somebody who may open everything is denied just
   * it: a permit toward the whole VRF cannot be taken back for one. An EPG of VMs would be opened to the outside as well:
   * an admin decides that.
   */
  #mayBeOpen({ facts, source, destination }: ClassifiedGroup): boolean {
    if (isForeign(facts) || (facts.kind === 'external' && this.#foreign > 0)) return false;
    if (!source.free || !destination.free || isEmpty(facts)) return false;
    for (const other of this.#exceptions.sourcesOf(facts.name)) {
      if (this.#classes.of(other)?.source.free === true) return false;
    }
    return true;
  }

  #chosen(): RenderingKind {
    const { vzAny, before } = this.#choice;
    if (vzAny !== 'auto') return vzAny === 'always' ? 'vzAny' : 'explicit';
    const [pairs, uncovered] = this.#count();
    const left = uncovered + this.#open.size + this.#closed.size;
    const enough =
      (this.#kind ?? before) === 'vzAny'
        ? pairs > MANY_PAIRS / ADVANTAGE
        : pairs > MANY_PAIRS && pairs > left * ADVANTAGE;
    return enough ? 'vzAny' : 'explicit';
  }

  /** How many pairs grant each other something without being named, and how many of them the open groups leave over. */
  #count(): readonly [pairs: number, uncovered: number] {
    let [pairs, uncovered] = [0, 0];
    for (const source of this.#classes.sources()) {
      for (const destination of this.#classes.destinations()) {
        if (this.#classes.between(source, destination) === undefined) continue;
        const { open, others } = destination;
        pairs += source.groups.size * (open.size + others.size);
        uncovered += source.groups.size * (source.free ? others.size : open.size + others.size);
      }
    }
    return [pairs, uncovered];
  }

  /** Pairs of the group that nobody names and that are to be said all the same. */
  #addGeneralPairs(name: GroupName, pairs: NamePairs): void {
    const group = this.#classes.of(name);
    if (group === undefined) return;
    pairs.add(name, name);
    for (const destination of this.#classes.destinations()) {
      if (this.#classes.between(group.source, destination) === undefined) continue;
      for (const other of destination.others) pairs.add(name, other);
      if (this.kind === 'explicit' || !group.source.free) for (const other of destination.open) pairs.add(name, other);
    }
    for (const source of this.#classes.sources()) {
      if (this.#classes.between(source, group.destination) === undefined) continue;
      if (this.isOpen(name) && source.free) continue;
      for (const other of source.groups) pairs.add(other, name);
    }
  }

  #everyPair(): NamePairs {
    const pairs = new NamePairs();
    for (const [source, destination] of this.#exceptions.pairs()) pairs.add(source, destination);
    for (const name of this.names()) this.#addGeneralPairs(name, pairs);
    return pairs;
  }
}

const NOBODY: ReadonlySet<GroupName> = new Set();

const isEmpty = (facts: GroupFacts): boolean => facts.kind === 'pods' && facts.families.length === 0;
