import { type Attributes, parentDn, splitDn } from '#model/aci';
import type { Change, StoredObject } from '../tree/index.js';

/** A binding of a group, or of an L3Out: this VLAN at this place is its. */
export interface Binding {
  readonly dn: string;
  readonly group: string;
  /** Dn of the port or of the attachable entity profile. */
  readonly place: string;
  readonly encap: string;
}

/** Classes of objects that bind a VLAN at a place to a group (aci-model.md §2.2). */
export const BINDING_CLASSES: readonly string[] = [
  'fvRsPathAtt',
  'fvRsAepAtt',
  'infraRsFuncToEpg',
  'l3extRsPathL3OutAtt',
];

/** The binding that an object is; undefined while it names no VLAN. */
export function bindingOf(object: StoredObject, attributes: Attributes): Binding | undefined {
  const { encap = 'unknown', tDn = '' } = attributes;
  if (encap === 'unknown' || encap === 'unspecified' || tDn === '') return undefined;
  if (object.className === 'infraRsFuncToEpg') {
    return { dn: object.dn, group: tDn, place: profileAbove(object), encap };
  }
  return { dn: object.dn, group: ownerDn(object), place: tDn, encap };
}

/** An L3Out binds by way of its node and interface profiles. */
function ownerDn({ className, dn }: StoredObject): string {
  const owner = parentDn(dn) ?? '';
  return className === 'l3extRsPathL3OutAtt' ? (parentDn(parentDn(owner) ?? '') ?? '') : owner;
}

/** The profile above `gen-default` or `provacc`. */
const profileAbove = (object: StoredObject): string => splitDn(object.dn).slice(0, 3).join('/');

/**
 * Who has which VLAN at which place. Of several groups the first keeps it and the others are at fault: one VLAN on one
 * port is one group (policy.md A2).
 */
export class EncapUsage {
  readonly #byPlace = new Map<string, Map<string, Binding>>();

  /** Follows a change of a binding; gives the groups whose right to a VLAN may have changed. */
  note(change: Change): readonly string[] {
    const before = change.kind === 'created' ? undefined : bindingOf(change.object, change.before);
    const after = change.kind === 'deleted' ? undefined : bindingOf(change.object, change.after);
    const concerned: string[] = [];
    if (before !== undefined && !isSame(before, after)) concerned.push(before.group, ...this.#remove(before));
    if (after !== undefined) concerned.push(after.group, ...this.#add(after));
    return concerned;
  }

  /** The group that has the VLAN before this binding's. */
  holderBefore(binding: Binding): string | undefined {
    const [first] = this.#byPlace.get(keyOf(binding))?.values() ?? [];
    return first === undefined || first.group === binding.group ? undefined : first.group;
  }

  #add(binding: Binding): readonly string[] {
    const holders = this.#byPlace.get(keyOf(binding));
    if (holders === undefined) this.#byPlace.set(keyOf(binding), new Map([[binding.dn, binding]]));
    else holders.set(binding.dn, binding);
    return [];
  }

  #remove(binding: Binding): readonly string[] {
    const holders = this.#byPlace.get(keyOf(binding));
    holders?.delete(binding.dn);
    if (holders?.size === 0) this.#byPlace.delete(keyOf(binding));
    return [...(holders?.values() ?? [])].map((other) => other.group);
  }
}

const keyOf = ({ place, encap }: Binding): string => `${place}|${encap}`;

const isSame = (a: Binding, b: Binding | undefined): boolean =>
  b !== undefined && a.group === b.group && keyOf(a) === keyOf(b);
