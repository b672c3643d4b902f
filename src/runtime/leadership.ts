import { messageOf } from '#errors';
import type { Clock, Lease, LeaseStore, Logger, StoredLease } from '#ports';

/** What {@link Leadership} needs. */
export interface LeadershipOptions {
  readonly store: LeaseStore;
  /** Tells this process from all others. */
  readonly identity: string;
  /** Seconds after the last renewal after which another process may lead. */
  readonly seconds: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Share of the lease after which one that could not be renewed is given up: what is left is for ending the work. */
const GIVE_UP = 2 / 3;
/** Share of the lease between two tries. */
const TRY_EVERY = 2 / 15;
const JITTER = 0.2;

/**
 * Leads while it holds a lease, as the leader election of Kubernetes does (client-go `leaderelection`): a lease that another
 * process holds is taken once it has not changed for as long as it says, by the clock of this process, so that clocks need not
 * agree. Who cannot renew gives up before others may take over.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  /** The lease of others as it was seen last, and since when it is that one. */
  #seen: { readonly version: string; readonly at: number } | undefined;
  #held: { readonly lease: Lease; readonly since: number } | undefined;
  #holder = '';
  #trouble: string | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  /** Whether no other process can lead now. */
  get leads(): boolean {
    return this.#held !== undefined && this.#age < this.#leaseMs;
  }

  /** Who led when it was looked at last; empty when nobody did or that is not known. */
  get holder(): string {
    return this.#holder;
  }

  /** Resolves when this process leads. Rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<void> {
    while (!(await this.#try(signal))) await this.#pause(signal);
    this.#options.log.info({ identity: this.#options.identity }, 'leads from now on');
  }

  /** Renews as long as that goes; resolves when it does not, or the signal is aborted. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pause(signal).catch(() => undefined);
      if (signal.aborted || (await this.#try(signal).catch(() => false))) continue;
      if (this.#held === undefined || this.#age >= this.#leaseMs * GIVE_UP) break;
    }
    if (signal.aborted) return;
    this.#held = undefined;
    this.#options.log.error({ holder: this.#holder }, 'does not lead any more');
  }

  /** Gives the lease back, so that nobody has to wait for its end. Best effort. */
  async release(signal: AbortSignal): Promise<void> {
    const { store, identity, log } = this.#options;
    if (this.#held === undefined) return;
    this.#held = undefined;
    try {
      const found = await store.read(signal);
      if (found?.holder === identity) await store.put({ ...found, holder: '' }, found, signal);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'the lease could not be given back; others wait until it ends');
    }
  }

  /** Takes or renews the lease; whether this process leads by it. Rejects only with the signal's reason. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const now = clock.now();
    try {
      const found = await store.read(signal);
      if (found !== undefined && this.#isOthers(found)) {
        this.#holder = found.holder;
        this.#held = undefined;
        return false;
      }
      const lease = this.#next(found, now);
      // Somebody was quicker, or the last answer was lost: the next look tells.
      if (!(await store.put(lease, found, signal))) return false;
      this.#held = { lease, since: now };
      this.#holder = lease.holder;
      this.#trouble = undefined;
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const reason = messageOf(error);
      if (reason !== this.#trouble) log.warn({ reason }, 'the lease by which one gateway leads cannot be had');
      this.#trouble = reason;
      return false;
    }
  }

  /** Whether another process may still lead by the lease. */
  #isOthers({ holder, seconds, version }: StoredLease): boolean {
    const { identity, clock } = this.#options;
    if (holder === '' || holder === identity) return false;
    const now = clock.now();
    if (this.#seen?.version !== version) this.#seen = { version, at: now };
    return now - this.#seen.at < seconds * 1000;
  }

  #next(found: StoredLease | undefined, now: number): Lease {
    const { identity, seconds } = this.#options;
    const isOwn = found?.holder === identity;
    return {
      holder: identity,
      seconds,
      acquiredAt: isOwn ? found.acquiredAt : now,
      renewedAt: now,
      transitions: found === undefined ? 0 : found.transitions + (isOwn ? 0 : 1),
    };
  }

  /** Milliseconds since the renewal that counts. */
  get #age(): number {
    return this.#held === undefined ? Infinity : this.#options.clock.now() - this.#held.since;
  }

  get #leaseMs(): number {
    return this.#options.seconds * 1000;
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    return clock.sleep(this.#leaseMs * TRY_EVERY * (1 + JITTER * random()), signal);
  }
}
