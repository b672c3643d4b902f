import { type Attributes, childDn, classRow, concreteClasses, type RelationSpec, splitDn } from '#model/aci';
import type { ObjectStore, StoredObject } from '../tree/index.js';

/** Where a named relation is looked for: a tenant's space, or the one that all tenants share (apic-protocol.md §6.3). */
const COMMON = 'uni/tn-common';

const nameProperties = new Map<string, string | undefined>();

/** The property that carries the name of a named relation, e.g. `tnFvBDName` of fvRsBd; undefined when the row has none. */
export function nameProperty(className: string): string | undefined {
  if (!nameProperties.has(className)) {
    const properties = Object.keys(classRow(className)?.properties ?? {});
    nameProperties.set(
      className,
      properties.find((name) => /^tn[A-Z]\w*Name$/.test(name)),
    );
  }
  return nameProperties.get(className);
}

/** The space in which a Dn lives: its tenant, `uni/infra`, `uni/fabric`. */
export const spaceOf = (dn: string): string => splitDn(dn).slice(0, 2).join('/');

/** Where targets of a class live: in tenants, or in these fixed places. */
interface Habitat {
  readonly inTenants: boolean;
  readonly fixed: readonly string[];
  /** The RN format, when it is made of a name alone. */
  readonly rn: string | undefined;
}

const habitats = new Map<string, Habitat>();

function habitatOf(target: string): Habitat {
  const known = habitats.get(target);
  if (known !== undefined) return known;
  const concrete = concreteClasses(target);
  const parents = new Set(concrete.flatMap((name) => classRow(name)?.in ?? []));
  const row = classRow(concrete[0] ?? '');
  const fixed = [...FIXED_SPACES].filter(([parent]) => parents.has(parent)).map(([, space]) => space);
  const rn = row?.naming.length === 1 ? row.rn : undefined;
  const habitat = { inTenants: parents.has('fvTenant'), fixed, rn };
  habitats.set(target, habitat);
  return habitat;
}

const FIXED_SPACES: ReadonlyMap<string, string> = new Map([
  ['infraInfra', 'uni/infra'],
  ['fabricInst', 'uni/fabric'],
  ['pkiEp', 'uni/userext/pkiext'],
  ['polUni', 'uni'],
]);

/** Spaces in which a relation from this Dn looks for its target, in order. */
export function searchSpaces(sourceDn: string, target: string): readonly string[] {
  const habitat = habitatOf(target);
  const own = spaceOf(sourceDn);
  if (habitat.fixed.includes(own)) return [own];
  if (!habitat.inTenants) return habitat.fixed;
  return own.startsWith('uni/tn-') && own !== COMMON ? [own, COMMON] : [COMMON];
}

/** Dn of the target class's object of that name in a space; undefined when its RN is not made of a name alone. */
export function targetDn(space: string, target: string, name: string): string | undefined {
  const { rn } = habitatOf(target);
  return rn === undefined
    ? undefined
    : childDn(
        space,
        rn.replace(/\{\w+\}/, () => name),
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
