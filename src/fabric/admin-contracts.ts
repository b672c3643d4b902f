import { isOurs, isWithin, lookupDns, type ObjectMap, ORCHESTRATOR, ownerOf, parentDn } from '#model/aci';
import { formatConn, isNothing, unionConn } from '#model/net';
import type { AdminOpening, FamilyConnections, Finding } from '#model/policy';
import { type ContractView, contractViews, type DirectionView } from './contract-views.js';
import { mayMeet } from './zoning-rules.js';

/** What admins have opened on our EPGs. */
export interface AdminContracts {
  /** Sorted by contract, source and destination. */
  readonly openings: readonly AdminOpening[];
  /** One for each contract on each EPG of ours, with what it opens, or why that is not known. */
  readonly findings: readonly Finding[];
}

/** Whose groups are ours. */
export interface OwnGroups {
  readonly clusterId: string;
  /** Dn of our application profile. */
  readonly profile: string;
}

const RELATIONS: ReadonlySet<string> = new Set(['fvRsProv', 'fvRsCons', 'fvRsIntraEpg']);

/**
 * The contracts that an admin has related to EPGs of ours and that are not ours: neither the relation nor the contract carries
 * our marks. A contract that denies something is told and opens nothing: what is left of its permits then depends on
 * priorities that the hosts do not have. Contracts of the whole VRF (vzAny) count only where one of our EPGs is related too.
 */
export function adminContracts(objects: ObjectMap, own: OwnGroups): AdminContracts {
  const related = relatedContracts(objects, own);
  if (related.size === 0) return { openings: [], findings: [] };
  const openings: AdminOpening[] = [];
  const findings: Finding[] = [];
  const views = new Map(contractViews(objects.values()).map((view) => [view.dn, view]));
  for (const [epg, contracts] of [...related].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const name of [...contracts].sort()) {
      const view = views.get(placesOf(name, own).find((dn) => objects.has(dn)) ?? '');
      const opened = view === undefined ? [] : openingsOf(view, epg);
      openings.push(...opened);
      findings.push(findingOf(epg, name, view, opened));
    }
  }
  return { openings: unique(openings), findings };
}

/** Names of contracts that are related to EPGs of ours by others, by the Dn of the EPG. */
function relatedContracts(objects: ObjectMap, own: OwnGroups): ReadonlyMap<string, ReadonlySet<string>> {
  const { clusterId, profile } = own;
  const related = new Map<string, Set<string>>();
  for (const object of objects.values()) {
    const { className, dn, attributes } = object;
    if (!RELATIONS.has(className) || attributes['annotation'] === ORCHESTRATOR || !isWithin(dn, profile)) continue;
    const epg = parentDn(dn) ?? '';
    if (ownerOf(objects, epg) !== clusterId || isOurs(objects, object, clusterId)) continue;
    const name = attributes['tnVzBrCPName'] ?? '';
    // One of our own contracts is not admin-written: who relates it elsewhere changes our policy, and that is drift.
    const isOwn = placesOf(name, own).some((place) => ownerOf(objects, place) === clusterId);
    if (name === '' || isOwn) continue;
    const known = related.get(epg);
    if (known === undefined) related.set(epg, new Set([name]));
    else known.add(name);
  }
  return related;
}

/** Dns where a contract that an EPG of ours is related to is looked up: in our tenant, then in `common` (apic-protocol.md §6.3). */
const placesOf = (name: string, { profile }: OwnGroups): readonly string[] => lookupDns(profile, `brc-${name}`);

/** What the contract opens from the EPG and toward it. */
function openingsOf(view: ContractView, epg: string): readonly AdminOpening[] {
  const { dn: contract, providers, consumers, inside, forward, backward } = view;
  if (denials(view).length > 0) return [];
  const there = connectionsOf(forward);
  const back = connectionsOf(backward);
  const opened = (source: string, destination: string, connections: FamilyConnections): readonly AdminOpening[] =>
    (isNothing(connections.ipv4) && isNothing(connections.ipv6)) || !mayMeet(source, destination)
      ? []
      : [{ contract, source, destination, connections }];
  const consumed = consumers.includes(epg)
    ? providers.flatMap((other) => [...opened(epg, other, there), ...opened(other, epg, back)])
    : [];
  const provided = providers.includes(epg)
    ? consumers.flatMap((other) => [...opened(other, epg, there), ...opened(epg, other, back)])
    : [];
  const among = inside.includes(epg) ? [...opened(epg, epg, there), ...opened(epg, epg, back)] : [];
  return [...consumed, ...provided, ...among];
}

const connectionsOf = ({ opens, opensIpv4, opensIpv6 }: DirectionView): FamilyConnections => ({
  ipv4: unionConn(opens, opensIpv4),
  ipv6: unionConn(opens, opensIpv6),
});

const denials = ({ forward, backward }: ContractView): readonly string[] =>
  [...forward.others, ...backward.others].filter((text) => text.startsWith('deny '));

function findingOf(
  epg: string,
  name: string,
  view: ContractView | undefined,
  opened: readonly AdminOpening[],
): Finding {
  const said = `an admin's contract ${view?.dn ?? name} is related to the EPG`;
  return {
    code: 'ADMIN_CONTRACT',
    severity: 'info',
    object: `EPG/${epg}`,
    message: `${said}; ${meaning(epg, view, opened)}`,
  };
}

function meaning(epg: string, view: ContractView | undefined, opened: readonly AdminOpening[]): string {
  if (view === undefined) {
    return 'it is not in a tenant that the gateway follows, so that what it permits is not known here and the hosts do not let it through';
  }
  if (denials(view).length > 0) return 'it denies something, so that the hosts let through nothing by it';
  if (opened.length === 0) return 'it opens nothing by port alone that the hosts could let through';
  const flows = opened.map(({ source, destination, connections: { ipv4, ipv6 } }) => {
    const ports = [...new Set([formatConn(ipv4), formatConn(ipv6)])].join(' / ');
    return `${source === epg ? 'it' : source} → ${destination === epg ? 'it' : destination} ${ports}`;
  });
  return `the hosts let through what it opens: ${[...new Set(flows)].slice(0, 10).join('; ')}`;
}

function unique(openings: readonly AdminOpening[]): readonly AdminOpening[] {
  const byText = new Map(openings.map((opening) => [JSON.stringify(opening), opening]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, opening]) => opening);
}
