/** Things of which a fabric holds only so many. */
export type Resource =
  | 'endpointGroups'
  | 'externalGroups'
  | 'contracts'
  | 'filters'
  | 'vlansPerLeaf'
  | 'portVlansPerLeaf'
  | 'policyEntriesPerLeaf';

export type Limits = Readonly<Record<Resource, number>>;

/** What the policy of one cluster may take of the fabric. */
export interface FabricBudget {
  /** Ports of the fullest leaf that the attachable entity profile reaches: each of them carries every VLAN. */
  readonly hostPortsPerLeaf: number;
  readonly limits: Limits;
}

/**
 * What a fabric holds, by Cisco's verified scalability guides as policy.md §2.4 has them: endpoint groups, contracts and
 * filters a fabric, external EPGs an L3Out, VLANs of EPGs and bridge domains a leaf, ports × VLANs a leaf, entries of the
 * policy memory of an EX or FX leaf in the default profile. Older and other leaves hold less or more: an admin sets them.
 */
export const DEFAULT_LIMITS: Limits = {
  endpointGroups: 15_000,
  externalGroups: 250,
  contracts: 10_000,
  filters: 10_000,
  vlansPerLeaf: 3_960,
  portVlansPerLeaf: 64_000,
  policyEntriesPerLeaf: 64_000,
};

/** Host ports of a leaf in the scenarios of policy.md §3.13. */
export const DEFAULT_HOST_PORTS_PER_LEAF = 10;
