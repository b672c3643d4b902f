import { GatewayError, messageOf } from '#errors';
import { type Batch, batchOf, type Change, unitDn, withOwnerMarks } from '#fabric';
import type { FabricSettings } from '#model/settings';
import type { Clock, Logger } from '#ports';
import type { BatchPoster } from './batch-poster.js';
import type { WantedFabric } from './desired-state.js';
import type { DriftWorker } from './drift-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import type { ParkedObjects } from './parked-objects.js';

/** What {@link BatchSender} needs. */
export interface BatchSenderContext {
  readonly poster: BatchPoster;
  readonly fabric: Pick<FabricMirror, 'objects' | 'applied' | 'listen'>;
  readonly desired: () => WantedFabric | undefined;
  readonly settings: FabricSettings;
  readonly drift?: Pick<DriftWorker, 'writing' | 'wrote'>;
  readonly clock: Pick<Clock, 'uptime'>;
  readonly log: Logger;
}

/** Looks at the fabric after which an object that the APIC says is not there is refused like any other. */
const MOST_REREADS = 5;
/** Milliseconds after which a refusal is not the second one of what was refused before: longer than what is parked waits. */
const FORBIDDEN_MS = 15 * 60_000;

/** Whether changes of a plan are still to be made, and the same. */
export type AreDue = (changes: readonly Change[]) => boolean;

/** How a batch is tried. */
interface Attempt {
  readonly signal: AbortSignal;
  readonly areDue: AreDue;
  /** The fabric was looked at again often enough for an object that the APIC says is not there. */
  readonly isLookedAt: boolean;
}

/** Sends batches to the APIC, notes what it took, and parks what it refused. */
export class BatchSender {
  readonly #context: BatchSenderContext;
  readonly #parked: ParkedObjects;
  /**
   * Tops of batches that the user may not write, as the APIC said the last time, and when. When it says so twice, to a fresh session
   * each time, it is no matter of tokens, and what is planned behind must not wait for somebody to grant it. What it said of a top that
   * was not posted to again is forgotten.
   */
  readonly #forbidden = new Map<string, number>();
  /** How often the APIC missed an object of a batch since it took one with the unit, by the Dns of the units in it. */
  readonly #missed = new Map<string, number>();

  constructor(context: BatchSenderContext, parked: ParkedObjects) {
    this.#context = context;
    this.#parked = parked;
  }

  /** Changes of the batch that were not refused meanwhile, by themselves or with what they belong to. */
  rest(batch: Batch): readonly Change[] {
    return this.#parked.isEmpty ? batch.changes : batch.changes.filter((change) => !this.#parked.holds(change));
  }

  /**
   * Posts what was not parked meanwhile: a binding below an EPG that was refused would make the EPG, empty. Rejects with the error of
   * a POST that should be tried again.
   *
   * @param areDue asked before each POST is sent, and for each object of a batch that is tried in halves: what was to be made when
   *   the batch had its turn may be wanted otherwise by then. What is not due is left out
   * @returns false where something was left out: what comes after it in the plan may need it
   */
  post(batch: Batch, signal: AbortSignal, areDue: AreDue): Promise<boolean> {
    return this.#postRest(batch, { signal, areDue, isLookedAt: false });
  }

