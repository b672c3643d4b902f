import { type ManagedObject, managedObject } from '#model/aci';
import { ACI_NAME_LIMIT, shortHash } from '#model/naming';
import { type ConnSet, formatConn, isAllPorts, isEverything, PROTOCOLS } from '#model/net';
import type { GroupName, Permit } from '#model/policy';
import { type EtherFamily, everythingFilter, type FilterPlan, forwardFilters, reverseFilters } from './filters.js';

/** A contract as a star: one provider, any number of consumers, one set of connections (policy.md §3.7). */
export interface ContractPlan {
  readonly name: string;
  readonly provider: GroupName;
  readonly consumers: ReadonlySet<GroupName>;
  /** The provider's members use it among themselves (fvRsIntraEpg). */
  readonly intra: boolean;
  /** What the contract opens, as text for people. */
  readonly connections: string;
  readonly terms: ContractTerms;
  readonly sources: readonly string[];
}

/** Filters of a contract's subject: one list for both directions, or one for each. */
export type ContractTerms =
  | { readonly kind: 'both'; readonly filters: readonly FilterPlan[] }
  | { readonly kind: 'terms'; readonly forward: readonly FilterPlan[]; readonly reverse: readonly FilterPlan[] };

/**
 * Builds the contracts that mean the same as the permits; `prefix` stands before every contract and filter name. A pair
 * that is open both ways shares one both-directions contract.
 */
