/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One figure against its limit; says so, and makes the process fail when it is missed. */
export function judge(
  what: string,
  figure: number,
  limit: { readonly atMost?: number; readonly atLeast?: number },
): void {
  const isMet = figure <= (limit.atMost ?? Infinity) && figure >= (limit.atLeast ?? -Infinity);
  const bound = limit.atMost === undefined ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
  console.log(`${isMet ? 'ok  ' : 'MISS'} ${what}: ${figure.toFixed(figure < 100 ? 2 : 0)} (limit: ${bound})`);
  if (!isMet) process.exitCode = 1;
}

/** Milliseconds that something took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Processor milliseconds of this process that a piece of work takes. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Processor milliseconds of the quickest of some rounds. */
export const best = (rounds: number, work: () => void): number =>
  Math.min(...Array.from({ length: rounds }, () => processorMs(work)));
