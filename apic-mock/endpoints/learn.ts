import { InvalidInputError } from '#errors';
import { type Attributes, canonicalValue, parentDn, splitDn } from '#model/aci';
import { childOfClass, type ObjectStore, type StoredObject, type Transaction } from '../tree/index.js';
import { addressIn } from '../zoning/index.js';
import { canonicalAddress } from './ip-address.js';

/** A frame that a leaf sees: from whom, in which VLAN, on which port. */
export interface SeenEndpoint {
  readonly mac: string;
  /** Address that the frame shows, e.g. of an ARP request; IPv4 or IPv6. */
  readonly ip?: string;
  /** Further addresses of it. */
  readonly ips?: readonly string[];
  /** `vlan-100`. */
  readonly encap: string;
  /** Dn of the port: `topology/pod-1/paths-101/pathep-[eth1/1]`. */
  readonly path: string;
  /** Dn of its EPG, when no binding says it: machines of a VMM domain, whose VLANs are handed out. */
  readonly epg?: string;
}

/** Where an endpoint is known. */
export interface LearnedEndpoint {
  /** Dn of its `fvCEp`. */
  readonly dn: string;
  /** Dn of its group. */
  readonly group: string;
  /** Whether all its addresses were learned too: a bridge domain may not learn any, or only those of its subnets. */
  readonly hasAddress: boolean;
}

/**
 * Learns an endpoint as a leaf does: the group is the one that has the VLAN on the port (policy.md A2); a known endpoint
 * moves, with its addresses. Throws {@link InvalidInputError} that names what is not there: the address, the EPG, the
 * path, or a group that is bound there.
 */
export function learn(transaction: Transaction, seen: SeenEndpoint): LearnedEndpoint {
  const mac = canonicalValue('fvCEp', 'mac', seen.mac);
  if (!MAC.test(mac)) throw new InvalidInputError(`mac: expected six pairs of hex digits, found '${seen.mac}'`);
  const addresses = [...(seen.ip === undefined ? [] : [seen.ip]), ...(seen.ips ?? [])].map(canonicalAddress);
  const { store } = transaction;
  const group = seen.epg === undefined ? boundGroup(store, { ...seen, mac }) : namedGroup(store, seen.epg, seen.path);
  const bd = bridgeDomainOf(store, group);
  leaveOtherGroups(transaction, mac, group, bd);
  const endpoint = placeEndpoint(transaction, group, { ...seen, mac }, bd);
  placePath(transaction, endpoint, seen.path);
  const learned = addresses.filter((address) => mayLearn(group, bd, address));
  for (const address of learned) placeAddress(transaction, endpoint, address, bd);
  const hasAddress = addresses.length > 0 && learned.length === addresses.length;
  return { dn: endpoint.dn, group: group.dn, hasAddress };
}

const MAC = /^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/;

/** The EPG that the caller names. */
function namedGroup(store: ObjectStore, epg: string, path: string): StoredObject {
  const group = store.get(epg);
  if (group === undefined || !GROUPS.has(group.className)) {
    throw new InvalidInputError(`epg: expected the Dn of an EPG that exists, found '${epg}'`);
  }
  requirePath(store, path);
  return group;
}

const GROUPS: ReadonlySet<string> = new Set(['fvAEPg', 'fvESg']);

/** The EPG that the VLAN on the port belongs to. A path that a binding names is one, whoever made it. */
function boundGroup(store: ObjectStore, seen: SeenEndpoint): StoredObject {
  const group = groupAt(store, seen);
  if (group === undefined || !group.children.has(`rspathAtt-[${seen.path}]`)) requirePath(store, seen.path);
  if (group !== undefined) return group;
  const { mac, encap, path } = seen;
  throw new InvalidInputError(
    `endpoint ${mac}: no EPG has ${encap} on ${path}; bind one by fvRsPathAtt, fvRsAepAtt or infraRsFuncToEpg`,
  );
}

/** Throws when there is no such path. Bundles have names of their own: it is enough that their leaves are there. */
function requirePath(store: ObjectStore, path: string): void {
  const isBundle = !/\/pathep-\[eth[^\]]*\]$/.test(path) && store.get(parentDn(path) ?? '') !== undefined;
  if (store.get(path) === undefined && !isBundle) {
    throw new InvalidInputError(`path: expected the Dn of a path that exists, found '${path}'`);
  }
}

/** The group that a VLAN on a port belongs to: bound to the port, to the port's profile, or by a static endpoint. */
function groupAt(store: ObjectStore, { mac, encap, path }: SeenEndpoint): StoredObject | undefined {
  const byPort = findObject(store, 'fvRsPathAtt', { tDn: path, encap });
  const byProfile = findObject(store, 'infraRsFuncToEpg', { encap });
  const byGroup = findObject(store, 'fvRsAepAtt', { encap });
  const byHost = findObject(store, 'fvStCEp', { mac, encap });
  return byPort?.parent ?? store.get(byProfile?.attributes.tDn ?? '') ?? byGroup?.parent ?? byHost?.parent;
}

