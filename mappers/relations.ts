import { type ManagedObject, managedObject } from '#model/aci';
import type { GroupName } from '#model/policy';
import type { ContractRole } from './contract-plan.js';
import { withAnnotation } from './marks.js';

/** Contracts of every group and its roles in them, kept up change by change. */
export class RelationIndex {
  readonly #byGroup = new Map<GroupName, Map<string, Map<ContractRole, ManagedObject>>>();
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
    const contracts = this.#byGroup.get(group) ?? new Map<string, Map<ContractRole, ManagedObject>>();
    this.#byGroup.set(group, contracts);
    const roles = contracts.get(contract);
    if (roles?.has(role) === true) return;
    const relation = withAnnotation(managedObject(CLASSES[role], { tnVzBrCPName: contract }));
    if (roles === undefined) contracts.set(contract, new Map([[role, relation]]));
    else roles.set(role, relation);
    this.changed.add(group);
  }

  delete(group: GroupName, contract: string, role: ContractRole): void {
    const contracts = this.#byGroup.get(group);
    const roles = contracts?.get(contract);
    if (contracts === undefined || roles?.delete(role) !== true) return;
    if (roles.size === 0) contracts.delete(contract);
    if (contracts.size === 0) this.#byGroup.delete(group);
    this.changed.add(group);
  }

  /** Contracts that the group takes part in on one of both sides, not only among its own members. */
  contractsOf(group: GroupName): readonly string[] {
    return [...(this.#byGroup.get(group) ?? [])]
      .filter(([, roles]) => roles.has('provides') || roles.has('consumes'))
      .map(([name]) => name);
  }

  /** The group's relations as objects, in the order of the contracts' names. */
  objectsOf(group: GroupName): readonly ManagedObject[] {
    const contracts = [...(this.#byGroup.get(group) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return contracts.flatMap(([, roles]) => ROLES.flatMap((role) => roles.get(role) ?? []));
  }
}

const CLASSES: Readonly<Record<ContractRole, string>> = {
  provides: 'fvRsProv',
  consumes: 'fvRsCons',
  inside: 'fvRsIntraEpg',
};

const ROLES: readonly ContractRole[] = ['provides', 'consumes', 'inside'];
