import { childOfClass, type ObjectStore, type StoredObject } from '../tree/index.js';

/** An address that a leaf knows, with what classifies it. */
export interface Endpoint {
  readonly address: string;
  readonly mac: string;
  /** The EPG that its VLAN and port belong to. */
  readonly group: StoredObject;
  readonly bridgeDomain: StoredObject | undefined;
  readonly vrf: StoredObject | undefined;
}

/**
 * The endpoint that has an address: a learned one, else a static one (fvStCEp). The VRF, by its Dn, may be left open.
 */
export function endpointAt(store: ObjectStore, address: string, vrfDn: string | undefined): Endpoint | undefined {
  for (const endpoint of candidates(store, address)) {
    if (vrfDn === undefined || endpoint.vrf?.dn === vrfDn) return endpoint;
  }
  return undefined;
}

function* candidates(store: ObjectStore, address: string): Generator<Endpoint> {
  for (const { attributes, parent } of store.ofClass('fvIp')) {
    if (attributes.addr === address && parent !== undefined) yield* endpoint(store, parent, address);
  }
  for (const host of store.ofClass('fvStCEp')) {
    const isIt = host.attributes.ip === address || host.children.has(`ip-[${address}]`);
    if (isIt) yield* endpoint(store, host, address);
  }
}

function* endpoint(store: ObjectStore, holder: StoredObject, address: string): Generator<Endpoint> {
  const group = holder.parent;
  if (group === undefined) return;
  const bridgeDomain = targetOf(store, group, 'fvRsBd');
  const vrf = bridgeDomain === undefined ? undefined : targetOf(store, bridgeDomain, 'fvRsCtx');
  yield { address, mac: holder.attributes.mac ?? '', group, bridgeDomain, vrf };
}

/** The target of an object's single relation of a class, if it is formed. */
export function targetOf(store: ObjectStore, object: StoredObject, relationClass: string): StoredObject | undefined {
  const relation = childOfClass(object, relationClass);
  return relation?.attributes.state === 'formed' ? store.get(relation.attributes.tDn ?? '') : undefined;
}