  async #postRest(batch: Batch, attempt: Attempt): Promise<boolean> {
    const rest = this.rest(batch);
    if (rest.length === batch.changes.length) return this.#postAll(batch, attempt);
    return rest.length === 0 || this.#postAll(batchOf(batch.dn, rest), attempt);
  }

  /** Posts a batch. When the APIC refuses it, the objects are tried in halves until the bad one stands alone. */
  async #postAll(batch: Batch, attempt: Attempt): Promise<boolean> {
    // Of POSTs that are on their way together, one is not the second try of the other.
    const wasForbidden = this.#isForbidden(batch.dn);
    try {
      await this.#postOnce(batch, attempt);
      return true;
    } catch (error) {
      if (error instanceof GatewayError && error.code === OUTDATED) return false;
      const units = [...new Set(batch.changes.map((change) => unitDn(change.object.dn)))];
      if (isForbidden(error)) {
        this.#forbidden.set(batch.dn, this.#context.clock.uptime());
        if (!wasForbidden) throw error;
        for (const unit of units) this.#park(unit, error);
        return true;
      }
      if (!(error instanceof GatewayError)) throw error;
      const isMissed = error.disposition === 'reread';
      if (!(isMissed ? attempt.isLookedAt || this.#isMissedAgain(units) : error.disposition === 'park')) throw error;
      const [only, ...others] = units;
      if (only === undefined || others.length > 0) {
        return await this.#postHalves(batch, units, { ...attempt, isLookedAt: isMissed });
      }
      if (!attempt.areDue(batch.changes)) return false;
      this.#park(only, error);
      return true;
    }
  }

  /** Whether the APIC said of the top not long ago that the user may not write it. */
  #isForbidden(top: string): boolean {
    const since = this.#context.clock.uptime() - FORBIDDEN_MS;
    for (const [dn, at] of this.#forbidden) if (at < since) this.#forbidden.delete(dn);
    return this.#forbidden.has(top);
  }

  /** Gives false where something of a half was left out; the rest of it is tried all the same. */
  async #postHalves(batch: Batch, units: readonly string[], attempt: Attempt): Promise<boolean> {
    const middle = Math.floor(units.length / 2);
    let isWhole = true;
    for (const half of [units.slice(0, middle), units.slice(middle)]) {
      const ofUnits = half.map((unit) => batch.changes.filter(({ object }) => unitDn(object.dn) === unit));
      const due = ofUnits.filter((changes) => attempt.areDue(changes));
      const isTried = due.length === 0 || (await this.#postRest(batchOf(batch.dn, due.flat()), attempt));
      if (!isTried || due.length < ofUnits.length) isWhole = false;
    }
    return isWhole;
  }

  async #postOnce(batch: Batch, { signal, areDue }: Attempt): Promise<void> {
    const { poster, fabric, drift } = this.#context;
    const told = fabric.listen();
    drift?.writing(batch.changes);
    try {
      await poster.post({ ...batch, tree: this.#withOwner(batch) }, signal, () => {
        if (!areDue(batch.changes)) throw outdated(batch);
      });
      fabric.applied(batch.changes, told);
      drift?.wrote(batch.changes);
      this.#forbidden.delete(batch.dn);
      if (this.#missed.size > 0) for (const { object } of batch.changes) this.#missed.delete(unitDn(object.dn));
    } catch (error) {
      // It may be taken all the same, and as late as this.
      drift?.writing(batch.changes);
      throw error;
    } finally {
      told.end();
    }
  }

  /** Whether it did not help a few times to look at the fabric as it is now. */
  #isMissedAgain(units: readonly string[]): boolean {
    for (const unit of units) this.#missed.set(unit, (this.#missed.get(unit) ?? 0) + 1);
    return units.some((unit) => (this.#missed.get(unit) ?? 0) > MOST_REREADS);
  }

  /** A POST that comes late, after a deletion, must not leave an object that is nobody's. */
  #withOwner({ dn, tree }: Batch): Batch['tree'] {
    const { fabric, settings } = this.#context;
    const desired = this.#context.desired()?.objects ?? new Map();
    return withOwnerMarks(tree, dn, { desired, actual: fabric.objects, clusterId: settings.clusterId });
  }

  #park(dn: string, error: GatewayError): void {
    this.#missed.delete(dn);
    this.#parked.park(dn, error);
    this.#context.log.error({ dn, reason: messageOf(error) }, 'the APIC refused an object');
  }
}

const isForbidden = (error: unknown): error is GatewayError =>
  error instanceof GatewayError && error.code === 'APIC_SESSION' && error.disposition === 'wait';

/** Code of what stands in the place of a POST that was not to be made any more by the time that it could be. */
const OUTDATED = 'BATCH_OUTDATED';

const outdated = ({ dn }: Batch): GatewayError =>
  new GatewayError(OUTDATED, `${dn}: something else is wanted by now`, { disposition: 'reread' });
