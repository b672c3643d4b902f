import type { GrantRule } from '#mappers';
import type { ApplySettings, DriftSettings, FabricSettings } from '#model/settings';
import type { NodeEpg } from '#policy';
import type { ApicPort, Clock, ClusterEvents, ClusterSource, Logger, PolicyStore, WorkQueue } from '#ports';
import type { BatchPoster } from './batch-poster.js';
import type { NamedGroup } from './inventory/learned-groups.js';
import type { UpFlowOptions } from './up-flow.js';

/** The adapters and settings that make a gateway. */
export interface GatewayParts {
  readonly settings: FabricSettings;
  readonly foreignEpgs: readonly NamedGroup[];
  readonly nodeEpg?: NodeEpg | undefined;
  /** Who may ask for what by FabricPolicies; without it they are not looked at. */
  readonly fabricPolicyRules?: readonly GrantRule[] | undefined;
  /** For how long two groups have to be alike before they become one (policy.md §3.4). */
  readonly mergeAfterMs: number;
  /** For how long VLANs and VNIs of groups that are gone rest before others get them (policy.md §3.9). */
  readonly restForMs: number;
  /** How the APIC is written to; the defaults where it is left out. */
  readonly apply?: ApplySettings | undefined;
  readonly drift: DriftSettings;
  readonly cluster: ClusterSource;
  /** Where Kubernetes is told what happened to its objects. */
  readonly events: ClusterEvents;
  readonly apic: ApicPort;
  readonly store: PolicyStore;
  readonly queue: WorkQueue;
  /** Without it everything is done by this process. */
  readonly delegation?: GatewayDelegation | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** What of the fabric is told to Kubernetes, and how; without it nothing is. */
  readonly up?: UpFlowOptions;
}

/** Work that other processes may do. */
export interface GatewayDelegation {
  readonly poster: BatchPoster;
  /** The policy store, with writes that others may do. */
  readonly store: PolicyStore;
  /** What keeps the work from being done, in words. */
  readonly trouble: () => string | undefined;
}
