import {
  type Attributes,
  canonicalMap,
  type FlatObject,
  flatten,
  isOurs,
  MARK_KEYS,
  markDn,
  type ObjectMap,
  ORCHESTRATOR,
  ownerOf,
} from '#model/aci';
import { ACI_NAME_LIMIT, shortHash } from '#model/naming';
import { EVERYTHING } from '#model/net';
import { contractDn, contractTenantDn, type FabricSettings } from '#model/settings';
import { contractObject } from './contract-objects.js';
import { CLOSED_CONTRACT, type ContractRole, filtersOf, flowsTerms } from './contract-plan.js';
import { epgDn } from './endpoint-groups.js';
import { EpgRoles } from './epg-roles.js';
import { filterObject } from './filters.js';
import { marked } from './marks.js';
import { contractPrefix } from './network.js';

/** Pods are on their way from one EPG to another: some hosts have put theirs on the new VLAN, others have not. Dns of both. */
export interface EpgMove {
  readonly from: string;
  readonly to: string;
}

/** What {@link moveBridges} looks at. */
export interface BridgeContext {
  /** What the fabric should hold when all have arrived. */
  readonly wanted: ObjectMap;
  /** What it holds now. */
  readonly actual: ObjectMap;
  readonly settings: FabricSettings;
}

/**
 * What the fabric should hold beside the wanted objects while pods go from EPG to EPG, so that nothing is cut that is allowed
 * before and afterwards (DESIGN.md §6.5, make before break). One host moves its pods when it hears of it, another later: meanwhile
 * a pod that has moved meets one that has not, and neither the old nor the new contracts speak of that pair of EPGs. So the EPG
 * that is left has the relations of the new one as well; what the new one may do among its members, it may with those that are
 * still to come; and an EPG that is not wanted any more stays.
 *
 * Where the rendering denies for the whole VRF (policy.md §3.6, vzAny), a closed EPG that stays would cut what its new, open one
 * may do: it needs a contract that stands above the denial, which may be an old one. There both EPGs have the relations of both,
 * the old ones as well. Relations that deny are not handed on. Pure; empty without moves.
 */
export function moveBridges(moves: readonly EpgMove[], context: BridgeContext): readonly FlatObject[] {
  const { wanted, actual, settings } = context;
  const known = moves.filter(({ from, to }) => wanted.has(to) && isThere(from, context));
  if (known.length === 0) return [];
  const epgs = new Set(known.flatMap(({ from, to }) => [from, to]));
  const isOwn = (object: FlatObject): boolean => isOurs(actual, object, settings.clusterId);
  const roles = { wanted: EpgRoles.of(wanted.values(), epgs), had: EpgRoles.of(actual.values(), epgs, isOwn) };
  const bridges = new EpgRoles();
  const closed = `${contractPrefix(settings)}${CLOSED_CONTRACT}`;
  const closedDn = contractDn(settings, closed);
  const isClosing = wanted.has(closedDn) || actual.has(closedDn);
  for (const move of known) share(move, roles, { bridges, closed, isClosing });
  letPassInside(epgs, roles.wanted, { bridges, context });
  const openings = [...new Set(known.map(({ to }) => to))].filter((to) => isOpenInside(to, context));
  for (const { from, to } of known) if (openings.includes(to)) openTo(from, to, bridges, settings);
  const staying = ownObjects(new Set([...epgs].filter((dn) => !wanted.has(dn))), context);
  const added = [...staying, ...openings.flatMap((to) => openingObjects(to, settings)), ...bridges.objects()];
  return [...canonicalMap(added).values()].filter(({ dn }) => !wanted.has(dn));
}

/** Roles of the EPGs in the wanted fabric, and in the one that is there. */
interface KnownRoles {
  readonly wanted: EpgRoles;
  readonly had: EpgRoles;
}

/** Whether the EPG is wanted, or is there and ours. */
const isThere = (epg: string, { wanted, actual, settings }: BridgeContext): boolean =>
  wanted.has(epg) || ownerOf(actual, epg) === settings.clusterId;

/** What is ours of the EPGs in the fabric: all that is below them, and their bindings with the marks on these. */
function ownObjects(epgs: ReadonlySet<string>, { wanted, actual, settings }: BridgeContext): readonly FlatObject[] {
  const above = epgDn(settings, '');
  const found: FlatObject[] = [];
  for (const object of actual.values()) {
    const epg = object.dn.startsWith(above) ? epgAbove(object.dn, above.length) : boundEpg(object);
    if (epg === undefined || !epgs.has(epg)) continue;
    // Of some relations of ours the APIC is the maker.
    if (object.attributes['annotation'] !== ORCHESTRATOR && !isOurs(actual, object, settings.clusterId)) continue;
    found.push(object);
    if (object.className === BINDING) found.push(...marksOf(object.dn, actual));
  }
  const known = attributesIn(wanted, new Set(found.map(({ className }) => className)));
  return found.map((object) => ({ ...object, attributes: only(object.attributes, known.get(object.className)) }));
}

/** Attributes that we write of objects of these classes: the APIC adds some that nobody may. */
function attributesIn(objects: ObjectMap, classes: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map([...classes].map((name) => [name, new Set<string>()]));
  for (const { className, attributes } of objects.values()) {
    const known = names.get(className);
    if (known !== undefined) for (const name of Object.keys(attributes)) known.add(name);
  }
  return names;
}

