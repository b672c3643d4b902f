import { type Attributes, canonicalValue, splitDn } from '#model/aci';
import { type Change, childOfClass, type ObjectStore, type StoredObject, type Transaction } from '../tree/index.js';

/** An object that a leaf has: its class and RN below the one before, and what it says. */
interface Step {
  readonly className: string;
  readonly rn: string;
  readonly attributes: Attributes;
}

/**
 * What the leaves that report an endpoint know of it (apic-protocol.md §6.7): `epmMacEp` and `epmIpEp` in the database of
 * its VLAN, `sys/ctx-[vxlan-…]/bd-[vxlan-…]/vlan-[…]/db-ep`, as clients parse it (EnhancedEndpointTracker), and the relation
 * from the MAC to each address. They follow `fvCEp`, `fvIp` and `fvReportingNode`, whoever makes these.
 */
export class LeafEndpoints {
  /** Dns of what was made for each endpoint, parents first. */
  readonly #made = new Map<string, readonly string[]>();

  /** Brings the leaves up to date with what has changed. Costs a look at each change and what the endpoints concerned have. */
  follow(changes: readonly Change[], transaction: Transaction): void {
    const concerned = new Set<string>();
    for (const change of changes) for (const dn of endpointsConcerned(change)) concerned.add(dn);
    for (const dn of concerned) this.#write(transaction, dn);
  }

  #write(transaction: Transaction, dn: string): void {
    const { store } = transaction;
    const endpoint = store.get(dn);
    const made = endpoint === undefined ? [] : ways(store, endpoint).flatMap((way) => make(transaction, way));
    const kept = new Set(made);
    const gone = (this.#made.get(dn) ?? []).filter((old) => !kept.has(old));
    // The lowest first: rooms that several endpoints share go with the last of them.
    for (const old of gone.toReversed()) removeUnused(transaction, old);
    if (made.length === 0) this.#made.delete(dn);
    else this.#made.set(dn, [...kept]);
  }
}

function endpointsConcerned(change: Change): readonly string[] {
  const { object } = change;
  switch (object.className) {
    case 'fvCEp':
      return [object.dn];
    case 'fvIp':
      return [object.parent?.dn ?? ''];
    case 'fvReportingNode':
      return [object.parent?.parent?.dn ?? ''];
    case 'fvAEPg':
      return change.kind === 'modified' && (change.changed.pcTag ?? change.changed.scope) !== undefined
        ? [...object.children.values()].filter(({ className }) => className === 'fvCEp').map(({ dn }) => dn)
        : [];
    default:
      return [];
  }
}

/** A chain of objects below a leaf's system. */
interface Way {
  readonly leaf: StoredObject;
  readonly steps: readonly Step[];
}

/** All that the leaves of an endpoint should have. None while its bridge domain has no numbers. */
function ways(store: ObjectStore, endpoint: StoredObject): readonly Way[] {
  const rooms = roomsOf(store, endpoint);
  if (rooms === undefined) return [];
  const relation = childOfClass(endpoint, 'fvRsCEpToPathEp');
  const nodes = [...(relation?.children.values() ?? [])].filter(({ className }) => className === 'fvReportingNode');
  const addresses = [...endpoint.children.values()].filter(({ className }) => className === 'fvIp');
  const said = whatIsSaid(endpoint, { path: relation?.attributes.tDn ?? '', isPair: nodes.length > 1 });
  return nodes.flatMap(({ attributes: { id = '' } }) => {
    const leaf = store.get(leafDn(relation?.attributes.tDn ?? '', id));
    if (leaf === undefined) return [];
    const entries = addresses.flatMap(({ attributes: { addr = '' } }) => addressSteps(leaf, rooms, said, addr));
    return [[said.mac], ...entries].map((steps) => ({ leaf, steps: [...rooms, ...steps] }));
  });
}

/** `topology/pod-1/paths-101/…` and a node of it → `topology/pod-1/node-101/sys`. */
const leafDn = (path: string, node: string): string => [...splitDn(path).slice(0, 2), `node-${node}`, 'sys'].join('/');

