import { splitDn } from '#model/aci';
import { ApicError } from '../apic-error.js';
import type { ObjectStore, StoredObject } from '../tree/index.js';

/** What a user may do in one security domain (`aaaUserDomain` with its `aaaUserRole` objects). */
export interface DomainRoles {
  readonly domain: string;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
}

/** The roles of a user by security domain, as its objects below `uni/userext` say. */
export function rolesOf(user: StoredObject | undefined): readonly DomainRoles[] {
  return childrenOf(user, 'aaaUserDomain').map((domain) => {
    const roles = childrenOf(domain, 'aaaUserRole');
    const named = (privilege: string): readonly string[] =>
      roles.filter((role) => role.attributes.privType === privilege).map((role) => role.attributes.name ?? '');
    return { domain: domain.attributes.name ?? '', readable: named('readPriv'), writable: named('writePriv') };
  });
}

const childrenOf = (object: StoredObject | undefined, className: string): readonly StoredObject[] =>
  [...(object?.children.values() ?? [])].filter((child) => child.className === className);

/**
 * Refuses a write below a Dn to whom no role gives it: a role with `writePriv` in the domain `all`, or in a domain that
 * the tenant belongs to. The HTTP status is known, the text is not (apic-protocol.md §4).
 */
export function requireWritable(store: ObjectStore, user: StoredObject | undefined, dn: string): void {
  const domains = rolesOf(user)
    .filter((roles) => roles.writable.length > 0)
    .map((roles) => roles.domain);
  if (domains.includes('all') || domains.some((domain) => belongsTo(store, dn, domain))) return;
  throw new ApicError(403, 403, `User ${user?.attributes.name ?? ''} does not have privileges to write ${dn}`);
}

/** Whether the Dn lies in a tenant that is marked with the security domain, or in the tenant of its name. */
function belongsTo(store: ObjectStore, dn: string, domain: string): boolean {
  const [root, tenant] = splitDn(dn);
  if (root !== 'uni' || tenant === undefined || !tenant.startsWith('tn-')) return false;
  return tenant === `tn-${domain}` || store.get(`uni/${tenant}/domain-${domain}`) !== undefined;
}
