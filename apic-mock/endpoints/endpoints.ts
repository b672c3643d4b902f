import { canonicalValue } from '#model/aci';
import { childOfClass, type ObjectStore, type StoredObject, type Transaction } from '../tree/index.js';
import { canonicalAddress } from './ip-address.js';
import { endpointsOf, type LearnedEndpoint, learn, type SeenEndpoint } from './learn.js';

/** Seconds that an endpoint is remembered in silence, when its bridge domain's policy does not say. */
const DEFAULT_AGE_SECONDS = 900;

/**
 * The learned endpoints of a fabric (`fvCEp`, `fvIp`; apic-protocol.md §6.7), and when each is forgotten. Addresses live
 * as long as their endpoint: an APIC lets them age alone only by its IP aging policy, which is off by default.
 */
export class Endpoints {
  /** When the endpoints age, in milliseconds, by Dn. */
  readonly #agesAt = new Map<string, number>();
  #nextDue = Number.POSITIVE_INFINITY;

  /** Learns an endpoint at a time; one that is known stays remembered. Throws what {@link learn} throws. */
  learn(transaction: Transaction, seen: SeenEndpoint, now: number): LearnedEndpoint {
    const learned = learn(transaction, seen);
    const agesAt = now + ageSeconds(transaction.store, learned.group) * 1000;
    this.#agesAt.set(learned.dn, agesAt);
    this.#nextDue = Math.min(this.#nextDue, agesAt);
    return learned;
  }

  /** Forgets a MAC with its addresses, or one of its addresses. Gives whether there was something to forget. Throws for no address. */
  forget(transaction: Transaction, mac: string, ip: string | undefined): boolean {
    const rn = ip === undefined ? '' : `ip-[${canonicalAddress(ip)}]`;
    const found = endpointsOf(transaction.store, canonicalValue('fvCEp', 'mac', mac));
    const gone = found.flatMap((endpoint) => (rn === '' ? endpoint : (endpoint.children.get(rn) ?? [])));
    for (const object of gone) transaction.remove(object);
    return gone.length > 0;
  }

  /** Whether {@link age} may have something to do. */
  isDue(now: number): boolean {
    return this.#nextDue <= now;
  }

  /** Forgets those that were silent for too long. */
  age(transaction: Transaction, now: number): void {
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const [dn, agesAt] of this.#agesAt) {
      const endpoint = transaction.store.get(dn);
      if (endpoint !== undefined && agesAt > now) {
        this.#nextDue = Math.min(this.#nextDue, agesAt);
        continue;
      }
      this.#agesAt.delete(dn);
      if (endpoint !== undefined) transaction.remove(endpoint);
    }
  }
}

/** The retention policy of the group's bridge domain: `localEpAgeIntvl`. */
function ageSeconds(store: ObjectStore, group: string): number {
  const bd = targetOf(store, store.get(group), 'fvRsBd');
  const seconds = Number(targetOf(store, bd, 'fvRsBdToEpRet')?.attributes.localEpAgeIntvl);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : DEFAULT_AGE_SECONDS;
}

function targetOf(store: ObjectStore, object: StoredObject | undefined, relation: string): StoredObject | undefined {
  return object === undefined ? undefined : store.get(childOfClass(object, relation)?.attributes.tDn ?? '');
}
