import { randomInt } from 'node:crypto';
import { ApicError, badRequest } from '../apic-error.js';
import { timestamp } from '../fabric/index.js';
import type { Session } from '../session/index.js';
import type { Change } from '../tree/index.js';
import { encodeEvent } from '../wire/index.js';
import { eventEntry, judgedAttributes } from './event-entry.js';
import { PushFaults } from './push-faults.js';
import type { Sockets } from './sockets.js';
import type { Subscription } from './subscription.js';
import { SubscriptionIndex } from './subscription-index.js';

/** Longest life that can be asked for: ten hours (apic-protocol.md §5.3). */
const MAX_LIFE_SECONDS = 36_000;

interface Lease {
  readonly subscription: Subscription;
  lifeSeconds: number;
  expiresAt: number;
}

/** What the subscriptions need of the rest. */
export interface SubscriptionsContext {
  readonly sockets: Sockets;
  readonly now: () => number;
  /** Life of a subscription that asks for none. */
  readonly defaultSeconds: number;
}

/** The subscriptions of all sessions: ids, lives, and what is pushed for each change (apic-protocol.md §5). */
export class Subscriptions {
  readonly #context: SubscriptionsContext;
  readonly #leases = new Map<string, Lease>();
  readonly #index = new SubscriptionIndex();
  /** Number of frames sent. */
  framesSent = 0;
  /** What a test wants to go wrong with the next frames. */
  readonly faults = new PushFaults();

  constructor(context: SubscriptionsContext) {
    this.#context = context;
  }

  /**
   * Begins a subscription and gives its id: random, so that no client can come to rely on it. Throws 405 when the
   * session has no open socket (apic-protocol.md §5.1).
   */
  subscribe(wanted: Omit<Subscription, 'id'>, seconds: number | undefined): string {
    if (!this.#context.sockets.isOpen(wanted.session)) {
      throw new ApicError(
        405,
        405,
        'Subscription request failed, unable to locate opened web socket. Please re-login to the application',
      );
    }
    const id = `72057${String(randomInt(10 ** 13)).padStart(13, '0')}`;
    const subscription = { ...wanted, id };
    const lifeSeconds = this.#life(seconds);
    this.#leases.set(id, { subscription, lifeSeconds, expiresAt: this.#context.now() + lifeSeconds * 1000 });
    this.#index.add(subscription);
    return id;
  }

  /** Lengthens a subscription's life. Throws code 400 for an id that the session does not have (text unknown, §5.3). */
  refresh(session: Session, id: string, seconds: number | undefined): void {
    this.sweep();
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.subscription.session.id !== session.id) {
      throw badRequest(`Subscription refresh failed, unable to locate subscription ${id}`);
    }
    if (seconds !== undefined) lease.lifeSeconds = this.#life(seconds);
    lease.expiresAt = this.#context.now() + lease.lifeSeconds * 1000;
  }

  /** Ends what has not been refreshed in time. */
  sweep(): void {
    const now = this.#context.now();
    for (const lease of this.#leases.values()) if (lease.expiresAt <= now) this.#end(lease);
  }

  /** Ends the subscriptions of a session, or of all. */
  endAll(session?: Session): void {
    for (const lease of this.#leases.values()) {
      if (session === undefined || lease.subscription.session.id === session.id) this.#end(lease);
    }
  }

  /** Number of live subscriptions. */
  get count(): number {
    return this.#leases.size;
  }

  /** Pushes what the changes mean to each subscription: one frame for a change and a session, naming all its ids. */
  publish(changes: readonly Change[]): void {
    if (this.#leases.size === 0) return;
    const deletedAt = timestamp(this.#context.now());
    this.#context.sockets.together(() => {
      for (const change of changes) this.#publishOne(change, deletedAt);
    });
  }

  #publishOne(change: Change, deletedAt: string): void {
    const wanted = [...this.#index.matching(change.object)].filter(
      ({ muted, filter }) => !muted && filter?.(subjectOf(change)) !== false,
    );
    if (wanted.length === 0) return;
    const entry = eventEntry(change, deletedAt);
    for (const [first, ...more] of bySocket(wanted)) {
      const ids = [first, ...more].map((subscription) => subscription.id);
      this.#send(first.session, encodeEvent(first.format, ids, [entry]));
    }
  }

  #send(session: Session, frame: string): void {
    this.faults.pass(() => {
      if (this.#context.sockets.send(session, frame)) this.framesSent += 1;
    });
  }

  #life(seconds: number | undefined): number {
    return seconds === undefined || seconds === 0 ? this.#context.defaultSeconds : Math.min(seconds, MAX_LIFE_SECONDS);
  }

  #end(lease: Lease): void {
    this.#leases.delete(lease.subscription.id);
    this.#index.remove(lease.subscription);
  }
}

type Together = [Subscription, ...Subscription[]];

/** The subscriptions by their session and spelling: each gets one frame. */
function bySocket(wanted: readonly Subscription[]): Iterable<Together> {
  const groups = new Map<string, Together>();
  for (const one of wanted) {
    const key = `${one.session.id} ${one.format}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups.values();
}

/** What filters are asked about. Made for those that have one: most have none, and attributes cost. */
const subjectOf = (change: Change): Parameters<NonNullable<Subscription['filter']>>[0] => {
  const { className, dn, rn } = change.object;
  return { className, dn, rn, attributes: judgedAttributes(change) };
};
