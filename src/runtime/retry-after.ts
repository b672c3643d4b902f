/** Whoever asks for more is not believed: a server that asks for a day is back before, and it would outlive patience and leases. */
export const LONGEST_OBEYED_MS = 60_000;

/**
 * Milliseconds that a server asks to be left alone, from a Retry-After header in seconds (RFC 9110 §10.2.3), up to a minute.
 * Undefined where it asks for nothing, and for a date: clocks need not agree.
 */
export function retryAfter(header: unknown): number | undefined {
  const seconds = typeof header === 'string' ? Number(header) : Number.NaN;
  return seconds > 0 ? Math.min(seconds * 1000, LONGEST_OBEYED_MS) : undefined;
}
