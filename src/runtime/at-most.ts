import type { Clock } from '#ports';

/** Resolves when the promise has settled, either way, or after the time in milliseconds. Leaves no timer behind. */
export async function atMost(promise: Promise<unknown>, milliseconds: number, clock: Clock): Promise<void> {
  const stop = new AbortController();
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, clock.sleep(milliseconds, stop.signal).catch(() => undefined)]);
  stop.abort(new Error('no longer needed'));
}
