import type { FlatObject } from '#model/aci';
import { parentDn } from '#model/aci';

/** Dns of the EPGs that frames with a VLAN fall into, by encapsulation (`vlan-100`). */
export type EncapBindings = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Which EPG a VLAN leads to, from managed objects alone: bindings at an AEP, at a port and at a node (policy.md A2). One
 * VLAN leads to several EPGs where it is bound on several ports.
 */
export function encapBindings(objects: Iterable<FlatObject>): EncapBindings {
  const bindings = new Map<string, Set<string>>();
  for (const object of objects) {
    const epg = boundEpg(object);
    const encap = object.attributes['encap'];
    if (epg === undefined || encap === undefined || encap === '') continue;
    const known = bindings.get(encap);
    if (known === undefined) bindings.set(encap, new Set([epg]));
    else known.add(epg);
  }
  return bindings;
}

function boundEpg({ className, dn, attributes }: FlatObject): string | undefined {
  if (className === 'infraRsFuncToEpg') return attributes['tDn'];
  return className === 'fvRsPathAtt' || className === 'fvRsNodeAtt' ? parentDn(dn) : undefined;
}
