import type { GroupName } from '#model/policy';
import { contractTenantDn, type FabricSettings } from '#model/settings';
import { contractObject, wholeVrfRelations } from './contract-objects.js';
import {
  CLOSED_CONTRACT,
  type ContractPlan,
  type ContractStyle,
  type ContractTerms,
  closedContract,
  contractName,
  establishedContract,
  filtersOf,
  flowsTerms,
  flowsText,
  OPEN_CONTRACT,
  openContract,
} from './contract-plan.js';
import type { ContractLoad } from './fabric-load.js';
import type { FabricParts } from './fabric-parts.js';
import { filterObject } from './filters.js';
import { marked } from './marks.js';
import { vrfObject, vrfWideFilters } from './network.js';
import { RelationIndex } from './relations.js';
import type { Rendering } from './rendering.js';
import { isNoStar, type Star, type StarListener } from './star-graph.js';

/** The contracts of the fabric with their filters and relations, kept up star by star. */
export class ContractBook implements StarListener {
  readonly relations = new RelationIndex();
  readonly #settings: FabricSettings;
  readonly #style: ContractStyle;
  readonly #parts: FabricParts;
  /** Dn of what the contracts, the filters and the VRF are in. */
  readonly #tenantDn: string;
  readonly #names = new Map<Star, string>();
  readonly #stars = new Map<string, Star>();
  readonly #wholeVrf = new Map<string, ContractPlan>();
  /** Terms by the name of the flows, between groups and inside one. */
  readonly #terms = { between: new Map<string, ContractTerms>(), inside: new Map<string, ContractTerms>() };
  /** How many contracts refer to a filter. */
  readonly #filterUses = new Map<string, number>();
  readonly #termsInUse = new Map<string, ContractTerms>();

  constructor(settings: FabricSettings, style: ContractStyle, parts: FabricParts) {
    this.#settings = settings;
    this.#style = style;
    this.#parts = parts;
    this.#tenantDn = contractTenantDn(settings);
    for (const filter of vrfWideFilters(settings)) this.#useFilter(filter, 1);
    this.#setVrf();
  }

  joined(star: Star, group: GroupName): void {
    const name = this.#nameOf(star);
    this.relations.add(group, name, star.side === 'provider' ? 'consumes' : 'provides');
    if (star.others.size === 1)
      this.relations.add(star.anchor, name, star.side === 'provider' ? 'provides' : 'consumes');
  }

  left(star: Star, group: GroupName): void {
    const name = this.#nameOf(star);
    this.relations.delete(group, name, star.side === 'provider' ? 'consumes' : 'provides');
    if (star.others.size > 0) return;
    this.relations.delete(star.anchor, name, star.side === 'provider' ? 'provides' : 'consumes');
  }

  /** Takes in a star that changed, or is none any more. */
  setStar(star: Star): void {
    const name = this.#nameOf(star);
    if (star.inside === undefined) this.relations.delete(star.anchor, name, 'inside');
    else this.relations.add(star.anchor, name, 'inside');
    if (isNoStar(star)) {
      this.#names.delete(star);
      this.#stars.delete(name);
      this.#setContract(name, undefined);
      return;
    }
    this.#stars.set(name, star);
    this.#setContract(name, { terms: this.#termsOf(star), sources: sourcesOf(star) });
  }

