import { isIP } from 'node:net';
import { InvalidInputError } from '#errors';
import type { ObjectStore, StoredObject } from '../tree/index.js';
import { scopeOf } from './crossing.js';
import { endpointAt } from './endpoint.js';
import { isLeaked } from './leak.js';
import { microSegmentOf } from './micro-segment.js';
import { classifies, DEFAULT_ROUTE_TAG, type FabricView, GROUP_CLASSES, isDefaultRoute } from './party.js';
import { longestMatch } from './prefix.js';
import { groupSelecting, selectingGroup } from './selector.js';

/** Whether a packet comes from a side or goes to it. */
export type Role = 'source' | 'destination';

/** One side of a packet as leaves see it. */
export interface Side {
  /** VNID of the VRF. */
  readonly scope: string;
  readonly tag: string;
  /** Dn of the group; undefined for an address that no prefix holds. */
  readonly group: string | undefined;
  /** Whether other VRFs know the way to it: those of an address whose subnet is leaked; of a group it is taken for granted. */
  readonly isLeaked: boolean;
}

/** What decides about a side beside its text. */
export interface Setting {
  readonly role: Role;
  /** Dn of the VRF that addresses are of, if it was named. */
  readonly vrf: string | undefined;
  /** Selectors of addresses see routed packets only (policy.md A4). */
  readonly isRouted: boolean;
}

/**
 * The class of a group's Dn or of an endpoint's address; undefined for an address that no endpoint has. Throws
 * {@link InvalidInputError} for a Dn of no group.
 */
export function sideInside({ store }: FabricView, text: string, setting: Setting): Side | undefined {
  if (isIP(text) === 0) {
    const group = store.get(text);
    if (group === undefined || !GROUP_CLASSES.includes(group.className)) {
      throw new InvalidInputError(
        `flow ${setting.role} ${text} is neither an address nor the Dn of an EPG, ESG or external EPG that exists`,
      );
    }
    return sideOf(groupSelecting(store, group) ?? group, true);
  }
  const endpoint = endpointAt(store, text, setting.vrf);
  if (endpoint === undefined) return undefined;
  const group = microSegmentOf(store, endpoint) ?? endpoint.group;
  return sideOf(selectingGroup(store, endpoint, group, setting.isRouted) ?? group, isLeaked(endpoint));
}

const sideOf = (group: StoredObject, isLeakedGroup: boolean): Side => ({
  scope: scopeOf(group),
  tag: group.attributes.pcTag ?? '0',
  group: group.dn,
  isLeaked: isLeakedGroup,
});

/** A class that no group has: only rules for any match. */
const UNKNOWN = '1';

/**
 * The class of an address outside of the fabric, seen from a VRF: the longest prefix among those of the VRF's external
 * EPGs and ESGs, and those that external EPGs of other VRFs share (policy.md A5).
 */
export function sideOutside(view: FabricView, scope: string, address: string, role: Role): Side {
  const held = longestMatch(prefixesSeenFrom(view.store, scope), ({ attributes }) => attributes.ip ?? '', address);
  const group = held?.parent;
  if (held === undefined || group === undefined) return { scope, tag: UNKNOWN, group: undefined, isLeaked: false };
  if (scopeOf(group) !== scope || !isDefaultRoute(held)) return sideOf(group, true);
  const vrfTag = view.vrfs.get(scope)?.attributes.pcTag ?? UNKNOWN;
  return { scope, tag: role === 'source' ? vrfTag : DEFAULT_ROUTE_TAG, group: group.dn, isLeaked: true };
}

/** Of two equal prefixes that of the VRF itself is asked first. */
function prefixesSeenFrom(store: ObjectStore, scope: string): readonly StoredObject[] {
  const subnets = [...store.ofClass('l3extSubnet'), ...store.ofClass('fvExternalSubnetSelector')];
  const isOwn = (subnet: StoredObject): boolean => subnet.parent !== undefined && scopeOf(subnet.parent) === scope;
  return [
    ...subnets.filter(
      (subnet) =>
        isOwn(subnet) && (subnet.className === 'fvExternalSubnetSelector' || classifies(subnet.attributes.scope)),
    ),
    ...subnets.filter((subnet) => !isOwn(subnet) && isSharedPrefix(subnet)),
  ];
}

const isSharedPrefix = ({ className, attributes }: StoredObject): boolean =>
  className === 'fvExternalSubnetSelector'
    ? attributes.shared === 'yes'
    : (attributes.scope ?? '').split(',').includes('shared-security');
