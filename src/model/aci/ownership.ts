import { classRow } from './classes.js';
import { parentDn } from './dn.js';
import type { FlatObject } from './managed-object.js';
import type { ObjectMap } from './object-map.js';

/** `annotation` of every object that the gateway writes, after the convention `orchestrator:<name>` (aci-model.md §3). */
export const ORCHESTRATOR = 'orchestrator:aci-gateway';

/** Keys of the tagAnnotations on each object that is owned as a whole, together with everything below it. */
export const MARK_KEYS = {
  /** Cluster id of the gateway that owns the object. */
  owner: 'aci-gateway-owner',
  /** Kubernetes objects that asked for it. */
  source: 'aci-gateway-source',
  /** Hash of what was written. */
  hash: 'aci-gateway-hash',
  /** On EPGs: what policies saw in the group, so that a lost allocation is found again. */
  signature: 'aci-gateway-signature',
  /** On EPGs: VNI of the group in the overlay. */
  vni: 'aci-gateway-vni',
  /** On EPGs: groups of the policy that are one in the fabric. Many take several marks, with `.1`, `.2` … after the key. */
  joined: 'aci-gateway-joined',
} as const;

/** Dn of a mark of an object. */
export const markDn = (dn: string, key: string): string => `${dn}/annotationKey-[${key}]`;

/** Dn of the nearest object at or above that carries an owner mark, in one set of objects. */
export function rootOf(objects: ObjectMap, dn: string): string | undefined {
  for (let current: string | undefined = dn; current !== undefined; current = parentDn(current)) {
    if (objects.has(markDn(current, MARK_KEYS.owner))) return current;
  }
  return undefined;
}

/** {@link rootOf} for many objects: what is known of their parents is kept. Right as long as the objects stay the same. */
export function rootFinder(objects: ObjectMap): (dn: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  const find = (dn: string): string | undefined => {
    if (objects.has(markDn(dn, MARK_KEYS.owner))) return dn;
    const parent = parentDn(dn);
    if (parent === undefined) return undefined;
    if (!known.has(parent)) known.set(parent, find(parent));
    return known.get(parent);
  };
  return find;
}

/** Cluster id on an object's own owner mark: nobody's where the mark says none, and undefined where there is no mark. */
export function ownerOf(objects: ObjectMap, dn: string): string | undefined {
  const mark = objects.get(markDn(dn, MARK_KEYS.owner));
  return mark === undefined ? undefined : (mark.attributes['value'] ?? '');
}

/**
 * Whether the object carries our exact mark: its own owner tag, or `annotation` of ours inside an object that has it.
 * What the APIC makes by itself is never deleted alone.
 */
export const isOurs = (actual: ObjectMap, object: FlatObject, clusterId: string): boolean =>
  isMarkedOurs(object, (dn) => ownerOf(actual, dn), clusterId);

/** {@link isOurs}, by whoever knows the {@link ownerOf} of every Dn. */
export function isMarkedOurs(
  { className, dn, attributes }: FlatObject,
  owner: (dn: string) => string | undefined,
  clusterId: string,
): boolean {
  if (classRow(className)?.creatable === 'never') return false;
  const own = owner(dn);
  if (own !== undefined) return own === clusterId;
  if (nearestOwner(owner, parentDn(dn)) !== clusterId) return false;
  return className === 'tagAnnotation' ? isMarkKey(attributes['key']) : attributes['annotation'] === ORCHESTRATOR;
}

/** Who owns the nearest object at or above the Dn that has an owner. */
function nearestOwner(owner: (dn: string) => string | undefined, dn: string | undefined): string | undefined {
  for (let current = dn; current !== undefined; current = parentDn(current)) {
    const found = owner(current);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What bindings at an AEP hang below. Whoever makes the first one makes it on the way, with nothing of its own. */
export const isBindingsHolder = ({ className, dn }: Pick<FlatObject, 'className' | 'dn'>): boolean =>
  className === 'infraGeneric' && dn.endsWith('/gen-default');

const isMarkKey = (key: string | undefined): boolean => Object.values<string | undefined>(MARK_KEYS).includes(key);
