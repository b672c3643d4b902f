import type { StoredObject } from '../tree/index.js';
import type { Endpoint } from './endpoint.js';
import { addressIn, longestMatch } from './prefix.js';

/**
 * Whether other VRFs have a route to an endpoint: its subnet in the bridge domain or the EPG has the scope `shared`, or its
 * VRF leaks a subnet that holds it (aci-model.md §7; policy.md A19). To which VRFs a leaked subnet goes is not looked at.
 */
export function isLeaked({ address, bridgeDomain, group, vrf }: Endpoint): boolean {
  const subnets = [bridgeDomain, group]
    .flatMap((owner) => childrenOf(owner, 'fvSubnet'))
    .filter(({ attributes }) => addressIn(attributes.ip ?? '', address));
  if (subnets.some(({ attributes }) => (attributes.scope ?? '').split(',').includes('shared'))) return true;
  const leaks = childrenOf(vrf, 'leakRoutes').flatMap((routes) => childrenOf(routes, 'leakInternalSubnet'));
  return longestMatch(leaks, ({ attributes }) => attributes.ip ?? '', address) !== undefined;
}

const childrenOf = (owner: StoredObject | undefined, className: string): readonly StoredObject[] =>
  [...(owner?.children.values() ?? [])].filter((child) => child.className === className);
