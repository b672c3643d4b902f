import { Endpoints, LeafEndpoints, type LearnedEndpoint, type SeenEndpoint } from '../endpoints/index.js';
import { Faults, followHealth } from '../faults/index.js';
import { RecordLog } from '../records/index.js';
import { type Change, ObjectStore, type Stamp, type StoredObject, Transaction } from '../tree/index.js';
import { Zoning } from '../zoning/index.js';
import { AssignedIds } from './assigned-ids.js';
import { Relations } from './relations.js';
import { ResolvedFilters } from './resolved-filters.js';

/** Told of every commit, in order, after it happened. */
export type ChangeListener = (changes: readonly Change[]) => void;

/** Who acts on the fabric: a user's number for what comes over REST, `0` for the fabric itself (apic-protocol.md §6.4). */
export interface Actor {
  readonly uid: string;
  /** The user and the session that the audit log names; without them nothing is recorded. */
  readonly user?: string;
  readonly sessionId?: string;
}

/** Looks at what a transaction has changed before it holds; throws to take it back. */
export type ChangeCheck = (changes: readonly Change[]) => void;

const NO_CHECK: ChangeCheck = () => undefined;

/** The fabric itself as the one who acts. */
export const SYSTEM: Actor = { uid: '0' };

/**
 * The simulated fabric: the tree of objects and what an APIC does by itself when it changes. One `commit` is one
 * transaction; what follows from it a moment later is a second one.
 */
export class Fabric {
  readonly store = new ObjectStore();
  readonly zoning = new Zoning(this.store);
  readonly #relations = new Relations();
  readonly #records = new RecordLog(this.store);
  readonly #endpoints = new Endpoints();
  readonly #leafEndpoints = new LeafEndpoints();
  readonly #filters = new ResolvedFilters();
  readonly #ids = new AssignedIds();
  readonly #faults = new Faults();
  readonly #listeners = new Set<ChangeListener>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls the listener after every commit from now on; gives the way to stop it. */
  onChanges(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs `write` as one transaction and gives what it changed. When it or the check throws, nothing has happened, and
   * the error goes on to the caller.
   */
  commit(actor: Actor, write: (transaction: Transaction) => void, check = NO_CHECK): readonly Change[] {
    const changes = this.#run(actor, this.#resolved(write), check);
    const following = this.#run(SYSTEM, (transaction) => {
      this.#ids.follow(changes, transaction);
      this.#filters.follow(changes, transaction);
      const all = [...changes, ...transaction.changes()];
      this.#leafEndpoints.follow(all, transaction);
      const hasFaults = this.#faults.follow(all, transaction);
      if (hasFaults) followHealth([...changes, ...transaction.changes()], transaction);
    });
    this.zoning.note(changes);
    this.zoning.note(following);
    this.#audit(changes, actor);
    this.#record(changes, following);
    return changes;
  }

  #resolved(write: (transaction: Transaction) => void): (transaction: Transaction) => void {
    return (transaction) => {
      write(transaction);
      this.#relations.settle(transaction);
    };
  }

  /** Learns an endpoint as a leaf does. Throws `InvalidInputError` when no group is bound there. */
  learn(seen: SeenEndpoint): LearnedEndpoint {
    let learned: LearnedEndpoint | undefined;
    this.commit(SYSTEM, (transaction) => {
      learned = this.#endpoints.learn(transaction, seen, this.#now());
    });
    if (learned === undefined) throw new Error('a commit did not run');
    return learned;
  }

  /** Forgets a MAC with all its addresses, or one address of it; gives whether it was known. */
  forget(mac: string, ip?: string): boolean {
    let isForgotten = false;
    this.commit(SYSTEM, (transaction) => {
      isForgotten = this.#endpoints.forget(transaction, mac, ip);
    });
    return isForgotten;
  }

  /** Records what a user did with a session, or a failed login: `aaaSessionLR`. */
  recordSession(user: string, descr: string): void {
    this.#tell([this.#records.session(user, descr, timestamp(this.#now()))]);
  }

  #audit(changes: readonly Change[], { user, sessionId = '' }: Actor): void {
    if (user === undefined || changes.length === 0) return;
    this.#tell(this.#records.audit(changes, { user, sessionId, time: timestamp(this.#now()) }));
  }

  /** Keeps what happened by itself: the event log and the one of faults. */
  #record(...transactions: readonly (readonly Change[])[]): void {
    const time = timestamp(this.#now());
    for (const changes of transactions) this.#tell(this.#records.happened(changes, time));
  }

  #tell(records: readonly StoredObject[]): void {
    if (records.length === 0) return;
    const changes = records.map((object) => ({
      kind: 'created' as const,
      object,
      get after() {
        return object.attributes;
      },
    }));
    for (const listener of this.#listeners) listener(changes);
  }

  /** Brings what follows from time and what is worked out only when somebody looks up to date: endpoints, faults, rules. */
  settle(): void {
    const now = this.#now();
    if (this.#endpoints.isDue(now)) this.commit(SYSTEM, (transaction) => this.#endpoints.age(transaction, now));
    if (this.#faults.isDue(now)) {
      const aged = this.#run(SYSTEM, (transaction) => {
        this.#faults.age(now, transaction);
        followHealth(transaction.changes(), transaction);
      });
      this.#record(aged);
    }
    if (!this.zoning.isSettled) this.#run(SYSTEM, (transaction) => this.zoning.settle(transaction));
  }

  /**
   * What `write` would change, without changing it: the transaction is taken back. Throws what `write` and the check
   * throw. What the fabric does by itself afterwards is not part of it.
   */
  rehearse(actor: Actor, write: (transaction: Transaction) => void, check = NO_CHECK): readonly Change[] {
    const transaction = new Transaction(this.store, this.#stamp(actor));
    try {
      this.#resolved(write)(transaction);
      const changes = transaction.changes();
      check(changes);
      return changes;
    } finally {
      transaction.rollback();
    }
  }

  #run(actor: Actor, write: (transaction: Transaction) => void, check = NO_CHECK): readonly Change[] {
    const transaction = new Transaction(this.store, this.#stamp(actor));
    let changes: readonly Change[];
    try {
      write(transaction);
      changes = transaction.changes();
      check(changes);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
    return changes;
  }

  #stamp(actor: Actor): Stamp {
    return { modTs: timestamp(this.#now()), uid: actor.uid };
  }
}

/** An APIC's date: ISO 8601 with milliseconds and the zone's offset (apic-protocol.md §6.4). */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('Z', '+00:00');
