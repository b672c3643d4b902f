import type { FabricBudget } from './budget.js';

/** An object of the fabric: ours to create and keep, or an admin's that must be there already. */
export interface NamedObject {
  readonly name: string;
  readonly own: boolean;
}

/** An object that may be in tenant `common`, where every tenant finds it. */
export interface SharedObject extends NamedObject {
  /** Name of its tenant; the gateway's own where it is left out. */
  readonly tenant?: string;
}

/** Where nodes hang on the fabric. */
export interface HostPaths {
  /** Name of a node, or a pattern of names, in which `*` stands for any characters. */
  readonly nodes: string;
  /** Dns of the leaf ports or bundles that lead to it; `{node}` in one stands for the name of the node. */
  readonly paths: readonly string[];
}

/** What the admin decided about the fabric; every member has a default in config/. */
export interface FabricSettings {
  /** Identity of this cluster on the APIC: objects are owned by it and by nobody else. 1 to 40 of a-z, 0-9, `-`. */
  readonly clusterId: string;
  readonly tenant: NamedObject;
  readonly vrf: SharedObject;
  readonly applicationProfile: string;
  readonly bridgeDomain: NamedObject & {
    /** Gateway addresses with prefix length, e.g. `10.244.0.1/16`. */
    readonly gateways: readonly string[];
    readonly mac: string;
  };
  readonly physicalDomain: NamedObject;
  readonly attachableEntityProfile: NamedObject;
  readonly vlanPool: NamedObject & { readonly from: number; readonly to: number };
  /** VNIs of the groups in the overlay, both ends included; left out without one. */
  readonly vniPool?: { readonly from: number; readonly to: number };
  readonly l3out: SharedObject;
  /** Names of the tenants, beside the gateway's own, of groups that policies may reach. */
  readonly foreignTenants?: readonly string[];
  /** Permits ICMP and fragments of UDP between all EPGs of the VRF (policy.md §3.6); off by default in an admin's VRF. */
  readonly vrfWidePermits: boolean;
  /**
   * Whether un-isolated groups are opened to the whole VRF by vzAny instead of by contracts between all of them
   * (policy.md §3.6): where that is much cheaper, always, or never. Never by default in an admin's VRF, whose EPGs it
   * would reach too.
   */
  readonly vzAnyContracts: 'auto' | 'always' | 'never';
  /**
   * Where groups are bound to their VLANs (policy.md §3.13): once at the AEP for all ports (encoding C1), or on the paths
   * of the hosts that run their pods, with VLANs of each leaf's own (encoding C2).
   */
  readonly encoding: 'aep' | 'path';
  /** Paths of the hosts, for `path`: an entry for the very name counts before patterns, of those the first. */
  readonly hostPaths: readonly HostPaths[];
  /** What the policy may take of the fabric; above it the policy is said more coarsely (policy.md §3.10). */
  readonly budget: FabricBudget;
}
