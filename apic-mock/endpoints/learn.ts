import { InvalidInputError } from '#errors';
import { type Attributes, canonicalValue, splitDn } from '#model/aci';
import { childOfClass, type ObjectStore, type StoredObject, type Transaction } from '../tree/index.js';
import { addressIn } from '../zoning/index.js';

/** A frame that a leaf sees: from whom, in which VLAN, on which port. */
export interface SeenEndpoint {
  readonly mac: string;
  /** Address that the frame shows, e.g. of an ARP request. */
  readonly ip?: string;
  /** `vlan-100`. */
  readonly encap: string;
  /** Dn of the port: `topology/pod-1/paths-101/pathep-[eth1/1]`. */
  readonly path: string;
}

/** Where an endpoint is known. */
export interface LearnedEndpoint {
  /** Dn of its `fvCEp`. */
  readonly dn: string;
  /** Dn of its group. */
  readonly group: string;
  /** Whether its address was learned too: a bridge domain may not learn addresses, or only those of its subnets. */
  readonly hasAddress: boolean;
}

/**
 * Learns an endpoint as a leaf does: the group is the one that has the VLAN on the port (policy.md A2); a known endpoint
 * moves, with its address. Throws {@link InvalidInputError} when no group is bound there.
 */
export function learn(transaction: Transaction, seen: SeenEndpoint): LearnedEndpoint {
  const mac = canonicalValue('fvCEp', 'mac', seen.mac);
  const { store } = transaction;
  const group = groupAt(store, { ...seen, mac });
  if (group === undefined) {
    throw new InvalidInputError(
      `endpoint ${mac}: no EPG has ${seen.encap} on ${seen.path}; bind one by fvRsPathAtt, fvRsAepAtt or infraRsFuncToEpg`,
    );
  }
  const bd = bridgeDomainOf(store, group);
  leaveOtherGroups(transaction, mac, group, bd);
  const endpoint = placeEndpoint(transaction, group, { ...seen, mac }, bd);
  placePath(transaction, endpoint, seen.path);
  const hasAddress = seen.ip !== undefined && mayLearn(group, bd, seen.ip);
  if (hasAddress && seen.ip !== undefined) placeAddress(transaction, endpoint, seen.ip, bd);
  return { dn: endpoint.dn, group: group.dn, hasAddress };
}

/** The group that a VLAN on a port belongs to: bound to the port, to the port's profile, or by a static endpoint. */
function groupAt(store: ObjectStore, { mac, encap, path }: SeenEndpoint): StoredObject | undefined {
  const byPort = find(store, 'fvRsPathAtt', { tDn: path, encap });
  const byProfile = find(store, 'infraRsFuncToEpg', { encap });
  const byGroup = find(store, 'fvRsAepAtt', { encap });
  const byHost = find(store, 'fvStCEp', { mac, encap });
  return byPort?.parent ?? store.get(byProfile?.attributes.tDn ?? '') ?? byGroup?.parent ?? byHost?.parent;
}

function find(store: ObjectStore, className: string, wanted: Attributes): StoredObject | undefined {
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
