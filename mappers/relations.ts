import { type ManagedObject, managedObject } from '#model/aci';
import type { GroupName } from '#model/policy';
import type { ContractRole } from './contract-plan.js';
import { withAnnotation } from './marks.js';

/** Contracts of every group and its roles in them, kept up change by change. */
export class RelationIndex {
  /** Relations by the group, and by a key that sorts them by contract. */
  readonly #byGroup = new Map<GroupName, Map<string, ManagedObject>>();
  /** Groups whose relations changed since somebody asked last. */
  readonly changed = new Set<GroupName>();

  /** Adds the role where it is wanted, else takes it out. */
  put(
    group: GroupName,
    contract: string,
    { role, wanted }: { readonly role: ContractRole; readonly wanted: boolean },
  ): void {
    if (wanted) this.add(group, contract, role);
    else this.delete(group, contract, role);
  }

  add(group: GroupName, contract: string, role: ContractRole): void {
    let relations = this.#byGroup.get(group);
    if (relations === undefined) {
      relations = new Map();
      this.#byGroup.set(group, relations);
    }
    const key = keyOf(contract, role);
    if (relations.has(key)) return;
    relations.set(key, withAnnotation(managedObject(RELATION_CLASSES[role], { tnVzBrCPName: contract })));
    this.changed.add(group);
  }

  delete(group: GroupName, contract: string, role: ContractRole): void {
    const relations = this.#byGroup.get(group);
    if (relations?.delete(keyOf(contract, role)) !== true) return;
    if (relations.size === 0) this.#byGroup.delete(group);
    this.changed.add(group);
  }

  /** Contracts that the group takes part in on one of both sides, not only among its own members; some come twice. */
  *contractsOf(group: GroupName): Generator<string> {
    for (const { className, attributes } of this.#byGroup.get(group)?.values() ?? []) {
      if (className !== RELATION_CLASSES.inside) yield attributes['tnVzBrCPName'] ?? '';
    }
  }

  /** The group's relations as objects, in the order of the contracts' names. */
  objectsOf(group: GroupName): readonly ManagedObject[] {
    const relations = this.#byGroup.get(group);
    if (relations === undefined) return NO_RELATIONS;
    return [...relations.keys()].sort().flatMap((key) => relations.get(key) ?? []);
  }
}

const NO_RELATIONS: readonly ManagedObject[] = [];

/** Class of the relation by which an EPG has a role in a contract. */
export const RELATION_CLASSES: Readonly<Record<ContractRole, string>> = {
  provides: 'fvRsProv',
  consumes: 'fvRsCons',
  inside: 'fvRsIntraEpg',
};

/** Sorts as the names of the contracts do: the line break is before every character of a name. */
const keyOf = (contract: string, role: ContractRole): string => `${contract}\n${ORDER[role]}`;

const ORDER: Readonly<Record<ContractRole, number>> = { provides: 0, consumes: 1, inside: 2 };
