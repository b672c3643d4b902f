import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#errors';

/** Time to wait and how often to look. */
export interface Patience {
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/**
 * Repeats a check until it passes and gives its value; fails with the check's last error when the time is over. A plain
 * number is the time in milliseconds.
 */
export async function eventually<T>(check: () => T | Promise<T>, patience: Patience | number = {}): Promise<T> {
  const { withinMs = 5_000, everyMs = 10 } = typeof patience === 'number' ? { withinMs: patience } : patience;
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) {
        throw new Error(`not within ${withinMs} ms: ${messageOf(error)}`, { cause: error });
      }
    }
    await delay(everyMs);
  }
}
