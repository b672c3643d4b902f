import { type FlatObject, flatten, managedObject, parentDn } from '#model/aci';
import type { ContractRole } from './contract-plan.js';
import { withAnnotation } from './marks.js';
import { RELATION_CLASSES } from './relations.js';

const ROLES = new Map(Object.entries(RELATION_CLASSES).map(([role, name]) => [name, role as ContractRole]));

/** Roles of EPGs in contracts, by the Dn of the EPG. */
export class EpgRoles {
  readonly #roles = new Map<string, Map<string, { readonly role: ContractRole; readonly contract: string }>>();

  /** Roles that those of the objects give the EPGs that count. */
  static of(
    objects: Iterable<FlatObject>,
    epgs: ReadonlySet<string>,
    counts: (object: FlatObject) => boolean = () => true,
  ): EpgRoles {
    const roles = new EpgRoles();
    for (const object of objects) {
      const role = ROLES.get(object.className);
      const epg = role === undefined ? undefined : parentDn(object.dn);
      if (role === undefined || epg === undefined || !epgs.has(epg) || !counts(object)) continue;
      roles.add(epg, role, object.attributes['tnVzBrCPName'] ?? '');
    }
    return roles;
  }

  add(epg: string, role: ContractRole, contract: string): void {
    const roles = this.#roles.get(epg) ?? new Map();
    this.#roles.set(epg, roles.set(`${role} ${contract}`, { role, contract }));
  }

  has(epg: string, role: ContractRole, contract: string): boolean {
    return this.#roles.get(epg)?.has(`${role} ${contract}`) === true;
  }

  /** Contracts in which the EPG has the role. */
  contractsOf(epg: string, role: ContractRole): readonly string[] {
    return [...(this.#roles.get(epg)?.values() ?? [])]
      .filter((known) => known.role === role)
      .map(({ contract }) => contract);
  }

  /** The relations as objects of ours. */
  *objects(): Generator<FlatObject> {
    for (const [epg, roles] of this.#roles) {
      for (const { role, contract } of roles.values()) {
        yield* flatten(withAnnotation(managedObject(RELATION_CLASSES[role], { tnVzBrCPName: contract })), epg);
      }
    }
  }
}
