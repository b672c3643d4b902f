import { performance } from 'node:perf_hooks';
import type { Clock } from '#ports';

/** Longest delay a Node.js timer can hold; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's clock. */
export const systemClock = (): Clock => ({
  now: () => Date.now(),
  uptime: () => Math.floor(performance.now()),
  sleep,
});

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let rest = milliseconds;
  while (rest > LONGEST_TIMER_MS) {
    await timer(LONGEST_TIMER_MS, signal);
    rest -= LONGEST_TIMER_MS;
  }
  await timer(rest, signal);
}

function timer(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(handle);
      reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
