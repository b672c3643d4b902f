import { messageOf } from '../errors.js';
import { type Prefix, parsePrefix } from '../net/index.js';
import { describe, type Reading } from './reading.js';

/**
 * Reads a CIDR; host bits are masked (policy.md N15). What is none is reported with what becomes of the peer, and is
 * undefined.
 */
export function readCidr(
  reading: Reading,
  field: string,
  value: unknown,
  consequence = 'the peer matches nothing',
): Prefix | undefined {
  try {
    if (typeof value === 'string') return parsePrefix(value);
    const message = `expected a CIDR such as 10.0.0.0/8, found ${describe(value)}; ${consequence}`;
    reading.report('INVALID_CIDR', field, message);
  } catch (error) {
    reading.report('INVALID_CIDR', field, `${messageOf(error)}; ${consequence}`);
  }
  return undefined;
}
