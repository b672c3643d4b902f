import type { DriftPolicy } from '#model/settings';

/** Who changed an object of the gateway's, as the APIC's audit log has it. */
export interface DriftAuthor {
  readonly user: string;
  /** When, in the APIC's words (ISO 8601). */
  readonly at: string;
}

/** One drift: a field, or an object as a whole, that somebody else changed. */
export interface DriftRow {
  readonly dn: string;
  readonly className: string;
  /** A property; `deleted` or `added` of the object as a whole. */
  readonly field: string;
  /** What the gateway wants; undefined of an object as a whole. */
  readonly wanted: string | undefined;
  /** What it found; undefined of an object as a whole. */
  readonly found: string | undefined;
  readonly policy: DriftPolicy;
  /** `standing`: it is there. `repaired`: it was put back. `backing-off`: it is there, and will be put back later. */
  readonly state: 'standing' | 'repaired' | 'backing-off';
  /** When the gateway found it, ISO 8601. */
  readonly since: string;
  /** Undefined as long as it was not looked up, and where the audit log does not say it. */
  readonly author: DriftAuthor | undefined;
  /** Kubernetes objects that asked for the object. */
  readonly sources: readonly string[];
  /** How often it was changed again after a repair. */
  readonly flips: number;
}

/** How much drift was found since the start, by policy and class. */
export interface DriftCount {
  readonly policy: DriftPolicy;
  readonly className: string;
  readonly count: number;
}
