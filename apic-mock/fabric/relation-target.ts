import { type Attributes, childDn, classRow, concreteClasses, type RelationSpec, splitDn } from '#model/aci';
import type { ObjectStore, StoredObject } from '../tree/index.js';

/** Where a named relation is looked for: a tenant's space, or the one that all tenants share (apic-protocol.md §6.3). */
const COMMON = 'uni/tn-common';

/** The property that carries the name of a named relation, e.g. `tnFvBDName` of fvRsBd; undefined when the row has none. */
export function nameProperty(className: string): string | undefined {
  const properties = classRow(className)?.properties ?? {};
  return Object.keys(properties).find((name) => /^tn[A-Z]\w*Name$/.test(name));
}

/** The space in which a Dn lives: its tenant, `uni/infra`, `uni/fabric`. */
export const spaceOf = (dn: string): string => splitDn(dn).slice(0, 2).join('/');

/** Spaces in which a relation from this Dn looks for its target, in order. */
export function searchSpaces(sourceDn: string, target: string): readonly string[] {
  const parents = concreteClasses(target).flatMap((name) => classRow(name)?.in ?? []);
  const own = spaceOf(sourceDn);
  if (parents.includes('fvTenant')) return own.startsWith('uni/tn-') ? [...new Set([own, COMMON])] : [COMMON];
  const spaces: string[] = [];
  if (parents.includes('infraInfra')) spaces.push('uni/infra');
  if (parents.includes('fabricInst')) spaces.push('uni/fabric');
  if (parents.includes('polUni')) spaces.push('uni');
  return spaces;
}

/** Dn of the target class's object of that name in a space; undefined when its RN is not made of a name alone. */
export function targetDn(space: string, target: string, name: string): string | undefined {
  const row = classRow(concreteClasses(target)[0] ?? '');
  if (row === undefined || row.naming.length !== 1) return undefined;
  return childDn(
    space,
    row.rn.replace(/\{\w+\}/, () => name),
  );
}

/** The properties of a relation that the APIC itself fills in. */
export interface Resolution {
  readonly tDn: string;
  readonly attributes: Attributes;
}

/** Resolves a forward relation object against the store (aci-model.md §5). */
export function resolveRelation(store: ObjectStore, object: StoredObject, relation: RelationSpec): Resolution {
  if (relation.type === 'explicit') return resolveExplicit(store, object, relation);
  const property = nameProperty(object.className);
  const name = property === undefined ? '' : (object.attributes[property] ?? '');
  const spaces = searchSpaces(object.dn, relation.to);
  const found = name === '' ? undefined : findByName(store, spaces, relation.to, name);
  if (found !== undefined) return formed(found, 'none', 'name');
  const fallback = relation.many ? undefined : findByName(store, spaces.slice(-1), relation.to, 'default');
  if (fallback !== undefined) return formed(fallback, name === '' ? 'default-target' : 'mismatch-target', 'name');
  const wanted = targetDn(spaces[0] ?? '', relation.to, name === '' ? 'default' : name) ?? '';
  return missing(wanted, relation.to, 'name');
}

function resolveExplicit(store: ObjectStore, object: StoredObject, relation: RelationSpec): Resolution {
  const tDn = object.attributes.tDn ?? '';
  const target = store.get(tDn);
  return target === undefined ? missing(tDn, relation.to, 'mo') : formed(target, 'none', 'mo');
}

function findByName(
  store: ObjectStore,
  spaces: readonly string[],
  target: string,
  name: string,
): StoredObject | undefined {
  for (const space of spaces) {
    const dn = targetDn(space, target, name);
    const object = dn === undefined ? undefined : store.get(dn);
    if (object !== undefined) return object;
  }
  return undefined;
}

function formed(target: StoredObject, stateQual: string, tType: string): Resolution {
  const common = { state: 'formed', stateQual, tCl: target.className, tType };
  if (tType === 'mo') return { tDn: target.dn, attributes: common };
  return { tDn: target.dn, attributes: { ...common, tDn: target.dn, tRn: target.rn } };
}

function missing(tDn: string, target: string, tType: string): Resolution {
  const state = tDn === '' ? 'unformed' : 'missing-target';
  const common = { state, stateQual: 'none', tCl: target, tType };
  if (tType === 'mo') return { tDn, attributes: common };
  return { tDn, attributes: { ...common, tDn, tRn: splitDn(tDn).at(-1) ?? '' } };
}
