import { isEverything } from '#model/net';
import type { GroupName, Permit } from '#model/policy';
import {
  type ContractPlan,
  type ContractStyle,
  contractName,
  type Flows,
  flowsName,
  flowsTerms,
  flowsText,
} from './contract-plan.js';
import { type Cover, coverKeeping, type Edge } from './vertex-cover.js';

/** Anchors of the stars, by the name of the flows: kept from one time to the next, so that contracts keep their names. */
export type Anchors = ReadonlyMap<string, Cover<GroupName>>;

/** Pairs that may open the same. */
interface Graph {
  readonly flows: Flows;
  readonly edges: Pairing[];
  /** Groups whose members may open it among themselves. */
  readonly inside: Map<GroupName, Set<string>>;
}

interface Pairing extends Edge<GroupName> {
  readonly sources: ReadonlySet<string>;
}

/** Contracts that mean the same as the permits, and the anchors that they have. */
export interface Stars {
  readonly contracts: readonly ContractPlan[];
  readonly anchors: Anchors;
}

/**
 * Packs the permits into as few contracts as there can be without permitting more: pairs with equal flows form a graph,
 * and a contract is a star in it, one provider with many consumers or one consumer with many providers (policy.md §3.7).
 * A pair that is open both ways shares one both-directions contract.
 */
export function starsOf(permits: readonly Permit[], style: ContractStyle, before: Anchors): Stars {
  const anchors = new Map<string, Cover<GroupName>>();
  const contracts: ContractPlan[] = [];
  for (const [name, graph] of graphsOf(permits)) {
    const cover = coverKeeping(graph.edges, before.get(name) ?? NO_ANCHORS);
    anchors.set(name, cover);
    contracts.push(...contractsOf(graph, cover, style));
  }
  return { contracts: contracts.sort((a, b) => (a.name < b.name ? -1 : 1)), anchors };
}

const NO_ANCHORS: Cover<GroupName> = { providers: new Set(), consumers: new Set() };

/** Groups whose members may not talk freely among themselves: everyone without an open permit with itself. */
export function enforcedGroups(groups: readonly GroupName[], permits: readonly Permit[]): ReadonlySet<GroupName> {
  const free = new Set(
    permits.filter((permit) => permit.source === permit.destination && isOpen(permit)).map((permit) => permit.source),
  );
  return new Set(groups.filter((group) => !free.has(group)));
}

const isOpen = (permit: Permit): boolean => permit.family === 'ip' && isEverything(permit.connections);

function graphsOf(permits: readonly Permit[]): ReadonlyMap<string, Graph> {
  const open = openPairs(permits);
  const graphs = new Map<string, Graph>();
  const names = new Map<object, Map<string, string>>();
  for (const permit of permits) {
    const { source, destination, connections, family } = permit;
    const self = source === destination;
    if (self && isOpen(permit)) continue;
    const back = isOpen(permit) ? open.get(destination)?.get(source) : undefined;
    // Of a pair that is open both ways, the one with the greater name provides; the other direction is the same contract.
    if (back !== undefined && source > destination) continue;
    const flows: Flows = { connections, family, mutual: back !== undefined };
    const name = nameOf(names, flows);
    const graph = graphs.get(name) ?? { flows, edges: [], inside: new Map<GroupName, Set<string>>() };
    graphs.set(name, graph);
    const sources = new Set([...permit.why, ...(back?.why ?? [])].map(({ policy }) => policy));
    if (self) graph.inside.set(source, sources);
    else graph.edges.push({ consumer: source, provider: destination, sources });
  }
  return graphs;
}

function openPairs(permits: readonly Permit[]): ReadonlyMap<GroupName, ReadonlyMap<GroupName, Permit>> {
  const open = new Map<GroupName, Map<GroupName, Permit>>();
  for (const permit of permits) {
    if (!isOpen(permit)) continue;
    const known = open.get(permit.source);
    if (known === undefined) open.set(permit.source, new Map([[permit.destination, permit]]));
    else known.set(permit.destination, permit);
  }
  return open;
}

/** {@link flowsName}, worked out once for each set that the compiler made: equal sets are mostly one object. */
function nameOf(known: Map<object, Map<string, string>>, flows: Flows): string {
  const names = known.get(flows.connections) ?? new Map<string, string>();
  known.set(flows.connections, names);
  const key = `${flows.family} ${flows.mutual}`;
  const name = names.get(key) ?? flowsName(flows);
  names.set(key, name);
  return name;
}

interface Star {
  readonly anchor: GroupName;
  readonly side: 'provider' | 'consumer';
  readonly others: Set<GroupName>;
  inside: boolean;
  readonly sources: Set<string>;
}

function contractsOf({ flows, edges, inside }: Graph, cover: Cover<GroupName>, style: ContractStyle): ContractPlan[] {
  const stars = new Map<string, Star>();
  const starOf = (anchor: GroupName, side: Star['side']): Star => {
    const key = `${side} ${anchor}`;
    const star = stars.get(key) ?? { anchor, side, others: new Set(), inside: false, sources: new Set() };
    stars.set(key, star);
    return star;
  };
  for (const { consumer, provider, sources } of edges) {
    const provided = cover.providers.has(provider);
    const star = provided ? starOf(provider, 'provider') : starOf(consumer, 'consumer');
    star.others.add(provided ? consumer : provider);
    for (const source of sources) star.sources.add(source);
  }
  for (const [group, sources] of inside) {
    const star = starOf(group, 'provider');
    star.inside = true;
    for (const source of sources) star.sources.add(source);
  }
  const shared = { connections: flowsText(flows), wholeVrf: undefined };
  const terms = flowsTerms(flows, style);
  // Inside an isolated group the denial (2) stands above what holds VRF-wide (17): replies need words of their own there.
  const termsInside = flowsTerms(flows, { ...style, established: 'pairs' });
  const name = flowsName(flows);
  return [...stars.values()].map((star) => ({
    ...shared,
    name: contractName(star.anchor, star.side, name, style.prefix),
    ...sidesOf(star),
    inside: star.inside ? star.anchor : undefined,
    terms: star.inside ? termsInside : terms,
    sources: [...star.sources].sort(),
  }));
}

/** A star that only the anchor's own members use has nobody on either side. */
function sidesOf({ anchor, side, others }: Star): Pick<ContractPlan, 'providers' | 'consumers'> {
  const anchors = new Set(others.size === 0 ? [] : [anchor]);
  return side === 'provider' ? { providers: anchors, consumers: others } : { providers: others, consumers: anchors };
}
