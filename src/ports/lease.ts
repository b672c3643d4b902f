/** A lease as it is kept for all: who leads, and for how long others have to believe it. */
export interface Lease {
  /** Empty when nobody leads. */
  readonly holder: string;
  /** Seconds for which it holds after a renewal, by the clock of whoever looks. */
  readonly seconds: number;
  /** When the holder got it and renewed it last, in milliseconds since the epoch by the holder's clock. */
  readonly acquiredAt: number;
  readonly renewedAt: number;
  /** How often it has changed hands. */
  readonly transitions: number;
}

/** A lease with the version of it that was read. */
export interface StoredLease extends Lease {
  readonly version: string;
}

/** Keeps one lease. Both reject with a GatewayError when the store cannot be asked. */
export interface LeaseStore {
  /** The lease, or undefined where there is none yet. */
  read(signal: AbortSignal): Promise<StoredLease | undefined>;
  /** Puts a lease in place of the one that was read, or where none was; gives false when somebody else was quicker. */
  put(lease: Lease, instead: StoredLease | undefined, signal: AbortSignal): Promise<boolean>;
  close(): void;
}
