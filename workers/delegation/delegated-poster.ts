import { type Batch, unitDn } from '#fabric';
import { contentHash } from '#model/naming';
import type { Clock, DeadLetterOffice, Logger } from '#ports';
import type { BatchPoster } from '../batch-poster.js';
import type { DelegatedOutcome, DelegatedWork } from './delegated-work.js';
import { encodeWork } from './work-content.js';
import { DelegatedWorkError } from './work-failure.js';

/** Begins the keys of batches. */
export const BATCH_KEY = 'batch/';
/** All batches are about one fabric: what one of them has taken back must not come after the next. */
const FABRIC_LANE = 'fabric';

/** What {@link DelegatedPoster} needs. */
export interface DelegatedPosterParts {
  readonly work: Pick<DelegatedWork, 'do'>;
  readonly letters: Pick<DeadLetterOffice, 'deadLetters' | 'setAside' | 'forgetDead'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Posts by whatever worker takes the batch. The worker's error comes back with its code and disposition. Of an object that the
 * APIC refuses a dead letter is left, for people, until a batch with it is taken, or it is not wanted any more.
 */
export class DelegatedPoster implements BatchPoster {
  /** One lane has one batch at a time. */
  readonly atOnce = 1;
  readonly #parts: DelegatedPosterParts;
  /** Dns of the objects of which a letter lies there. */
  readonly #refused = new Set<string>();
  /** Whether letters may lie there that a gateway before left. */
  #areLettersUnknown = true;

  constructor(parts: DelegatedPosterParts) {
    this.#parts = parts;
  }

  async post(batch: Batch, signal: AbortSignal, mayBegin: () => void): Promise<void> {
    const { dn, tree } = batch;
    const units = [...new Set(batch.changes.map((change) => unitDn(change.object.dn)))];
    const key = keyOf(batch, units);
    const content = encodeWork({ kind: 'batch', dn, tree });
    const item = { key, content, lane: FABRIC_LANE, priority: 'policy', mayBegin } as const;
    const outcomes = await this.#parts.work.do([item], signal);
    const outcome = outcomes.get(key);
    if (outcome !== undefined) await this.#keepLetters(outcome, units);
    if (outcome?.kind === 'failed') throw new DelegatedWorkError(outcome.failure);
  }

  /** Takes away the letters of objects that the APIC does not refuse: nobody wants them any more. */
  async settled(refused: readonly string[]): Promise<void> {
    if (!this.#areLettersUnknown && this.#refused.size === 0) return;
    const { letters } = this.#parts;
    await this.#try(async () => {
      const known = this.#areLettersUnknown ? (await letters.deadLetters()).map(({ key }) => key) : [];
      const stale = new Set([
        ...known.filter((key) => key.startsWith(BATCH_KEY)),
        ...[...this.#refused].map(letterKey),
      ]);
      for (const dn of refused) stale.delete(letterKey(dn));
      if (stale.size > 0) await letters.forgetDead([...stale]);
      this.#areLettersUnknown = false;
      for (const dn of this.#refused) if (!refused.includes(dn)) this.#refused.delete(dn);
    });
  }

  /** A letter that cannot be written stops nothing: what was refused is also a finding. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.log.warn({ error }, 'the dead letters could not be kept up');
    }
  }

  async #keepLetters(outcome: DelegatedOutcome, units: readonly string[]): Promise<void> {
    const { letters, clock } = this.#parts;
    const [unit = '', ...others] = units;
    await this.#try(async () => {
      if (outcome.kind === 'done') {
        const taken = units.filter((dn) => this.#refused.has(dn));
        if (taken.length > 0) await letters.forgetDead(taken.map(letterKey));
        // Only then: what could not be taken away is tried again when all is settled.
        for (const dn of taken) this.#refused.delete(dn);
      } else if (outcome.failure.disposition === 'park' && others.length === 0) {
        const { code, message: reason } = outcome.failure;
        this.#refused.add(unit);
        await letters.setAside({ key: letterKey(unit), code, reason, attempts: 1, since: clock.now() });
      }
    });
  }
}

const letterKey = (unit: string): string => `${BATCH_KEY}${unit}`;

/** Batches of one object have its key, so that its dead letter can be found; others that of their content. */
function keyOf({ dn, tree }: Batch, units: readonly string[]): string {
  const [only, ...others] = units;
  if (only !== undefined && others.length === 0) return letterKey(only);
  return `${BATCH_KEY}${dn}#${contentHash(JSON.stringify(tree))}`;
}
