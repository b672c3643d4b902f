import { GatewayError } from '#errors';
import { backoffMs } from './backoff.js';

/** What a loop does after an error. */
export type NextMove =
  /** Try again after the time. Every run reads the current state anew, so that a reread is a retry too. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** Try again only when the input has changed. */
  | { readonly kind: 'park' }
  /** Stop the process. */
  | { readonly kind: 'crash' };

const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 60_000;
/** A stale picture is corrected by events that are on their way already: the first tries may come soon. */
const REREAD_BASE_MS = 100;
/** For an error that says `wait` and does not know how long. */
const WAIT_MS = 30_000;

/**
 * The one place that decides on retries (DESIGN.md §8), from the error's disposition and the number of failures before
 * this one. An error that no one raised on purpose is tried again: a bug in one place must not stop a key for ever.
 */
export function nextMove(error: unknown, attempt: number, random: () => number): NextMove {
  if (!(error instanceof GatewayError)) return again(backoffMs(attempt, random, RETRY_BASE_MS, RETRY_MAX_MS));
  switch (error.disposition) {
    case 'retry':
      return again(backoffMs(attempt, random, RETRY_BASE_MS, RETRY_MAX_MS));
    case 'reread':
      return again(backoffMs(attempt, random, REREAD_BASE_MS, RETRY_MAX_MS));
    case 'wait':
      return again((error.retryAfterMs ?? WAIT_MS) * (1 + random() / 10));
    default:
      return { kind: error.disposition };
  }
}

const again = (afterMs: number): NextMove => ({ kind: 'again', afterMs });
