import { messageOf } from '#errors';
import { type Change, type DriftPolicies, driftPolicies, LastEqual } from '#fabric';
import { type ObjectMap } from '#model/aci';
import type { Finding } from '#model/policy';
import { ADDED, DELETED, type DriftSettings } from '#model/settings';
import type { AuditLog, Clock, ClusterEvents, DriftAuthor, DriftCount, DriftRow, Logger } from '#ports';
import type { WantedFabric } from './desired-state.js';
import { authorOf } from './drift/author.js';
import { Fights } from './drift/fights.js';
import { type DriftItem, driftKey } from './drift/item.js';
import { DriftLedger } from './drift/ledger.js';
import { OwnWrites } from './drift/own-writes.js';
import { DriftReview } from './drift/review.js';
import { driftRow } from './drift/row.js';
import { driftEvents, driftFinding, rollbackFinding } from './drift/words.js';

/** What the drift worker needs. */
export interface DriftContext {
  readonly settings: DriftSettings;
  readonly clusterId: string;
  readonly audit: AuditLog;
  readonly events: ClusterEvents;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks in the audit log at one time: somebody who deletes much must not make the gateway load the APIC. */
const MOST_LOOKUPS = 20;

/**
 * Decides what becomes of what others change in the gateway's objects (decision 16): {@link review} goes over the changes of
 * a plan before they are batched, and holds back what the policies leave to others. It remembers what was last equal, so
 * what the gateway wants anew is never taken for drift.
 */
export class DriftWorker {
  readonly #context: DriftContext;
  readonly #policies: DriftPolicies;
  readonly #lastEqual = new LastEqual();
  readonly #own = new OwnWrites();
  readonly #fights: Fights;
  readonly #ledger: DriftLedger;
  /** Keys of what was adopted, and is seen. */
  #adopted: ReadonlySet<string> = new Set();
  #review: DriftReview | undefined;
  /** The last rollback: when, for people and by a clock that nobody sets, and what was in an older state. */
  #rollback: { readonly at: number; readonly uptime: number; readonly dns: ReadonlySet<string> } | undefined;

  constructor(context: DriftContext) {
    this.#context = context;
    this.#policies = driftPolicies(context.settings.rules);
    this.#fights = new Fights(context.settings);
    this.#ledger = new DriftLedger(context.settings.windowMs);
  }

