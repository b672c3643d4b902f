import type { Clock, FabricScope, Logger } from '#ports';
import { ApicBusyError, ApicRejectedError, ApicSessionError, ApicSocketError } from './errors.js';
import { type Query, subscribeQuery, subscriptionRefresh } from './query.js';
import type { ApicReply } from './reply.js';

/** What {@link Subscriptions} needs. `get` reads with the session that the websocket belongs to. */
export interface SubscriptionsOptions {
  readonly url: string;
  readonly refreshTimeoutSeconds: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly get: (query: Query, about: string, kind: 'reads' | 'refreshes') => Promise<ApicReply>;
}

interface Subscription {
  readonly id: string;
  readonly scope: FabricScope;
  dueAt: number;
  failures: number;
}

/** Refreshed at a third of its life, a subscription survives one lost refresh (apic-protocol.md §5.5 item 3). */
const REFRESHES_PER_LIFE = 3;
/** After a failed refresh the next try comes sooner: the life that is left must suffice. */
const SOONER = 4;
const MOST_FAILURES = 2;

/** The subscriptions of one session's websocket. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #all: Subscription[] = [];

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Whether a push with these ids is for one of ours; a push that names none came over our socket, so it is. */
  serves(ids: readonly string[]): boolean {
    return ids.length === 0 || this.#all.some(({ id }) => ids.includes(id));
  }

  /** Subscribes to one scope after the other. */
  async subscribe(scopes: readonly FabricScope[]): Promise<void> {
    const { url, refreshTimeoutSeconds, get } = this.#options;
    for (const scope of scopes) {
      const { subscriptionId } = await get(subscribeQuery(scope, refreshTimeoutSeconds), scope.dn, 'reads');
      if (subscriptionId === undefined) throw new ApicBusyError(url, `no subscription id came for ${scope.dn}`);
      this.#all.push({ id: subscriptionId, scope, dueAt: this.#nextDue(), failures: 0 });
    }
  }

  /**
   * Refreshes each subscription in time until the signal is aborted; it runs while others are still being made, which may
   * take longer than the first one lives. Rejects when one is lost, or with the signal's reason.
   */
  async keepAlive(signal: AbortSignal): Promise<never> {
    const { clock, refreshTimeoutSeconds } = this.#options;
    const pauseMs = (refreshTimeoutSeconds * 1000) / REFRESHES_PER_LIFE / SOONER;
    for (;;) {
      const dueAt = Math.min(...this.#all.map((subscription) => subscription.dueAt), clock.uptime() + pauseMs);
      await clock.sleep(Math.max(0, dueAt - clock.uptime()), signal);
      for (const subscription of this.#all.filter((one) => one.dueAt <= clock.uptime()))
        await this.#refresh(subscription);
    }
  }

  async #refresh(subscription: Subscription): Promise<void> {
    const { url, clock, refreshTimeoutSeconds, log, get } = this.#options;
    const { id, scope } = subscription;
    try {
      await get(subscriptionRefresh(id, refreshTimeoutSeconds), `a refresh of ${scope.dn}`, 'refreshes');
      subscription.failures = 0;
      subscription.dueAt = this.#nextDue();
    } catch (error) {
      subscription.failures += 1;
      // A 400 says that the APIC does not know the subscription: a second try would only lose time.
      if (error instanceof ApicRejectedError) {
        throw new ApicSocketError(url, `the subscription of ${scope.dn} is lost: ${error.text}`, error);
      }
      if (error instanceof ApicSessionError || subscription.failures >= MOST_FAILURES) throw error;
      log.warn({ scope: scope.dn, error }, 'a subscription could not be refreshed; trying once more');
      subscription.dueAt = clock.uptime() + (refreshTimeoutSeconds * 1000) / REFRESHES_PER_LIFE / SOONER;
    }
  }

  /** A third of the life, up to a tenth of that sooner, so that many subscriptions do not come due together. */
  #nextDue(): number {
    const { clock, random, refreshTimeoutSeconds } = this.#options;
    return clock.uptime() + ((refreshTimeoutSeconds * 1000) / REFRESHES_PER_LIFE) * (1 - random() / 10);
  }
}
