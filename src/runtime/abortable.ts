import { setMaxListeners } from 'node:events';

/**
 * The promise's result, or a rejection with the signal's reason when the signal is aborted first. The work behind the
 * promise goes on: this is for callers who wait for something that others wait for too.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(asError(signal.reason));
  }
  expectMany(signal);
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(asError(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Much work may end with one signal; Node.js takes more than ten listeners for a leak and says so on stderr. */
const expectMany = (signal: AbortSignal): void => setMaxListeners(0, signal);

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

/**
 * Runs the work with a signal that is aborted with the first of the given ones. `AbortSignal.any` would do the same and,
 * on Node.js 20, leave something behind at a long-lived signal for every call.
 */
export async function withSignals<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const ties = signals.map((signal) => {
    expectMany(signal);
    const abort = (): void => either.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return (): void => signal.removeEventListener('abort', abort);
  });
  try {
    return await work(either.signal);
  } finally {
    for (const untie of ties) untie();
  }
}