  /** Takes in how groups stand toward the whole VRF. */
  setWholeVrf(rendering: Rendering, groups: Iterable<GroupName>): void {
    const { prefix, established } = this.#style;
    const { open, closed } = rendering.wholeVrf;
    const plans = [
      ...(established === 'vrf' ? [establishedContract(prefix)] : []),
      ...(rendering.kind === 'vzAny' ? [openContract(open, this.#style)] : []),
      ...(closed.size > 0 ? [closedContract(closed, vrfWideFilters(this.#settings), this.#style)] : []),
    ];
    const names = new Set(plans.map(({ name }) => name));
    const gone = [...this.#wholeVrf.keys()].filter((name) => !names.has(name));
    const isSame = gone.length === 0 && names.size === this.#wholeVrf.size;
    for (const name of gone) this.#setContract(name, undefined);
    this.#wholeVrf.clear();
    for (const plan of plans) {
      this.#wholeVrf.set(plan.name, plan);
      if (!isSame) this.#setContract(plan.name, plan);
    }
    if (!isSame) this.#setVrf();
    for (const group of groups) {
      this.relations.put(group, `${prefix}${OPEN_CONTRACT}`, { role: 'provides', wanted: rendering.isOpen(group) });
      this.relations.put(group, `${prefix}${CLOSED_CONTRACT}`, { role: 'consumes', wanted: rendering.isClosed(group) });
    }
  }

  /** Policies behind the contracts that a group takes part in. */
  policiesOf(group: GroupName): readonly string[] {
    const policies = new Set<string>();
    for (const contract of this.relations.contractsOf(group)) {
      const star = this.#stars.get(contract);
      for (const policy of star?.sources.keys() ?? []) policies.add(policy);
      for (const policy of star?.inside ?? []) policies.add(policy);
    }
    return [...policies];
  }

  /** Every contract as it is now, sorted by name. */
  plans(): readonly ContractPlan[] {
    const stars = [...this.#stars].map(([name, star]) => this.#planOf(name, star));
    return [...stars, ...this.#wholeVrf.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How many contracts there are. */
  get size(): number {
    return this.#stars.size + this.#wholeVrf.size;
  }

  /** What each contract takes, in no order. */
  *loads(): Generator<ContractLoad> {
    for (const star of this.#stars.values()) {
      const inside = star.inside !== undefined;
      yield { pairs: star.others.size, inside, isEveryone: false, star, terms: this.#termsOf(star) };
    }
    for (const { wholeVrf, providers, consumers, terms } of this.#wholeVrf.values()) {
      const isEveryone = wholeVrf === 'both';
      const pairs = isEveryone ? 1 : providers.size + consumers.size;
      yield { pairs, inside: false, isEveryone, star: undefined, terms };
    }
  }

  #planOf(name: string, star: Star): ContractPlan {
    const anchors = new Set(star.others.size === 0 ? [] : [star.anchor]);
    const others = new Set(star.others);
    const isProvider = star.side === 'provider';
    return {
      name,
      providers: isProvider ? anchors : others,
      consumers: isProvider ? others : anchors,
      inside: star.inside === undefined ? undefined : star.anchor,
      wholeVrf: undefined,
      connections: flowsText(star.flows),
      terms: this.#termsOf(star),
      sources: sourcesOf(star),
    };
  }

  #nameOf(star: Star): string {
    const known = this.#names.get(star);
    if (known !== undefined) return known;
    const name = contractName(star.anchor, star.side, star.flowsName, this.#style.prefix);
    this.#names.set(star, name);
    return name;
  }

  #termsOf({ flows, flowsName, inside }: Star): ContractTerms {
    const known = inside === undefined ? this.#terms.between : this.#terms.inside;
    const before = known.get(flowsName);
    if (before !== undefined) return before;
    // Inside an isolated group the denial (2) stands above what holds VRF-wide (17): replies need words of their own there.
    const style = inside === undefined ? this.#style : { ...this.#style, established: 'pairs' as const };
    const terms = flowsTerms(flows, style);
    known.set(flowsName, terms);
    return terms;
  }

  #setContract(name: string, plan: Pick<ContractPlan, 'terms' | 'sources'> | undefined): void {
    const before = this.#termsInUse.get(name);
    if (before !== plan?.terms) {
      for (const filter of plan === undefined ? [] : filtersOf(plan.terms)) this.#useFilter(filter, 1);
      for (const filter of before === undefined ? [] : filtersOf(before)) this.#useFilter(filter, -1);
    }
    if (plan === undefined) {
      this.#termsInUse.delete(name);
      this.#parts.set('contract', name, this.#tenantDn, undefined);
      return;
    }
    this.#termsInUse.set(name, plan.terms);
    const object = marked(contractObject({ name, terms: plan.terms }), this.#settings.clusterId, plan);
    this.#parts.set('contract', name, this.#tenantDn, object);
  }

  #useFilter(filter: Parameters<typeof filterObject>[0], by: 1 | -1): void {
    const uses = (this.#filterUses.get(filter.name) ?? 0) + by;
    this.#filterUses.set(filter.name, uses);
    if (uses === 1 && by === 1) {
      const object = marked(filterObject(filter), this.#settings.clusterId, { sources: [] });
      this.#parts.set('filter', filter.name, this.#tenantDn, object);
    } else if (uses === 0) {
      this.#filterUses.delete(filter.name);
      this.#parts.set('filter', filter.name, this.#tenantDn, undefined);
    }
  }

  #setVrf(): void {
    const relations = wholeVrfRelations([...this.#wholeVrf.values()]);
    this.#parts.set('network', 'vrf', this.#tenantDn, vrfObject(this.#settings, relations));
  }
}

const sourcesOf = ({ sources, inside }: Star): readonly string[] =>
  [...new Set([...sources.keys(), ...(inside ?? [])])].sort();
