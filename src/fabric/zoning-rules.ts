import { type FlatObject, parentDn } from '#model/aci';
import { type FilterEntry, isUnrestricted, readEntry, reversedEntry } from './filter-entry.js';
import { vrfOf } from './group-vrf.js';
import { ObjectIndex } from './object-index.js';

/** Dn of an EPG or external EPG, or the word `any` for every class of the VRF. */
export type ZoningClass = string;

/** One rule of a leaf: source and destination class, what it matches, and what it does (policy.md A7, A8). */
export interface ZoningRule {
  readonly vrf: string;
  readonly source: ZoningClass;
  readonly destination: ZoningClass;
  /** Undefined matches every packet. */
  readonly entry: FilterEntry | undefined;
  readonly action: 'permit' | 'deny';
  /** Zoning priority; the lower number wins. */
  readonly priority: number;
  /** Dn of the contract, or of the EPG whose isolation made the rule. */
  readonly origin: string;
  /** Name of the contract's subject; undefined where no contract made the rule. */
  readonly subject: string | undefined;
}

/** Zoning priorities by name (policy.md A8). */
export const PRIORITY = {
  classEqFilter: 1,
  classEqDeny: 2,
  classEqAllow: 3,
  fullyQualified: 7,
  sourceDestinationAny: 9,
  sourceAnyFilter: 13,
  anyDestinationFilter: 14,
  sourceAnyAny: 15,
  anyDestinationAny: 16,
  anyAnyFilter: 17,
  anyAnyAny: 21,
} as const;

/** Classes that can be consumer or provider of a contract. */
const MEMBERS = ['fvAEPg', 'l3extInstP'] as const;

/**
 * The rules that leaves would hold for these objects (policy.md A7 to A16), computed from the managed objects alone and
 * never from the compiler's own data, so that a mistake in rendering shows. Not covered: taboos, preferred groups and
 * inter-VRF contracts, none of which the gateway writes.
 */
export function zoningRules(objects: Iterable<FlatObject>): readonly ZoningRule[] {
  const index = new ObjectIndex(objects);
  const parties = contractParties(index);
  return [
    ...[...parties].flatMap(([contract, party]) => rulesOfContract(index, contract, party)),
    ...MEMBERS.flatMap((className) => index.ofClass(className)).flatMap((epg) => isolationRules(index, epg)),
  ];
}

/** A class that takes part in a contract. */
export interface Member {
  readonly vrf: string;
  readonly zoningClass: ZoningClass;
}

/** The sides of a contract. */
export interface Parties {
  readonly consumers: Member[];
  readonly providers: Member[];
  readonly intra: Member[];
}

const ROLES: Readonly<Record<string, keyof Parties>> = {
  fvRsProv: 'providers',
  fvRsCons: 'consumers',
  fvRsIntraEpg: 'intra',
  vzRsAnyToProv: 'providers',
  vzRsAnyToCons: 'consumers',
};

/** Who consumes, provides, and uses among its own members each contract that somebody refers to, by the contract's Dn. */
export function contractParties(index: ObjectIndex): ReadonlyMap<string, Parties> {
  const parties = new Map<string, Parties>();
  for (const [className, role] of Object.entries(ROLES)) {
    for (const relation of index.ofClass(className)) {
      const contract = index.named(relation.dn, `brc-${relation.attributes['tnVzBrCPName'] ?? ''}`);
      if (contract === undefined) continue;
      const known = parties.get(contract.dn) ?? { consumers: [], providers: [], intra: [] };
      known[role].push(...membersOf(index, parentDn(relation.dn) ?? '', role));
      parties.set(contract.dn, known);
    }
  }
  return parties;
}

/** A group with those that inherit from it what it provides and consumes: groups of its class, one step far (fvRsSecInherited). */
function membersOf(index: ObjectIndex, dn: string, role: keyof Parties): readonly Member[] {
  const className = index.get(dn)?.className;
  const heirs =
    role === 'intra'
      ? []
      : index
          .ofClass('fvRsSecInherited')
          .filter((relation) => relation.attributes['tDn'] === dn)
          .map((relation) => parentDn(relation.dn) ?? '')
          .filter((heir) => index.get(heir)?.className === className);
  return [dn, ...heirs].flatMap((group) => memberOf(index, group) ?? []);
}

/** The class of an EPG, external EPG or vzAny, with its VRF; undefined when it is in none. */
function memberOf(index: ObjectIndex, dn: string): Member | undefined {
  if (dn.endsWith('/any')) return { vrf: parentDn(dn) ?? '', zoningClass: 'any' };
  const vrf = vrfOf(index, dn);
  return vrf === undefined ? undefined : { vrf, zoningClass: dn };
}

/** Whether contracts hold between two groups, given by their Dns or `any`: between EPGs and endpoint security groups none does (policy.md A19). */
export const mayMeet = (one: string, other: string): boolean =>
  !(isSecurityGroup(one) && isEpg(other)) && !(isSecurityGroup(other) && isEpg(one));

const isSecurityGroup = (dn: string): boolean => dn.includes('/esg-');

const isEpg = (dn: string): boolean => dn.includes('/epg-');

