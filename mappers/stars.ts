import { isEverything } from '#model/net';
import type { GroupName, Permit, RuleReference } from '#model/policy';
import { type Flows, flowsName } from './contract-plan.js';
import { type Star, type StarEdge, StarGraph, type StarListener } from './star-graph.js';
import type { Cover } from './vertex-cover.js';

/** Anchors of the stars, by the name of the flows: kept from one time to the next, so that contracts keep their names. */
export type Anchors = ReadonlyMap<string, Cover<GroupName>>;

/** One thing that a pair may open. */
interface Part {
  readonly flows: Flows;
  readonly consumer: GroupName;
  readonly provider: GroupName;
  readonly sources: readonly string[];
}

interface PlacedPart {
  readonly graph: StarGraph;
  readonly edge: StarEdge;
}

/**
 * Packs permits into as few contracts as there can be without permitting more: pairs with equal flows form a graph, and a
 * contract is a star in it, one provider with many consumers or one consumer with many providers (policy.md §3.7). A pair
 * that is open both ways shares one both-directions contract. Kept up pair by pair.
 */
export class Stars {
  readonly #before: Anchors;
  readonly #listener: StarListener;
  readonly #graphs = new Map<string, StarGraph>();
  readonly #names = new Map<object, Map<string, string>>();
  readonly #placed = new Map<GroupName, Map<GroupName, readonly PlacedPart[]>>();
  readonly #dirty = new Set<StarGraph>();

  constructor(before: Anchors, listener: StarListener) {
    this.#before = before;
    this.#listener = listener;
  }

  get anchors(): Anchors {
    return new Map([...this.#graphs].map(([name, { anchors }]) => [name, anchors]));
  }

  /** Every star, in no order. */
  all(): readonly Star[] {
    return [...this.#graphs.values()].flatMap((graph) => graph.stars());
  }

  /** Groups with which something of the group is placed. */
  partnersOf(group: GroupName): Iterable<GroupName> {
    return this.#placed.get(group)?.keys() ?? [];
  }

  /** Every pair of which something is placed. */
  *pairs(): Generator<readonly [GroupName, GroupName]> {
    for (const [a, row] of this.#placed) for (const b of row.keys()) if (a <= b) yield [a, b];
  }

  /** Says what two groups may open toward each other: permits of both directions, or of a group with itself. */
  place(a: GroupName, b: GroupName, permits: readonly Permit[]): void {
    const before = this.#placed.get(a)?.get(b) ?? NOTHING_PLACED;
    const wanted = partsOf(permits).map((part) => ({ part, graph: this.#graphOf(part.flows) }));
    const isKept = ({ graph, edge }: PlacedPart): boolean =>
      wanted.some((one) => one.graph === graph && isSameEdge(edge, one.part));
    for (const placed of before) if (!isKept(placed)) this.#take(placed);
    const now = wanted.map(({ part, graph }) => {
      const kept = before.find((placed) => placed.graph === graph && isSameEdge(placed.edge, part));
      return kept ?? this.#put(part, graph);
    });
    this.#remember(a, b, now);
  }

  /** Packs what changed; gives the stars that may be other contracts now, those that are none any more included. */
  settle(): ReadonlySet<Star> {
    const changed = new Set<Star>();
    for (const graph of this.#dirty) {
      for (const star of graph.settle()) changed.add(star);
      if (graph.isEmpty) this.#graphs.delete(graph.name);
    }
    this.#dirty.clear();
    return changed;
  }

  #put({ consumer, provider, sources }: Part, graph: StarGraph): PlacedPart {
    const edge: StarEdge = { consumer, provider, sources, star: undefined };
    if (consumer === provider) graph.setInside(consumer, sources);
    else graph.add(edge);
    this.#dirty.add(graph);
    return { graph, edge };
  }

  #take({ graph, edge }: PlacedPart): void {
    if (edge.consumer === edge.provider) graph.setInside(edge.consumer, undefined);
    else graph.remove(edge);
    this.#dirty.add(graph);
  }

  #remember(a: GroupName, b: GroupName, parts: readonly PlacedPart[]): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const row = this.#placed.get(from);
      if (parts.length > 0) {
        if (row === undefined) this.#placed.set(from, new Map([[to, parts]]));
        else row.set(to, parts);
      } else if (row?.delete(to) === true && row.size === 0) this.#placed.delete(from);
    }
  }

  #graphOf(flows: Flows): StarGraph {
    const name = this.#nameOf(flows);
    const known = this.#graphs.get(name);
    if (known !== undefined) return known;
    const anchors = this.#before.get(name) ?? NO_ANCHORS;
    const graph = new StarGraph(flows, name, { anchors, listener: this.#listener });
    this.#graphs.set(name, graph);
    return graph;
  }

  /** {@link flowsName}, worked out once for each set that the compiler made: equal sets are mostly one object. */
  #nameOf(flows: Flows): string {
    const names = this.#names.get(flows.connections) ?? new Map<string, string>();
    this.#names.set(flows.connections, names);
    const key = `${flows.family} ${flows.mutual}`;
    const name = names.get(key) ?? flowsName(flows);
    names.set(key, name);
    return name;
  }
}

const NOTHING_PLACED: readonly PlacedPart[] = [];
const NO_ANCHORS: Cover<GroupName> = { providers: new Set(), consumers: new Set() };

/** Whether all may be opened, in every family: of a group with itself, that nothing keeps its members apart. */
export const isOpen = (permit: Permit): boolean => permit.family === 'ip' && isEverything(permit.connections);

/** What is to be said of a pair. Of one that is open both ways, the greater name provides: both directions are one contract. */
function partsOf(permits: readonly Permit[]): readonly Part[] {
  const open = permits.filter(isOpen);
  const [first] = open;
  if (first !== undefined && first.source === first.destination) return [];
  const mutual = open.length === 2;
  return permits.flatMap((permit) => {
    const both = mutual && isOpen(permit);
    if (both && permit.source > permit.destination) return [];
    const why = both ? open.flatMap((one) => one.why) : permit.why;
    return {
      flows: { connections: permit.connections, family: permit.family, mutual: both },
      consumer: permit.source,
      provider: permit.destination,
      sources: policiesIn(why),
    };
  });
}

/** Names of the policies, sorted, each once. */
function policiesIn(why: readonly RuleReference[]): readonly string[] {
  const [first, second] = why;
  if (first === undefined) return NO_POLICIES;
  // Most permits come from one rule, or from one on each side.
  if (second === undefined || (why.length === 2 && first.policy === second.policy)) return [first.policy];
  if (why.length === 2)
    return first.policy < second.policy ? [first.policy, second.policy] : [second.policy, first.policy];
  return [...new Set(why.map(({ policy }) => policy))].sort();
}

const NO_POLICIES: readonly string[] = [];

const isSameEdge = (edge: StarEdge, part: Part): boolean =>
  edge.consumer === part.consumer &&
  edge.provider === part.provider &&
  edge.sources.length === part.sources.length &&
  edge.sources.every((source, index) => source === part.sources[index]);
