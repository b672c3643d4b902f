import type { ObjectStore, StoredObject } from '../tree/index.js';

/** Groups and `any` of VRFs that play a part in a contract. */
export interface ContractParties {
  readonly consumers: readonly StoredObject[];
  readonly providers: readonly StoredObject[];
  /** Groups with the contract for their own inside. */
  readonly inside: readonly StoredObject[];
}

/** Relations of a group or of `any` that make it party to a contract, or to an interface of one. */
export const PARTY_RELATIONS: ReadonlySet<string> = new Set([
  'fvRsProv',
  'fvRsCons',
  'fvRsIntraEpg',
  'fvRsConsIf',
  'vzRsAnyToProv',
  'vzRsAnyToCons',
  'vzRsAnyToConsIf',
]);

const PROVIDERS = ['vzRtProv', 'vzRtAnyToProv'];
const CONSUMERS = ['vzRtCons', 'vzRtAnyToCons'];
const INTERFACE_CONSUMERS = ['vzRtConsIf', 'vzRtAnyToConsIf'];
const INSIDE = ['vzRtIntraEpg'];

/**
 * Who plays a part in a contract, by its back relations: those related to it, those that consume an interface of it, and
 * those that inherit from either (aci-model.md §3: fvRsSecInherited). What is for a group's own inside is not inherited
 * (a guess).
 */
export function partiesOf(store: ObjectStore, contract: StoredObject): ContractParties {
  const interfaces = targets(store, contract, ['vzRtIf']);
  const consumers = [
    ...targets(store, contract, CONSUMERS),
    ...interfaces.flatMap((contractInterface) => consumersOfInterface(store, contractInterface)),
  ];
  return {
    consumers: withHeirs(store, consumers),
    providers: withHeirs(store, targets(store, contract, PROVIDERS)),
    inside: targets(store, contract, INSIDE),
  };
}

/** The groups that a group or `any` of a VRF takes contracts from: itself and its masters. */
export const mastersOf = (store: ObjectStore, group: StoredObject): readonly StoredObject[] => [
  group,
  ...related(store, group, 'fvRsSecInherited').filter(({ className }) => className === group.className),
];

/**
 * Groups that inherit from a group: of its own class only, and of its own contracts only, not of those that it inherits
 * itself (Cisco's guide on contract inheritance; from memory).
 */
export const heirsOf = (store: ObjectStore, group: StoredObject): readonly StoredObject[] =>
  targets(store, group, ['fvRtSecInherited']).filter(({ className }) => className === group.className);

const withHeirs = (store: ObjectStore, groups: readonly StoredObject[]): readonly StoredObject[] => [
  ...new Set(groups.flatMap((group) => [group, ...heirsOf(store, group)])),
];

/** Groups and `any` that consume an interface of a contract. */
export const consumersOfInterface = (store: ObjectStore, contractInterface: StoredObject): readonly StoredObject[] =>
  targets(store, contractInterface, INTERFACE_CONSUMERS);

/** Dns of the contracts that a group is party to, by itself or by inheritance; those behind interfaces too. */
export function contractDnsOf(store: ObjectStore, group: StoredObject): ReadonlySet<string> {
  const dns = new Set<string>();
  for (const master of mastersOf(store, group)) {
    for (const child of master.children.values()) {
      const { tDn } = child.attributes;
      if (PARTY_RELATIONS.has(child.className) && tDn !== undefined) dns.add(contractBehind(store, tDn));
    }
  }
  return dns;
}

/** Dn of the contract that a Dn means: itself, or the one behind a contract interface. */
export function contractBehind(store: ObjectStore, dn: string): string {
  const object = store.get(dn);
  return object?.className === 'vzCPIf' ? (object.children.get('rsif')?.attributes.tDn ?? dn) : dn;
}

/** Targets of the formed relations of a class below an object. */
function related(store: ObjectStore, owner: StoredObject, relationClass: string): readonly StoredObject[] {
  return targets(store, owner, [relationClass], ({ attributes }) => attributes.state === 'formed');
}

/** What the relations below an object lead to. A back relation is there only while its relation is formed. */
function targets(
  store: ObjectStore,
  owner: StoredObject,
  classes: readonly string[],
  isWanted: (relation: StoredObject) => boolean = () => true,
): readonly StoredObject[] {
  const found: StoredObject[] = [];
  for (const relation of owner.children.values()) {
    if (!classes.includes(relation.className) || !isWanted(relation)) continue;
    const target = store.get(relation.attributes.tDn ?? '');
    if (target !== undefined) found.push(target);
  }
  return found;
}
