import { type FabricSettings, type GroupPattern, otherTenantDns, tenantDn } from '#model/settings';
import type { MirrorScope } from './fabric-scopes.js';

/** What of the fabric is followed for Kubernetes to know. */
export interface InventorySettings {
  /** Groups that become FabricGroup objects. */
  readonly groups: readonly GroupPattern[];
  /** Whether addresses of pods are looked for in what the fabric has learned. */
  readonly ipConflicts: boolean;
}

/** Endpoints, their addresses and where they are. */
const ENDPOINT_CLASSES = ['fvCEp', 'fvIp', 'fvRsCEpToPathEp'] as const;
/** Groups, and by what an external one knows its members. */
const GROUP_CLASSES = ['fvAEPg', 'fvESg', 'l3extInstP', 'l3extSubnet'] as const;
/** How a group does. */
const STATE_CLASSES = ['faultInst', 'healthInst'] as const;
/** The way from an endpoint to its VRF, for releases whose endpoints do not say it. */
const VRF_CLASSES = ['fvRsBd', 'fvRsCtx'] as const;

/**
 * The parts of the tree that the inventory needs: whole tenants, those of the selected groups and our own, as subscriptions
 * are made by tree and not by pattern. What nobody needs of them is not kept.
 */
export function inventoryScopes(settings: FabricSettings, inventory: InventorySettings): readonly MirrorScope[] {
  const classes = new Map<string, ReadonlySet<string>>();
  const follow = (dn: string, ...names: readonly string[]): unknown =>
    classes.set(dn, new Set([...(classes.get(dn) ?? []), ...names]));
  for (const { tenant } of inventory.groups) {
    follow(`uni/tn-${tenant}`, ...GROUP_CLASSES, ...ENDPOINT_CLASSES, ...STATE_CLASSES, ...VRF_CLASSES);
  }
  // Policies may reach groups there by the addresses that the fabric has learned.
  for (const dn of otherTenantDns(settings)) follow(dn, ...ENDPOINT_CLASSES, ...VRF_CLASSES);
  // How our own groups do is told on the objects that they were made for; whom admins have opened them to is let through.
  follow(tenantDn(settings), 'healthInst', ...ENDPOINT_CLASSES, ...VRF_CLASSES);
  return [...classes].map(([dn, names]) => ({ dn, classes: [...names] }));
}

/** Attributes that are kept of each class; of others nothing is needed but that they are there. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  fvCEp: ['mac', 'name', 'vrfDn', 'esgUsegDn'],
  fvIp: ['addr', 'vrfDn', 'esgUsegDn'],
  fvRsCEpToPathEp: ['tDn'],
  l3extSubnet: ['ip'],
  fvRsBd: ['tDn'],
  fvRsCtx: ['tDn'],
  faultInst: ['code', 'severity', 'lc', 'cause', 'descr'],
  healthInst: ['cur'],
};

/** The attributes of an object that the inventory needs. */
export function inventoryAttributes(
  className: string,
  attributes: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const name of KEPT[className] ?? []) {
    const value = attributes[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
