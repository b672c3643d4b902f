import type { Attributes, FlatObject, ManagedObject } from '#model/aci';
import type { AuditLog } from './audit-log.js';

/** A part of the tree to follow: everything of the classes at and below the Dn, whether it exists yet or not. */
export interface FabricScope {
  readonly dn: string;
  readonly classes: readonly string[];
}

/** What to list: everything of the classes at and below the Dn. */
export interface FabricListing {
  readonly dn: string;
  /** `all`: of every class that the APIC has, also such as the model does not know. */
  readonly classes: readonly string[] | 'all';
  /** Only objects whose properties have these values: `{ 'fvTenant.name': 'x' }`. No value has a quotation mark. */
  readonly values?: Attributes;
}

/** A change that the APIC reported. `attributes` holds what the event told: all for created, the changed ones for modified. */
export interface FabricChange {
  readonly kind: 'created' | 'modified' | 'deleted';
  readonly className: string;
  readonly dn: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A listing that is on its way. */
export interface OpenListing {
  /** It is over, or has failed. */
  end(): void;
}

/** Takes what the fabric tells, in order. Called synchronously; must not throw. */
export interface FabricSink {
  /** A listing begins: what is written from now on need not be in it. While a session takes over from another, two may be on their way. */
  listing?(): OpenListing | undefined;
  /**
   * The complete content of all scopes, listed after the subscriptions were made: what is not in it is gone.
   *
   * @param listing as {@link listing} gave it when this one began
   */
  replaced(objects: readonly FlatObject[], listing?: OpenListing): void;
  changed(change: FabricChange): void;
  /**
   * Whether the sink has heard of the object. Where it answers no, a change of a part of it is not told: its creation was
   * missed, and a new `replaced` follows soon.
   */
  knows?(dn: string): boolean;
  /** The picture can no longer be trusted (socket lost, refresh missed); a new `replaced` follows by itself. */
  lost(reason: string): void;
}

/** The APIC: one session, its writes, its subscriptions, and its audit log. */
export interface ApicPort extends AuditLog {
  /**
   * Posts a tree to the object at the Dn as one transaction. Rejects with a GatewayError that carries the disposition.
   *
   * @param mayBegin asked right before it is sent, after all that it waited for; what it throws is what the POST rejects with
   */
  post(dn: string, tree: ManagedObject, signal: AbortSignal, mayBegin?: () => void): Promise<void>;
  /** Follows the scopes until aborted, through logins, socket losses and restarts of the APIC. */
  watch(scopes: readonly FabricScope[], sink: FabricSink, signal: AbortSignal): Promise<void>;
  /** What the listing says, page by page: in order where it names one class. */
  list(listing: FabricListing, signal: AbortSignal): Promise<readonly FlatObject[]>;
  /** Requests sent so far, by kind. */
  requests(): ApicRequestCounts;
  /** Logs out and closes connections. */
  close(): Promise<void>;
}

/** Requests since the start. `writes` counts POSTs and DELETEs of managed objects, not logins. */
export interface ApicRequestCounts {
  readonly logins: number;
  readonly reads: number;
  readonly writes: number;
  readonly refreshes: number;
}
