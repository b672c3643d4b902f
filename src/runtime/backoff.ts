/**
 * Milliseconds to wait before the next try: doubles with each attempt (0 for the first failure) up to `maxMs`. The upper
 * half is random ("equal jitter"), so that many who failed together do not come back together.
 */
export function backoffMs(attempt: number, random: () => number, baseMs = 500, maxMs = 60_000): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt));
  return ceiling / 2 + (random() * ceiling) / 2;
}
