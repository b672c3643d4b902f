import { formatConn, isEverything, isNothing } from '#model/net';
import { type FamilyConnections, type GroupFacts, type GroupName, generally, type Openness } from '#model/policy';
import { isForeign } from './external-groups.js';

/** Groups that grant everyone the same as sources: two of them differ only in the pairs that rules name. */
export interface SourceClass {
  readonly example: GroupFacts;
  /** Whether they may open everything toward everyone. */
  readonly free: boolean;
  readonly groups: Set<GroupName>;
}

/** Groups that grant everyone the same as destinations: those open to the whole VRF, and the others. */
export interface DestinationClass {
  readonly example: GroupFacts;
  readonly free: boolean;
  readonly open: Set<GroupName>;
  readonly others: Set<GroupName>;
}

/** Where one group stands. */
export interface ClassifiedGroup {
  readonly facts: GroupFacts;
  readonly source: SourceClass;
  readonly destination: DestinationClass;
  /** Policies behind what the group grants everyone, as text. */
  readonly why: string;
}

/**
 * The groups by what they grant everyone. A cluster has many groups and few classes of them: what holds between two classes
 * is looked at once, whatever the number of groups.
 */
export class OpennessClasses {
  readonly #groups = new Map<GroupName, ClassifiedGroup>();
  readonly #sources = new Map<string, SourceClass>();
  readonly #destinations = new Map<string, DestinationClass>();
  readonly #between = new Map<SourceClass, Map<DestinationClass, FamilyConnections | undefined>>();
  readonly #texts = new Map<FamilyConnections, string>();

  of(name: GroupName): ClassifiedGroup | undefined {
    return this.#groups.get(name);
  }

  all(): Iterable<ClassifiedGroup> {
    return this.#groups.values();
  }

  sources(): Iterable<SourceClass> {
    return this.#sources.values();
  }

  destinations(): Iterable<DestinationClass> {
    return this.#destinations.values();
  }

  /** Puts the group where it belongs now, and says where that is; undefined facts take it out. */
  set(name: GroupName, facts: GroupFacts | undefined): ClassifiedGroup | undefined {
    const before = this.#groups.get(name);
    const isOpen = before?.destination.open.has(name) === true;
    // The new classes first: one that only this group is in stays the same class.
    const now =
      facts === undefined
        ? undefined
        : { facts, source: this.#sourceOf(facts), destination: this.#destinationOf(facts), why: policiesOf(facts) };
    now?.source.groups.add(name);
    now?.destination[isOpen ? 'open' : 'others'].add(name);
    if (before !== undefined && before.source !== now?.source) this.#leaveSource(name, before.source);
    if (before !== undefined && before.destination !== now?.destination)
      this.#leaveDestination(name, before.destination);
    if (now === undefined) this.#groups.delete(name);
    else this.#groups.set(name, now);
    return now;
  }

  /** Says whether the group is open to the whole VRF. */
  setOpen(name: GroupName, open: boolean): void {
    const destination = this.#groups.get(name)?.destination;
    destination?.[open ? 'others' : 'open'].delete(name);
    destination?.[open ? 'open' : 'others'].add(name);
  }

  /** What groups of the classes grant each other without being named; undefined where that is nothing. */
  between(source: SourceClass, destination: DestinationClass): FamilyConnections | undefined {
    let known = this.#between.get(source);
    if (known === undefined) {
      known = new Map();
      this.#between.set(source, known);
    }
    if (!known.has(destination)) known.set(destination, granted(source, destination));
    return known.get(destination);
  }

  #leaveSource(name: GroupName, source: SourceClass): void {
    source.groups.delete(name);
    if (source.groups.size > 0) return;
    this.#sources.delete(this.#sourceKey(source.example));
    this.#between.delete(source);
  }

  #leaveDestination(name: GroupName, destination: DestinationClass): void {
    destination.open.delete(name);
    destination.others.delete(name);
    if (destination.open.size + destination.others.size > 0) return;
    this.#destinations.delete(this.#destinationKey(destination.example));
    for (const row of this.#between.values()) row.delete(destination);
  }

  #sourceOf(example: GroupFacts): SourceClass {
    const key = this.#sourceKey(example);
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const fresh = { example, free: isFree(example, 'egress'), groups: new Set<GroupName>() };
    this.#sources.set(key, fresh);
    return fresh;
  }

  #destinationOf(example: GroupFacts): DestinationClass {
    const key = this.#destinationKey(example);
    const known = this.#destinations.get(key);
    if (known !== undefined) return known;
    const free = isFree(example, 'ingress');
    const fresh = { example, free, open: new Set<GroupName>(), others: new Set<GroupName>() };
    this.#destinations.set(key, fresh);
    return fresh;
  }

  #sourceKey = (facts: GroupFacts): string => this.#key(facts, 'egress');
  #destinationKey = (facts: GroupFacts): string => this.#key(facts, 'ingress');

  #key(facts: GroupFacts, direction: 'egress' | 'ingress'): string {
    if (facts.kind === 'external') return `outside ${facts.family}`;
    if (isForeign(facts)) return `outside ${[...new Set(facts.prefixes.map(({ family }) => family))].join()}`;
    const { pods, outside } = facts[direction];
    return `pods ${facts.families.join()} ${this.#text(pods)}|${this.#text(outside)}`;
  }

  /** Equal connections of one compiler are mostly one object: each is written once. */
  #text(connections: FamilyConnections): string {
    const known = this.#texts.get(connections);
    if (known !== undefined) return known;
    const text = `${formatConn(connections.ipv4)}/${formatConn(connections.ipv6)}`;
    this.#texts.set(connections, text);
    return text;
  }
}

function granted(source: SourceClass, destination: DestinationClass): FamilyConnections | undefined {
  if (source.example.kind !== 'pods' && destination.example.kind !== 'pods') return undefined;
  const { connections } = generally(source.example, destination.example);
  return isNothing(connections.ipv4) && isNothing(connections.ipv6) ? undefined : connections;
}

/** Whether the direction grants everyone everything. */
const isFree = (facts: GroupFacts, direction: 'ingress' | 'egress'): boolean =>
  facts.kind !== 'pods' ||
  [facts[direction].pods, facts[direction].outside].every(({ ipv4, ipv6 }) => isEverything(ipv4) && isEverything(ipv6));

function policiesOf(facts: GroupFacts): string {
  if (facts.kind !== 'pods') return '';
  const names = ({ why }: Openness): string => [...new Set(why.map(({ policy }) => policy))].sort().join();
  return `${names(facts.egress)}|${names(facts.ingress)}`;
}