const only = (attributes: Attributes, names: ReadonlySet<string> | undefined): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => names?.has(name)));

/** Dn of the EPG at or above the Dn: names of EPGs have no slash. */
function epgAbove(dn: string, from: number): string {
  const end = dn.indexOf('/', from);
  return end < 0 ? dn : dn.slice(0, end);
}

const BINDING = 'infraRsFuncToEpg';

const boundEpg = ({ className, attributes }: FlatObject): string | undefined =>
  className === BINDING ? attributes['tDn'] : undefined;

const marksOf = (dn: string, objects: ObjectMap): readonly FlatObject[] =>
  Object.values(MARK_KEYS).flatMap((key) => objects.get(markDn(dn, key)) ?? []);

interface Bridging {
  readonly bridges: EpgRoles;
  /** Name of the contract that denies, and whether it is in use. */
  readonly closed: string;
  readonly isClosing: boolean;
}

/** Gives the old EPG the roles of the new one, or both those of both, and what the new one may do inside, to both as a pair. */
function share({ from, to }: EpgMove, { wanted, had }: KnownRoles, { bridges, closed, isClosing }: Bridging): void {
  for (const role of ['provides', 'consumes'] as const) {
    const all = (): readonly string[] =>
      [wanted, had].flatMap((roles) => [from, to].flatMap((epg) => roles.contractsOf(epg, role)));
    const contracts = isClosing ? all() : wanted.contractsOf(to, role);
    for (const contract of contracts.filter((name) => name !== closed)) {
      for (const epg of isClosing ? [from, to] : [from]) bridges.add(epg, role, contract);
    }
  }
  for (const contract of wanted.contractsOf(to, 'inside')) {
    for (const epg of [from, to]) {
      bridges.add(epg, 'provides', contract);
      bridges.add(epg, 'consumes', contract);
    }
  }
}

/**
 * A pod that has come to an EPG meets there one that has not left it. What their two new EPGs, or their two old ones, have a contract for
 * passes inside: of a contract both of whose roles an isolated EPG has now, one of them or both by a bridge, its members may make
 * use among themselves. What the whole VRF does (vzAny), it does not do inside an isolated EPG.
 */
function letPassInside(
  epgs: Iterable<string>,
  wanted: EpgRoles,
  { bridges, context }: { readonly bridges: EpgRoles; readonly context: BridgeContext },
): void {
  const everyones = rolesOfAll(context.wanted);
  const has = (epg: string, role: ContractRole, contract: string): boolean =>
    wanted.has(epg, role, contract) || bridges.has(epg, role, contract) || everyones[role].has(contract);
  for (const epg of epgs) {
    if (!isIsolated(epg, context)) continue;
    const bridged = [...bridges.contractsOf(epg, 'provides'), ...bridges.contractsOf(epg, 'consumes')];
    for (const contract of new Set(bridged)) {
      if (has(epg, 'provides', contract) && has(epg, 'consumes', contract) && !wanted.has(epg, 'inside', contract))
        bridges.add(epg, 'inside', contract);
    }
  }
}

/** Contracts that the whole VRF provides or consumes. */
function rolesOfAll(wanted: ObjectMap): Readonly<Record<ContractRole, ReadonlySet<string>>> {
  const roles = { provides: new Set<string>(), consumes: new Set<string>(), inside: new Set<string>() };
  for (const { className, attributes } of wanted.values()) {
    const name = attributes['tnVzBrCPName'] ?? '';
    if (className === 'vzRsAnyToProv') roles.provides.add(name);
    else if (className === 'vzRsAnyToCons') roles.consumes.add(name);
  }
  return roles;
}

const isIsolated = (epg: string, { wanted, actual }: BridgeContext): boolean =>
  (wanted.get(epg) ?? actual.get(epg))?.attributes['pcEnfPref'] === 'enforced';

const isOpenInside = (epg: string, context: BridgeContext): boolean => !isIsolated(epg, context);

/** Lets the members of an EPG that is open inside pass to and from those that are still to come. */
function openTo(from: string, to: string, bridges: EpgRoles, settings: FabricSettings): void {
  for (const epg of [from, to]) {
    for (const role of ['provides', 'consumes'] as const) bridges.add(epg, role, openingName(to, settings));
  }
}

/** The contract by which everything passes between an EPG and those that pods come from. */
function openingName(epg: string, settings: FabricSettings): string {
  const group = epg.slice(epgDn(settings, '').length);
  const whole = `${contractPrefix(settings)}moves-to-${group}`;
  return whole.length <= ACI_NAME_LIMIT ? whole : `${whole.slice(0, ACI_NAME_LIMIT - 11)}-${shortHash(whole, 10)}`;
}

/** The contract with the filter that it needs, marked as ours. */
function openingObjects(epg: string, settings: FabricSettings): readonly FlatObject[] {
  const { clusterId } = settings;
  const style = { prefix: contractPrefix(settings), established: 'pairs' } as const;
  const terms = flowsTerms({ connections: EVERYTHING, family: 'ip', mutual: true }, style);
  const contract = contractObject({ name: openingName(epg, settings), terms });
  const filters = filtersOf(terms).map(filterObject);
  const details = { sources: [] };
  const above = contractTenantDn(settings);
  return [...filters, contract].flatMap((object) => flatten(marked(object, clusterId, details), above));
}
