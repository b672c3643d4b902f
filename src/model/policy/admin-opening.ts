import type { FamilyConnections } from './compiled-policy.js';

/** What a contract that is an admin's opens from one group of the fabric toward another, one of which is ours. */
export interface AdminOpening {
  /** Dn of the contract. */
  readonly contract: string;
  /** Dn of an EPG or external EPG, or `any` for every group of the VRF; one of the two is an EPG of ours. */
  readonly source: string;
  readonly destination: string;
  readonly connections: FamilyConnections;
}
