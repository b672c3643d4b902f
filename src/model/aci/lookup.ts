import { topDn } from './dn.js';

/** Name of the tenant that every other one can use objects of. */
export const COMMON_TENANT = 'common';

/**
 * Where the target of a relation by name is looked up: in the relation's own tenant, then in `common`; the first that is there is
 * the target (apic-protocol.md §6.3).
 *
 * @param dn the relation, or whatever else is in its tenant
 * @param rn RN of the target below its tenant, e.g. `brc-web`
 * @returns the two Dns, in that order
 */
export const lookupDns = (dn: string, rn: string): readonly [own: string, shared: string] => [
  `${topDn(dn)}/${rn}`,
  `uni/tn-${COMMON_TENANT}/${rn}`,
];