function findObject(store: ObjectStore, className: string, wanted: Attributes): StoredObject | undefined {
  for (const object of store.ofClass(className)) {
    if (Object.entries(wanted).every(([name, value]) => object.attributes[name] === value)) return object;
  }
  return undefined;
}

function bridgeDomainOf(store: ObjectStore, group: StoredObject): StoredObject | undefined {
  return store.get(childOfClass(group, 'fvRsBd')?.attributes.tDn ?? '');
}

/** A MAC is in one group of a bridge domain at a time. */
function leaveOtherGroups(
  transaction: Transaction,
  mac: string,
  group: StoredObject,
  bd: StoredObject | undefined,
): void {
  for (const endpoint of endpointsOf(transaction.store, mac)) {
    const owner = endpoint.parent;
    if (owner !== undefined && owner !== group && bridgeDomainOf(transaction.store, owner) === bd) {
      transaction.remove(endpoint);
    }
  }
}

/** All `fvCEp` of a MAC. */
export const endpointsOf = (store: ObjectStore, mac: string): readonly StoredObject[] =>
  [...store.ofClass('fvCEp')].filter(({ attributes }) => attributes.name === mac);

function placeEndpoint(
  transaction: Transaction,
  group: StoredObject,
  { mac, encap, path }: SeenEndpoint,
  bd: StoredObject | undefined,
): StoredObject {
  const found = {
    mac,
    encap,
    fabricPathDn: path,
    lcC: 'learned',
    ip: '0.0.0.0',
    bdDn: bd?.dn ?? '',
    vrfDn: vrfOf(bd),
    baseEpgDn: group.dn,
  };
  const known = group.children.get(`cep-${mac}`);
  if (known === undefined) return transaction.create('fvCEp', group, `cep-${mac}`, { name: mac, ...found });
  transaction.update(known, found);
  const { fabricPathDn, bdDn, vrfDn, baseEpgDn } = { ...found, fabricPathDn: path };
  for (const child of known.children.values()) {
    if (child.className === 'fvIp') transaction.update(child, { fabricPathDn, bdDn, vrfDn, baseEpgDn });
  }
  return known;
}

const vrfOf = (bd: StoredObject | undefined): string =>
  bd === undefined ? '' : (childOfClass(bd, 'fvRsCtx')?.attributes.tDn ?? '');

/** The endpoint is on one path; each leaf of it reports it. */
function placePath(transaction: Transaction, endpoint: StoredObject, path: string): void {
  const rn = `rscEpToPathEp-[${path}]`;
  for (const child of endpoint.children.values()) {
    if (child.className === 'fvRsCEpToPathEp' && child.rn !== rn) transaction.remove(child);
  }
  if (endpoint.children.has(rn)) return;
  const relation = transaction.create('fvRsCEpToPathEp', endpoint, rn, { tDn: path, lcC: 'learned' });
  for (const id of nodesOf(path)) transaction.create('fvReportingNode', relation, `node-${id}`, { id, lcC: 'learned' });
}

/** `…/paths-101/…` → 101; `…/protpaths-101-102/…` → both. */
function nodesOf(path: string): readonly string[] {
  const step = splitDn(path).find((rn) => /^(prot)?paths-/.test(rn)) ?? '';
  return step.split('-').slice(1);
}

/** Whether the bridge domain learns the address (aci-model.md §4: ipLearning, unicastRoute, limitIpLearnToSubnets). */
function mayLearn(group: StoredObject, bd: StoredObject | undefined, ip: string): boolean {
  const { unicastRoute = 'yes', ipLearning = 'yes', limitIpLearnToSubnets = 'yes' } = bd?.attributes ?? {};
  if (unicastRoute === 'no' || ipLearning === 'no') return false;
  if (limitIpLearnToSubnets === 'no') return true;
  const subnets = [...(bd?.children.values() ?? []), ...group.children.values()].filter(
    ({ className }) => className === 'fvSubnet',
  );
  return subnets.length === 0 || subnets.some(({ attributes }) => addressIn(attributes.ip ?? '', ip));
}

function placeAddress(
  transaction: Transaction,
  endpoint: StoredObject,
  ip: string,
  bd: StoredObject | undefined,
): void {
  const vrfDn = vrfOf(bd);
  for (const other of transaction.store.ofClass('fvIp')) {
    const { addr, vrfDn: otherVrf } = other.attributes;
    if (addr === ip && otherVrf === vrfDn && other.parent !== endpoint) transaction.remove(other);
  }
  const { fabricPathDn = '', bdDn = '', baseEpgDn = '' } = endpoint.attributes;
  const given = { fabricPathDn, bdDn, baseEpgDn, vrfDn };
  const known = endpoint.children.get(`ip-[${ip}]`);
  if (known !== undefined) transaction.update(known, given);
  else transaction.create('fvIp', endpoint, `ip-[${ip}]`, { addr: ip, createTs: transaction.time, ...given });
}
