import type { Finding } from '#model/policy';
import type { ApicRequestCounts } from './apic.js';
import type { DriftCount } from './drift-row.js';

/** One group of pods, for people and scripts. */
export interface GroupRow {
  readonly namespace: string | undefined;
  readonly group: string;
  readonly epg: string;
  /** `vlan-<id>` at the AEP; undefined when the pool was exhausted, or where groups are bound path by path. */
  readonly encap: string | undefined;
  /** Where groups are bound path by path: `vlan-<id>` by the name of each node with pods of the group. */
  readonly encapByNode?: Readonly<Record<string, string>>;
  readonly pods: readonly string[];
}

/** One contract, for people and scripts. */
export interface ContractRow {
  readonly name: string;
  /** The first of its providers. */
  readonly provider: string;
  /** Groups that provide it; `*` for the whole VRF. */
  readonly providers: readonly string[];
  /** Groups that consume it; `*` for the whole VRF. */
  readonly consumers: readonly string[];
  /** The first provider's members use it among themselves. */
  readonly intra: boolean;
  /** What consumers may open: `TCP:80,443 UDP:53`, `ALL`, or `ALL both ways`. */
  readonly connections: string;
  /** Policies that asked for it. */
  readonly sources: readonly string[];
}

/** How often what is kept change by change was compared with a whole compilation, and how often it was not the same. */
export interface AuditCounts {
  readonly done: number;
  readonly differences: number;
}

/** The picture of the fabric that is kept in memory. */
export interface MirrorStatus {
  readonly objects: number;
  readonly faults: number;
  /** What it takes of memory, estimated. */
  readonly bytes: number;
  /** Lists after the first one, and what they found out that no event had told. */
  readonly lists: number;
  readonly missed: number;
}

/** How far the gateway is. */
export interface GatewayStatus {
  readonly converged: boolean;
  /** What it waits for, in words; empty when converged. */
  readonly waitingFor: readonly string[];
  /** Number of the cluster state that was compiled last. */
  readonly revision: number;
  readonly groups: number;
  readonly contracts: number;
  readonly findings: number;
  readonly apicRequests: ApicRequestCounts;
  readonly audits: AuditCounts;
  /** The same of the plan that is kept change by change, and a whole one. */
  readonly planAudits: AuditCounts;
  readonly mirror: MirrorStatus;
  /** What others changed in the gateway's objects since the start, by drift policy and class. */
  readonly drift: readonly DriftCount[];
}

/** What the gateway knows: read by its API and by the command line. */
export interface GatewayState {
  /** What of the status says whether it has converged: costs nothing to ask. */
  readiness(): Pick<GatewayStatus, 'converged' | 'waitingFor'>;
  status(): GatewayStatus;
  groups(): readonly GroupRow[];
  contracts(): readonly ContractRow[];
  findings(): readonly Finding[];
}
