import { messageOf } from '#errors';
import type { Logger, WorkHandler } from '#ports';
import { nextMove } from '#runtime';

/** What {@link periodic} needs. */
export interface PeriodicOptions {
  /** Milliseconds after which each key that puts itself into the queue again does so. */
  readonly periods: ReadonlyMap<string, number>;
  readonly log: Logger;
}

/**
 * A handler whose periodic keys come back, whatever happens to them. An error that sets a key aside until its input changes would end
 * them for ever: nobody adds them but they themselves, and what they look for is exactly what changes without a word. So they
 * are done again at their next time; the log says once why they failed. Every other error is the queue's to decide on.
 */
export function periodic(handler: WorkHandler, { periods, log }: PeriodicOptions): WorkHandler {
  const said = new Map<string, string>();
  return async (key, signal) => {
    const againAfterMs = periods.get(key);
    if (againAfterMs === undefined) return handler(key, signal);
    try {
      const outcome = await handler(key, signal);
      said.delete(key);
      return outcome;
    } catch (error) {
      if (signal.aborted || nextMove(error, 0, () => 0).kind !== 'park') throw error;
      const reason = messageOf(error);
      if (said.get(key) !== reason)
        log.warn({ key, error, againAfterMs }, 'work failed and will be tried again at its next time');
      said.set(key, reason);
      return { againAfterMs };
    }
  };
}
