/** How much a finding matters: an error lost something the user asked for, a warning changes its meaning somewhere. */
export type FindingSeverity = 'error' | 'warning' | 'info';

/** Stable codes of findings; documented in docs/findings.md (policy.md §3.11 where it names one). */
export type FindingCode =
  | 'INVALID_OBJECT'
  | 'INVALID_CIDR'
  | 'INVALID_SELECTOR'
  | 'INVALID_PORT'
  | 'INVALID_PEER'
  | 'DUPLICATE_OBJECT'
  | 'UNKNOWN_KIND'
  | 'UNPARSABLE_DOCUMENT'
  | 'POD_WITHOUT_IP'
  | 'DUPLICATE_IP'
  | 'NAME_SHORTENED'
  | 'NAME_IN_USE'
  | 'OTHERS_BELOW'
  | 'VLANS_EXHAUSTED'
  | 'VNIS_EXHAUSTED'
  | 'NODE_WITHOUT_PATH'
  | 'NAMED_PORT_UNRESOLVED'
  | 'NAMED_PORT_EXTERNAL'
  | 'HOSTNET_SELECTED'
  | 'UDP_REVERSE'
  | 'SCTP_PORTS'
  | 'IPBLOCK_SPLITS_EPG'
  | 'EQUAL_PRIORITY'
  | 'NODE_SPLIT'
  | 'CNP_NODES'
  | 'CNP_DOMAIN'
  | 'SNAT_LB'
  | 'LOCAL'
  | 'ESTABLISHED'
  | 'ICMP'
  | 'FRAG'
  | 'ND'
  | 'NODE_ALLOW'
  | 'HAIRPIN'
  | 'MCAST'
  | 'EXT_DUP'
  | 'EXT_DIRECT'
  | 'FOREIGN_VRF'
  | 'DEPLOY_FAULT'
  | 'LOW_HEALTH'
  | 'IP_CONFLICT'
  | 'ADMIN_CONTRACT'
  | 'FABRIC_POLICY_DENIED'
  | 'FABRIC_GROUP_EMPTY'
  | 'LIMIT'
  | 'FABRIC_APPROXIMATED'
  | 'ACK_PROBE'
  | 'APIC_REJECTED'
  | 'APPROVAL_NEEDED'
  | 'DRIFT'
  | 'DRIFT_FIGHT';

/** Something the user must know about one object. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** `Kind/namespace/name`, or `Kind/name` for a cluster-wide object; a file's place for input that is no object. */
  readonly object: string;
  readonly message: string;
}