/** VRF, bridge domain and VLAN on the leaf, and the database of the VLAN. */
function roomsOf(store: ObjectStore, endpoint: StoredObject): readonly Step[] | undefined {
  const { bdDn = '', vrfDn = '', encap = '' } = endpoint.attributes;
  const [bd, vrf, group] = [store.get(bdDn), store.get(vrfDn), endpoint.parent];
  if (bd === undefined || vrf === undefined || group === undefined || encap === '') return undefined;
  const vrfEncap = `vxlan-${vrf.attributes.seg}`;
  const bdEncap = `vxlan-${bd.attributes.seg}`;
  return [
    step('l3Ctx', `ctx-[${vrfEncap}]`, { encap: vrfEncap, ctxPKey: vrfDn, name: vrf.attributes.name ?? '' }),
    step('l2BD', `bd-[${bdEncap}]`, { fabEncap: bdEncap, bdDn, name: bd.attributes.name ?? '' }),
    step('vlanCktEp', `vlan-[${encap}]`, { encap, epgDn: group.dn, pcTag: group.attributes.pcTag ?? '', operSt: 'up' }),
    step('epmDb', 'db-ep', { type: 'ep' }),
  ];
}

const step = (className: string, rn: string, attributes: Attributes): Step => ({ className, rn, attributes });

interface Said {
  readonly mac: Step;
  readonly port: Attributes;
  readonly isPair: boolean;
}

/** A bundle is `po1` on every leaf: its number there is a guess. */
function whatIsSaid(endpoint: StoredObject, { path, isPair }: { path: string; isPair: boolean }): Said {
  const { mac: addr = '' } = endpoint.attributes;
  const [, port = ''] = /\/pathep-\[(.*)\]$/.exec(path) ?? [];
  const on = { ifId: port.startsWith('eth') ? port : 'po1', pcTag: endpoint.parent?.attributes.pcTag ?? '' };
  const mac = step('epmMacEp', `mac-${addr}`, { addr, ...on, flags: flags('epmMacEp', 'mac', isPair) });
  return { mac, port: on, isPair };
}

const flags = (className: string, kind: string, isPair: boolean): string =>
  canonicalValue(className, 'flags', ['local', kind, ...(isPair ? ['vpc-attached'] : [])].join(','));

/** An address, and the relation of its MAC to it. */
function addressSteps(
  leaf: StoredObject,
  rooms: readonly Step[],
  said: Said,
  addr: string,
): readonly (readonly Step[])[] {
  const rn = `ip-[${addr}]`;
  const tDn = [leaf.dn, ...rooms.map((room) => room.rn), rn].join('/');
  const formed = { tDn, tCl: 'epmIpEp', state: 'formed' };
  return [
    [step('epmIpEp', rn, { addr, ...said.port, flags: flags('epmIpEp', 'ip', said.isPair) })],
    [said.mac, step('epmRsMacEpToIpEpAtt', `rsmacEpToIpEpAtt-[${tDn}]`, formed)],
  ];
}

const STAMPED: ReadonlySet<string> = new Set(['vlanCktEp', 'epmMacEp', 'epmIpEp']);

/** Makes what is missing of the chain and gives the Dns of all of it. */
function make(transaction: Transaction, { leaf, steps }: Way): readonly string[] {
  let above = leaf;
  return steps.map(({ className, rn, attributes }) => {
    const known = above.children.get(rn);
    const stamp = STAMPED.has(className) ? { createTs: transaction.time } : {};
    if (known === undefined) above = transaction.create(className, above, rn, { ...stamp, ...attributes });
    else {
      transaction.update(known, attributes);
      above = known;
    }
    return above.dn;
  });
}

const ROOMS: ReadonlySet<string> = new Set(['l3Ctx', 'l2BD', 'vlanCktEp', 'epmDb']);

function removeUnused(transaction: Transaction, dn: string): void {
  const object = transaction.store.get(dn);
  if (object !== undefined && (!ROOMS.has(object.className) || object.children.size === 0)) transaction.remove(object);
}