  /**
   * Begins a comparison of the two sides, canonical. Gives what is to be done with each change of it: the change as it is to
   * be made, or undefined to leave it. It must be asked for every change, and {@link reviewed} be called when it was.
   */
  review(wanted: WantedFabric, actual: ObjectMap): (change: Change) => Change | undefined {
    const { clock } = this.#context;
    const uptime = clock.uptime();
    this.#own.forget(uptime);
    this.#fights.forget(uptime);
    this.#ledger.begin(uptime);
    const references = new Set(wanted.references);
    const { objects: desired, bridges: unmarked = NO_DNS } = wanted;
    const sides = { desired, actual, references, unmarked, lastEqual: this.#lastEqual, own: this.#own };
    const review = new DriftReview(sides, {
      policies: this.#policies,
      fights: this.#fights,
      ledger: this.#ledger,
      adopted: this.#adopted,
      now: clock.now(),
      uptime,
    });
    this.#review = review;
    return (change) => review.adjust(change);
  }

  /** Ends the comparison. `conflicts` are the findings of names that are somebody else's. */
  reviewed(conflicts: readonly Finding[]): void {
    const review = this.#review;
    if (review === undefined) return;
    this.#review = undefined;
    const taken = conflicts
      .filter(({ code }) => code === 'NAME_IN_USE')
      .map(({ object }) => object.replace(/^ACI\//, ''));
    this.#lastEqual.seen(review.desired, review.known, taken);
    this.#adopted = review.adopted;
    this.#ledger.end();
    this.#noteRollback(review.rolledBack);
  }

  /** Notes what is about to be written: the APIC may take it and its answer be lost. */
  writing(changes: readonly Change[]): void {
    const uptime = this.#context.clock.uptime();
    this.#own.forget(uptime);
    for (const change of changes) this.#own.note(change, uptime);
  }

  /** Notes what the APIC took. Its events may come late from now on: it may have taken long. */
  wrote(changes: readonly Change[]): void {
    const uptime = this.#context.clock.uptime();
    for (const change of changes) {
      const { dn } = change.object;
      this.#own.note(change, uptime);
      this.#lastEqual.wrote(dn);
      if (this.#ledger.isEmpty) continue;
      for (const field of change.kind === 'modify' ? change.fields : [DELETED, ADDED]) {
        const key = driftKey({ dn, field });
        if (this.#ledger.repaired(key, uptime)) this.#fights.repaired(key, uptime);
      }
    }
  }

  /** Milliseconds until something is put back that the gateway backs off from; undefined where there is none. */
  get againInMs(): number | undefined {
    const uptime = this.#context.clock.uptime();
    const end = this.#fights.nextEnd(uptime);
    return end === undefined ? undefined : end - uptime;
  }

  /** Whether somebody is to be told of new drift. */
  get hasUntold(): boolean {
    return this.#ledger.hasUntold;
  }

  /** Looks up who did it, and tells. Never rejects: drift without an author is told, too. */
  async tell(signal: AbortSignal): Promise<void> {
    const untold = this.#ledger.takeUntold();
    await this.#sign(untold, signal);
    // What came up meanwhile is told the next time, with an author of its own.
    const items = untold.flatMap((item) => this.#ledger.now(item) ?? []);
    for (const item of items) if (item.policy !== 'ignore') this.#logItem(item);
    for (const event of driftEvents(items)) this.#context.events.tell(event);
  }

  /** What people must know: drift that stands or was repaired of late, and fights. */
  get findings(): readonly Finding[] {
    const { clock, settings, clusterId } = this.#context;
    const uptime = clock.uptime();
    const found = this.#ledger.items(uptime).flatMap((item) => driftFinding(item) ?? []);
    const rollback = this.#rollback;
    if (rollback === undefined || rollback.uptime <= uptime - settings.windowMs) return found;
    return [rollbackFinding(clusterId, rollback.dns.size, rollback.at), ...found];
  }

  /** All drift that stands or was repaired of late. */
  get rows(): readonly DriftRow[] {
    return this.#ledger.items(this.#context.clock.uptime()).map(driftRow);
  }

  /** How much was found since the start. What an older snapshot brought back counts as repaired. */
  get driftCounts(): readonly DriftCount[] {
    return this.#ledger.counts;
  }

  async #sign(items: readonly DriftItem[], signal: AbortSignal): Promise<void> {
    const { audit, log } = this.#context;
    const told = items.filter(({ policy }) => policy !== 'ignore').slice(0, MOST_LOOKUPS);
    for (const item of told) {
      try {
        const author: DriftAuthor | undefined = authorOf(item, await audit.changesOf(item.dn, signal));
        if (author !== undefined) this.#ledger.signed(item, author);
      } catch (error) {
        log.warn({ dn: item.dn, reason: messageOf(error) }, 'cannot look up in the audit log who changed an object');
        return;
      }
    }
  }

  #logItem({ dn, className, field, wanted, found, policy, author, flips, pausedUntil }: DriftItem): void {
    const fields = { dn, class: className, field, wanted, found, policy, user: author?.user, at: author?.at, flips };
    if (pausedUntil === undefined) this.#context.log.info(fields, 'somebody changed an object of the gateway');
    else
      this.#context.log.warn({ ...fields, pausedUntil }, 'backing off from an object that is changed again and again');
  }

  /** Counts each object of a rollback once, however many comparisons it takes to bring it up to date. */
  #noteRollback(found: ReadonlyMap<string, string>): void {
    if (found.size === 0) return;
    const { clock, settings } = this.#context;
    const uptime = clock.uptime();
    const { uptime: last, dns } = this.#rollback ?? { uptime, dns: new Set<string>() };
    const isNew = last <= uptime - settings.windowMs;
    const known = isNew ? new Set<string>() : dns;
    const fresh = [...found].filter(([dn]) => !known.has(dn));
    if (fresh.length === 0) return;
    for (const [, className] of fresh) this.#ledger.count('repair', className);
    this.#rollback = { at: clock.now(), uptime, dns: new Set([...known, ...fresh.map(([dn]) => dn)]) };
    this.#context.log.warn({ objects: fresh.length }, 'the fabric is in an older state of the gateway’s own');
  }
}

const NO_DNS: ReadonlySet<string> = new Set();
