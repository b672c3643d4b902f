import type { ObjectStore, StoredObject } from '../tree/index.js';
import { ANY } from './priority.js';

/** The objects, and the VRF of each scope. */
export interface FabricView {
  readonly store: ObjectStore;
  readonly vrfs: ReadonlyMap<string, StoredObject>;
}

/** A group as consumer or provider: its classes within its VRF. */
export interface Party {
  readonly object: StoredObject;
  readonly scope: string;
  /** Classes that packets from it have. */
  readonly sources: readonly string[];
  /** Classes that packets to it have. */
  readonly destinations: readonly string[];
}

/** Classes of groups that endpoints or outside addresses belong to. */
export const GROUP_CLASSES: readonly string[] = ['fvAEPg', 'fvESg', 'l3extInstP'];

/** Class of what `0.0.0.0/0` of an external group reaches (policy.md A5). */
export const DEFAULT_ROUTE_TAG = '15';

/** The party that a group or `any` of a VRF is. Undefined while it has no number or no VRF. */
export function partyOf(view: FabricView, object: StoredObject): Party | undefined {
  if (object.className === 'vzAny') {
    const scope = object.parent?.attributes.scope ?? '0';
    return isNumbered(scope) ? { object, scope, sources: [ANY], destinations: [ANY] } : undefined;
  }
  const { scope = '0', pcTag = '0' } = object.attributes;
  if (!GROUP_CLASSES.includes(object.className) || !isNumbered(scope) || !isNumbered(pcTag)) return undefined;
  if (!holdsDefaultRoute(object)) return { object, scope, sources: [pcTag], destinations: [pcTag] };
  const vrfTag = view.vrfs.get(scope)?.attributes.pcTag ?? pcTag;
  return { object, scope, sources: [pcTag, vrfTag], destinations: [pcTag, DEFAULT_ROUTE_TAG] };
}

/** The same party as a guest in another VRF: by its own number alone, whatever its prefixes are. */
export function guestParty(party: Party, scope: string): Party {
  const [tag = ANY] = party.sources;
  return { object: party.object, scope, sources: [tag], destinations: [tag] };
}

const isNumbered = (value: string): boolean => value !== '' && value !== '0' && value !== 'any';

/** Whether an external group has the prefix of everything among those that classify. */
const holdsDefaultRoute = (group: StoredObject): boolean =>
  group.className === 'l3extInstP' && [...group.children.values()].some(isDefaultRoute);

/** Whether the object is the prefix `0.0.0.0/0` or `::/0` of an external group, for classification. */
export const isDefaultRoute = ({ className, attributes }: StoredObject): boolean =>
  className === 'l3extSubnet' && (attributes.ip ?? '').endsWith('/0') && classifies(attributes.scope);

/** Whether a subnet's scope makes it classify addresses (policy.md A5). */
export const classifies = (scope: string | undefined): boolean => (scope ?? '').split(',').includes('import-security');

/** Whether the VRF of a scope enforces contracts at all (policy.md A17). */
export const isEnforced = (view: FabricView, scope: string): boolean =>
  view.vrfs.get(scope)?.attributes.pcEnfPref !== 'unenforced';
