import { GatewayError, messageOf } from '#errors';
import type { DeadLetter } from '#ports';

/** Code of an error that nobody raised on purpose. */
const UNFORESEEN = 'UNFORESEEN';

/** The letter for a key that is set aside after so many tries, at a time in milliseconds since the epoch. */
export const deadLetterOf = (key: string, error: unknown, attempts: number, since: number): DeadLetter => ({
  key,
  reason: messageOf(error),
  code: error instanceof GatewayError ? error.code : UNFORESEEN,
  attempts,
  since,
});

/** The order in which dead letters are shown: the oldest first, then by key. */
export const byAge = (left: DeadLetter, right: DeadLetter): number =>
  left.since - right.since || (left.key < right.key ? -1 : 1);
