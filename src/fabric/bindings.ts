import type { FlatObject } from '#model/aci';
import { parentDn, readPathDn } from '#model/aci';

/** Dns of the EPGs that frames with a VLAN fall into, by encapsulation (`vlan-100`). */
export type EncapBindings = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Which EPG a VLAN leads to, from managed objects alone: bindings at an AEP, at a port and at a node (policy.md A2). One
 * VLAN leads to several EPGs where it is bound on several ports.
 */
export function encapBindings(objects: Iterable<FlatObject>): EncapBindings {
  return collect(objects, (_, encap) => encap);
}

/**
 * Which EPG a VLAN leads to on one path, from managed objects alone: bindings of the path, of its leaves, and at any AEP,
 * because which port has which AEP is not in these objects. Several are a mistake: one VLAN on one port is one EPG
 * (policy.md A2). Takes time in proportion to the objects once; a question takes none.
 */
export function pathBindings(objects: Iterable<FlatObject>): (path: string, encap: string) => ReadonlySet<string> {
  const byPlace = collect(objects, (object, encap) => `${placeOf(object)} ${encap}`);
  return (path, encap) => {
    const leaves = (readPathDn(path)?.leaves ?? []).map(
      (leaf) => `${path.split('/').slice(0, 2).join('/')}/node-${leaf}`,
    );
    return new Set([path, ...leaves, ANYWHERE].flatMap((place) => [...(byPlace.get(`${place} ${encap}`) ?? [])]));
  };
}

const ANYWHERE = '*';

/** Dn of the path or leaf of a binding; of one at an AEP any. */
const placeOf = ({ className, attributes }: FlatObject): string =>
  className === 'infraRsFuncToEpg' ? ANYWHERE : (attributes['tDn'] ?? '');

function collect(
  objects: Iterable<FlatObject>,
  keyOf: (object: FlatObject, encap: string) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const bindings = new Map<string, Set<string>>();
  for (const object of objects) {
    const epg = boundEpg(object);
    const encap = object.attributes['encap'];
    if (epg === undefined || encap === undefined || encap === '') continue;
    const key = keyOf(object, encap);
    const known = bindings.get(key);
    if (known === undefined) bindings.set(key, new Set([epg]));
    else known.add(epg);
  }
  return bindings;
}

function boundEpg({ className, dn, attributes }: FlatObject): string | undefined {
  if (className === 'infraRsFuncToEpg') return attributes['tDn'];
  return className === 'fvRsPathAtt' || className === 'fvRsNodeAtt' ? parentDn(dn) : undefined;
}
