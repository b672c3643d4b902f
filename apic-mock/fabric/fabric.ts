import { Faults, followHealth } from '../faults/index.js';
import { type Change, ObjectStore, type Stamp, Transaction } from '../tree/index.js';
import { Zoning } from '../zoning/index.js';
import { AssignedIds } from './assigned-ids.js';
import { Relations } from './relations.js';

/** Told of every commit, in order, after it happened. */
export type ChangeListener = (changes: readonly Change[]) => void;

/** Who acts on the fabric: a user's number for what comes over REST, `0` for the fabric itself (apic-protocol.md §6.4). */
export interface Actor {
  readonly uid: string;
}

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
   * Runs `write` as one transaction and gives what it changed. When it throws, nothing has happened, and the error goes
   * on to the caller.
   */
  commit(actor: Actor, write: (transaction: Transaction) => void): readonly Change[] {
    const changes = this.#run(actor, (transaction) => {
      write(transaction);
      this.#relations.settle(transaction);
    });
    const following = this.#run(SYSTEM, (transaction) => {
      this.#ids.follow(changes, transaction);
      this.#faults.follow([...changes, ...transaction.changes()], transaction);
      followHealth([...changes, ...transaction.changes()], transaction);
    });
    this.zoning.note(changes);
    this.zoning.note(following);
    return changes;
  }

  /** Brings what follows from time and what is worked out only when somebody looks up to date: faults, zoning rules. */
  settle(): void {
    const now = this.#now();
    if (this.#faults.isDue(now)) {
      this.#run(SYSTEM, (transaction) => {
        this.#faults.age(now, transaction);
        followHealth(transaction.changes(), transaction);
      });
    }
    if (!this.zoning.isSettled) this.#run(SYSTEM, (transaction) => this.zoning.settle(transaction));
  }

  /**
   * What `write` would change, without changing it: the transaction is taken back. Throws what `write` throws. What the
   * fabric does by itself afterwards is not part of it.
   */
  rehearse(actor: Actor, write: (transaction: Transaction) => void): readonly Change[] {
    const transaction = new Transaction(this.store, this.#stamp(actor));
    try {
      write(transaction);
      return transaction.changes();
    } finally {
      transaction.rollback();
    }
  }

  #run(actor: Actor, write: (transaction: Transaction) => void): readonly Change[] {
    const transaction = new Transaction(this.store, this.#stamp(actor));
    try {
      write(transaction);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
    const changes = transaction.changes();
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
    return changes;
  }

  #stamp(actor: Actor): Stamp {
    return { modTs: timestamp(this.#now()), uid: actor.uid };
  }
}

/** An APIC's date: ISO 8601 with milliseconds and the zone's offset (apic-protocol.md §6.4). */
export const timestamp = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('Z', '+00:00');
