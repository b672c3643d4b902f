import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#ports';

/** The machine's time. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal === undefined ? {} : { signal }),
};