function rulesOfContract(index: ObjectIndex, contract: string, parties: Parties): readonly ZoningRule[] {
  const directions = entriesOf(index, contract);
  const rules: ZoningRule[] = [];
  for (const consumer of parties.consumers) {
    for (const provider of parties.providers) {
      if (consumer.vrf !== provider.vrf || !mayMeet(consumer.zoningClass, provider.zoningClass)) continue;
      const forward = { vrf: consumer.vrf, source: consumer.zoningClass, destination: provider.zoningClass };
      const backward = { vrf: consumer.vrf, source: provider.zoningClass, destination: consumer.zoningClass };
      for (const item of directions.forward) rules.push(pairRule(contract, forward, item));
      for (const item of directions.backward) rules.push(pairRule(contract, backward, item));
    }
  }
  for (const { vrf, zoningClass } of parties.intra) {
    const inside = { vrf, source: zoningClass, destination: zoningClass };
    for (const term of [...directions.forward, ...directions.backward]) {
      rules.push({ ...pairRule(contract, inside, term), priority: PRIORITY.classEqFilter });
    }
  }
  return rules;
}

/** One filter entry of a subject, in one direction. */
export interface Term {
  readonly subject: string;
  readonly entry: FilterEntry;
  readonly action: 'permit' | 'deny';
  /** In place of the one that the two sides give. */
  readonly priority: number | undefined;
}

/** Levels that a filter that denies may ask for: lowest, medium, highest (`priorityOverride`). */
const OVERRIDES: Readonly<Record<string, number>> = {
  level1: PRIORITY.anyAnyFilter,
  level2: PRIORITY.sourceAnyFilter,
  level3: PRIORITY.fullyQualified,
};

/** Entries of a contract from consumer to provider, and back. In and out terms exclude the subject's own filters (A11). */
export function entriesOf(
  index: ObjectIndex,
  contract: string,
): { forward: readonly Term[]; backward: readonly Term[] } {
  const forward: Term[] = [];
  const backward: Term[] = [];
  for (const subject of index.children(contract, 'vzSubj')) {
    const name = subject.attributes['name'] ?? '';
    const [inTerm] = index.children(subject.dn, 'vzInTerm');
    const [outTerm] = index.children(subject.dn, 'vzOutTerm');
    if (inTerm !== undefined || outTerm !== undefined) {
      if (inTerm !== undefined) forward.push(...termsOf(index, name, index.children(inTerm.dn, 'vzRsFiltAtt')));
      if (outTerm !== undefined) backward.push(...termsOf(index, name, index.children(outTerm.dn, 'vzRsFiltAtt')));
      continue;
    }
    const terms = termsOf(index, name, index.children(subject.dn, 'vzRsSubjFiltAtt'));
    const swapped = subject.attributes['revFltPorts'] !== 'no';
    forward.push(...terms);
    backward.push(...terms.map((term) => (swapped ? { ...term, entry: reversedEntry(term.entry) } : term)));
  }
  return { forward, backward };
}

function termsOf(index: ObjectIndex, subject: string, relations: readonly FlatObject[]): readonly Term[] {
  return relations.flatMap((relation) => {
    const name = relation.attributes['tnVzFilterName'] ?? '';
    const filter = index.named(relation.dn, `flt-${name}`);
    if (filter === undefined) return [];
    const action = relation.attributes['action'] === 'deny' ? ('deny' as const) : ('permit' as const);
    const priority = action === 'deny' ? OVERRIDES[relation.attributes['priorityOverride'] ?? ''] : undefined;
    return index
      .children(filter.dn, 'vzEntry')
      .map((entry) => ({ subject, entry: readEntry(name, entry.attributes), action, priority }));
  });
}

function pairRule(
  origin: string,
  pair: Pick<ZoningRule, 'vrf' | 'source' | 'destination'>,
  { subject, entry, action, priority }: Term,
): ZoningRule {
  return { ...pair, entry, action, priority: priority ?? pairPriority(pair, isUnrestricted(entry)), origin, subject };
}

function pairPriority({ source, destination }: Pick<ZoningRule, 'source' | 'destination'>, whole: boolean): number {
  if (source !== 'any' && destination !== 'any') {
    return whole ? PRIORITY.sourceDestinationAny : PRIORITY.fullyQualified;
  }
  if (source !== 'any') return whole ? PRIORITY.sourceAnyAny : PRIORITY.sourceAnyFilter;
  if (destination !== 'any') return whole ? PRIORITY.anyDestinationAny : PRIORITY.anyDestinationFilter;
  return whole ? PRIORITY.anyAnyAny : PRIORITY.anyAnyFilter;
}

/** Members of one EPG talk freely unless it is isolated or has a contract for the inside (policy.md A10, A16). */
function isolationRules(index: ObjectIndex, epg: FlatObject): readonly ZoningRule[] {
  const vrf = vrfOf(index, epg.dn);
  if (vrf === undefined) return [];
  const own = { vrf, source: epg.dn, destination: epg.dn, entry: undefined, origin: epg.dn, subject: undefined };
  const hasContract = index
    .children(epg.dn, 'fvRsIntraEpg')
    .some(({ dn, attributes }) => index.named(dn, `brc-${attributes['tnVzBrCPName'] ?? ''}`) !== undefined);
  const isolated = epg.attributes['pcEnfPref'] === 'enforced' || hasContract;
  if (isolated) return [{ ...own, action: 'deny', priority: PRIORITY.classEqDeny }];
  return [{ ...own, action: 'permit', priority: PRIORITY.classEqAllow }];
}
