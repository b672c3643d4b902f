import { messageOf } from '#errors';
import type { Clock, Lease, LeaseStore, Logger, StoredLease } from '#ports';
import { withSignals } from './abortable.js';
import { atMost } from './at-most.js';
import { leastSince, type Moment, momentOf, mostSince } from './moment.js';

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

/**
 * Share of the lease for which a renewal lets this process lead. What is left is for what was on its way; and by then the lease
 * was given up.
 */
const LEADS_FOR = 2 / 3;
/** Share of the lease between two tries. */
const TRY_EVERY = 2 / 15;
const JITTER = 0.2;

/**
 * Leads while it holds a lease, as the leader election of Kubernetes does (client-go `leaderelection`): a lease that another
 * process holds is taken once it has not changed for as long as it says, by the clock of this process, so that clocks need not
 * agree. Who cannot renew gives up before others may take over, with time left for what is on its way.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  /** The lease of others as it was seen last, and since when it is that one. */
  #seen: { readonly version: string; readonly at: Moment } | undefined;
  /** When the renewal that counts began. */
  #heldSince: Moment | undefined;
  /** Whether the lease may be ours: it was asked for, whatever became of the answer. */
  #mayHold = false;
  #holder = '';
  #trouble: string | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  /** Whether no other process can lead now, nor for as long as what is begun now may take. */
  get leads(): boolean {
    return this.#leftMs > 0;
  }

  /** Why the lease cannot be asked for, in words; undefined when it can. */
  get trouble(): string | undefined {
    return this.#trouble;
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

  /** Renews as long as that goes; resolves when this process leads no more, or the signal is aborted. Never rejects. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#leftMs > 0) await this.#renew(signal);
    if (signal.aborted) return;
    this.#heldSince = undefined;
    this.#options.log.error({ holder: this.#holder }, 'does not lead any more');
  }

  /** One renewal after a pause, for as long as this process still leads: an API server may answer too late, or never. */
  async #renew(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const renewed = withSignals([signal, over.signal], async (either) => {
      await this.#pause(either);
      await this.#try(either);
    }).catch(() => undefined);
    await atMost(renewed, this.#leftMs, this.#options.clock);
    over.abort(new Error('the lease was not renewed in time'));
  }

  /** Gives the lease back, so that nobody has to wait for its end. Best effort. */
  async release(signal: AbortSignal): Promise<void> {
    const { store, identity, log } = this.#options;
    if (!this.#mayHold) return;
    this.#mayHold = false;
    this.#heldSince = undefined;
    try {
      // A renewal that nobody waits for any more may come in between: then it is looked again.
      for (let isOver = false; !isOver; ) {
        const found = await store.read(signal);
        isOver = found?.holder !== identity || (await store.put({ ...found, holder: '' }, found, signal));
      }
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'the lease could not be given back; others wait until it ends');
    }
  }

  /** Takes or renews the lease; whether this process leads by it. Rejects only with the signal's reason. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const began = momentOf(clock);
    try {
      const found = await store.read(signal);
      if (found !== undefined && this.#isOthers(found)) {
        this.#holder = found.holder;
        this.#heldSince = undefined;
        this.#trouble = undefined;
        return false;
      }
      const lease = this.#next(found, began.wall);
      // Somebody was quicker, or the last answer was lost: the next look tells.
      this.#mayHold = true;
      if (!(await store.put(lease, found, signal))) return false;
      signal.throwIfAborted();
      this.#heldSince = began;
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
    if (this.#seen?.version !== version) this.#seen = { version, at: momentOf(clock) };
    // A clock that was set forward ends nobody's lease.
    return leastSince(this.#seen.at, clock) < seconds * 1000;
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

  /** Milliseconds for which this process may still lead. */
  get #leftMs(): number {
    if (this.#heldSince === undefined) return 0;
    const age = mostSince(this.#heldSince, this.#options.clock);
    return Math.max(0, Math.floor(this.#leaseMs * LEADS_FOR - age));
  }

  get #leaseMs(): number {
    return this.#options.seconds * 1000;
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    return clock.sleep(this.#leaseMs * TRY_EVERY * (1 + JITTER * random()), signal);
  }
}