export function contractPlans(permits: readonly Permit[], prefix: string): readonly ContractPlan[] {
  const plans = new Map<string, MutablePlan>();
  const open = new Set(permits.filter(isOpen).map((permit) => pairKey(permit.source, permit.destination)));
  for (const permit of permits) {
    const self = permit.source === permit.destination;
    if (self && isOpen(permit)) continue;
    const mutual = isOpen(permit) && open.has(pairKey(permit.destination, permit.source));
    // Of a pair that is open both ways, the one with the greater name provides; the other direction is the same contract.
    if (mutual && permit.source > permit.destination) {
      addSources(plans, permit);
      continue;
    }
    addPermit(plans, permit, mutual);
  }
  return [...plans.values()].map((plan) => finished(plan, prefix)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Groups whose members may not talk freely among themselves: everyone without an open permit with itself. */
export function enforcedGroups(groups: readonly GroupName[], permits: readonly Permit[]): ReadonlySet<GroupName> {
  const free = new Set(
    permits.filter((permit) => permit.source === permit.destination && isOpen(permit)).map((permit) => permit.source),
  );
  return new Set(groups.filter((group) => !free.has(group)));
}

interface MutablePlan {
  readonly name: string;
  readonly provider: GroupName;
  readonly consumers: Set<GroupName>;
  intra: boolean;
  readonly connections: string;
  readonly terms: ContractTerms;
  readonly sources: Set<string>;
}

const isOpen = (permit: Permit): boolean => permit.family === 'ip' && isEverything(permit.connections);

const pairKey = (source: GroupName, destination: GroupName): string => `${source}\n${destination}`;

function addPermit(plans: Map<string, MutablePlan>, permit: Permit, mutual: boolean): void {
  const name = contractName(permit.destination, mutual ? 'both' : connectionName(permit.connections, permit.family));
  const plan = plans.get(name) ?? {
    name,
    provider: permit.destination,
    consumers: new Set<GroupName>(),
    intra: false,
    connections: connectionsText(permit, mutual),
    terms: mutual ? bothDirections() : directedTerms(permit.connections, permit.family),
    sources: new Set<string>(),
  };
  if (permit.source === permit.destination) plan.intra = true;
  else plan.consumers.add(permit.source);
  for (const reason of permit.why) plan.sources.add(reason.policy);
  plans.set(name, plan);
}

/** The reverse permit of a mutual pair: its reasons belong to the contract that the other direction made. */
function addSources(plans: Map<string, MutablePlan>, permit: Permit): void {
  const plan = plans.get(contractName(permit.source, 'both'));
  for (const reason of permit.why) plan?.sources.add(reason.policy);
}

function connectionsText({ connections, family }: Permit, mutual: boolean): string {
  if (mutual) return 'ALL both ways';
  return family === 'ip' ? formatConn(connections) : `${formatConn(connections)} (${family})`;
}

const bothDirections = (): ContractTerms => ({ kind: 'both', filters: [everythingFilter('ip')] });

const directedTerms = (connections: ConnSet, family: EtherFamily): ContractTerms => ({
  kind: 'terms',
  forward: forwardFilters(connections, family),
  reverse: reverseFilters(connections, family),
});

function finished(plan: MutablePlan, prefix: string): ContractPlan {
  const named = (filters: readonly FilterPlan[]): readonly FilterPlan[] =>
    filters.map((filter) => ({ ...filter, name: `${prefix}${filter.name}` }));
  const terms: ContractTerms =
    plan.terms.kind === 'both'
      ? { kind: 'both', filters: named(plan.terms.filters) }
      : { kind: 'terms', forward: named(plan.terms.forward), reverse: named(plan.terms.reverse) };
  return { ...plan, name: prefixedName(plan, prefix), terms, sources: [...plan.sources].sort() };
}

function prefixedName({ name, provider }: MutablePlan, prefix: string): string {
  const whole = `${prefix}${name}`;
  if (whole.length <= ACI_NAME_LIMIT) return whole;
  const hash = shortHash(whole, 10);
  return `${prefix}${provider}`.slice(0, ACI_NAME_LIMIT - hash.length - 1).concat(`_${hash}`);
}

/** `<provider>_<connections>`: an underscore cannot occur in either half of a group's name. */
const contractName = (provider: GroupName, connections: string): string => `${provider}_${connections}`;

/** `tcp-80.udp-53` while it is short enough to read, else a hash of the set. */
function connectionName(connections: ConnSet, family: EtherFamily): string {
  const suffix = family === 'ip' ? '' : `.${family}`;
  if (isEverything(connections)) return `all${suffix}`;
  const parts = PROTOCOLS.filter((protocol) => connections[protocol].length > 0).map((protocol) => {
    if (isAllPorts(connections[protocol])) return protocol;
    return `${protocol}-${connections[protocol].map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join('-and-')}`;
  });
  const name = `${parts.join('.')}${suffix}`;
  return name.length <= 24 ? name : `ports-${shortHash(`${formatConn(connections)}${suffix}`, 10)}`;
}

/** The managed object of a contract. In and out terms exclude filters of the subject itself (policy.md A11). */
export function contractObject(plan: ContractPlan): ManagedObject {
  return managedObject('vzBrCP', { name: plan.name, scope: 'context' }, [subjectObject(plan.terms)]);
}

function subjectObject(terms: ContractTerms): ManagedObject {
  if (terms.kind === 'both') {
    const filters = terms.filters.map(({ name }) => managedObject('vzRsSubjFiltAtt', { tnVzFilterName: name }));
    return managedObject('vzSubj', { name: 'all', revFltPorts: 'yes' }, filters);
  }
  const relations = (filters: readonly FilterPlan[]): readonly ManagedObject[] =>
    filters.map(({ name }) => managedObject('vzRsFiltAtt', { tnVzFilterName: name }));
  return managedObject('vzSubj', { name: 'flows' }, [
    managedObject('vzInTerm', {}, relations(terms.forward)),
    managedObject('vzOutTerm', {}, relations(terms.reverse)),
  ]);
}

/** Filters that the contracts refer to, each once, by name. */
export function filtersOf(plans: readonly ContractPlan[]): readonly FilterPlan[] {
  const filters = new Map<string, FilterPlan>();
  for (const { terms } of plans) {
    for (const filter of terms.kind === 'both' ? terms.filters : [...terms.forward, ...terms.reverse]) {
      filters.set(filter.name, filter);
    }
  }
  return [...filters.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
