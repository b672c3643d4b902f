/** One entry of the APIC's audit log (`aaaModLR`, apic-protocol.md §6.6). */
export interface AuditRecord {
  readonly user: string;
  /** When it was written, in the APIC's words (ISO 8601). */
  readonly at: string;
  readonly kind: 'creation' | 'modification' | 'deletion' | (string & {});
  /** What changed, for people: `descr (Old: a, New: b)`, or `descr:b, name:a` of a new object. */
  readonly changeSet: string;
}

/** Who changed what in the fabric. */
export interface AuditLog {
  /** The last changes of one object, the newest first. Rejects with a GatewayError. */
  changesOf(dn: string, signal: AbortSignal): Promise<readonly AuditRecord[]>;
}
