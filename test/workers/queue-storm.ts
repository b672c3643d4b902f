import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { GatewayError } from '#errors';
import type { WorkQueue } from '#ports';

/** One thing that a user of a queue does. */
interface Step {
  readonly kind: 'add' | 'addAfter';
  readonly key: string;
  readonly afterMs: number;
  readonly pauseMs: number;
}

/** What one run does: how long it takes, and how it ends. */
interface RunPlan {
  readonly takesMs: number;
  readonly ends: 'done' | 'again' | 'retry' | 'park';
}

/**
 * Random additions against random runs, with the one law that a level-triggered queue has: for every key a run starts after
 * its last addition, at or after the time that it named, and two runs of a key never overlap.
 */
export class Storm {
  readonly concurrency: number;
  readonly #steps: readonly Step[];
  readonly #runs: RunPlan[];
  /** Time from which on a run of the key must start. */
  readonly #wanted = new Map<string, number>();
  readonly #lastStart = new Map<string, number>();
  readonly #inside = new Set<string>();
  #overlaps = 0;

  constructor(steps: readonly Step[], runs: readonly RunPlan[], concurrency: number) {
    this.#steps = steps;
    this.#runs = [...runs];
    this.concurrency = concurrency;
  }

  /** Starts the queue in the middle of the additions and makes them all. */
  async pass(queue: WorkQueue): Promise<void> {
    const startAt = Math.floor(this.#steps.length / 4);
    for (const [index, step] of this.#steps.entries()) {
      if (index === startAt) queue.start((key) => this.#run(key));
      await this.#make(step, queue);
      if (step.pauseMs > 0) await delay(step.pauseMs);
    }
    if (this.#steps.length === 0) queue.start((key) => this.#run(key));
  }

  /** Throws when the law was broken. */
  check(): void {
    assert.equal(this.#overlaps, 0, 'runs of one key overlapped');
    for (const [key, wanted] of this.#wanted) {
      const start = this.#lastStart.get(key);
      assert.ok(start !== undefined && start >= wanted, `${key}: last started ${start}, wanted from ${wanted} on`);
    }
  }

  async #make({ kind, key, afterMs }: Step, queue: WorkQueue): Promise<void> {
    const now = performance.now();
    if (kind === 'add') {
      this.#want(key, now);
      await queue.add(key);
    } else {
      // Of several times the earliest counts: from a later one on nothing is promised, but from this call on.
      this.#want(key, now);
      await queue.addAfter(key, afterMs);
    }
  }

  #want(key: string, time: number): void {
    this.#wanted.set(key, Math.max(time, this.#wanted.get(key) ?? 0));
  }

  async #run(key: string): Promise<'done' | { readonly againAfterMs: number }> {
    this.#lastStart.set(key, performance.now());
    if (this.#inside.has(key)) this.#overlaps += 1;
    this.#inside.add(key);
    const { takesMs, ends } = this.#runs.pop() ?? { takesMs: 0, ends: 'done' };
    if (takesMs > 0) await delay(takesMs);
    this.#inside.delete(key);
    if (ends === 'retry') throw new GatewayError('T', 'for the test', { disposition: 'wait', retryAfterMs: 1 });
    if (ends === 'park') throw new GatewayError('T', 'for the test', { disposition: 'park' });
    return ends === 'again' ? { againAfterMs: 2 } : 'done';
  }
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('add', 'add', 'addAfter'),
  key: fc.constantFrom('a', 'b', 'c'),
  afterMs: fc.constantFrom(1, 2, 5, 20),
  pauseMs: fc.constantFrom(0, 0, 0, 1, 3),
});

const run: fc.Arbitrary<RunPlan> = fc.record({
  takesMs: fc.constantFrom(0, 0, 1, 4),
  ends: fc.constantFrom('done', 'done', 'done', 'again', 'retry', 'park'),
});

/** Storms of up to thirty additions. */
export const STORMS: fc.Arbitrary<Storm> = fc
  .tuple(fc.array(step, { maxLength: 30 }), fc.array(run, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }))
  .map(([steps, runs, concurrency]) => new Storm(steps, runs, concurrency));
