import { loadConfiguration } from '#config';
import { InvalidInputError } from '#errors';
import type { DeadLetter, WorkCounts } from '#ports';
import { createLogger, systemClock } from '#runtime';
import { EXIT } from './exit-codes.js';
import { openRedisWork, type RedisWork, redisPrefix, redisSettings } from './redis-work.js';
import { renderTable } from './table.js';

/** Arguments of `acigw queue`. */
export interface QueueArguments {
  readonly config: string;
  readonly output: 'text' | 'json';
  readonly all: boolean;
}

/** Answer of `acigw queue --output json`; documented in docs/cli.md. */
export interface QueueOutput {
  readonly schema: 'acigw.queue/v1';
  readonly prefix: string;
  readonly counts: WorkCounts;
  readonly deadLetters: readonly (Omit<DeadLetter, 'since'> & { readonly since: string })[];
}

/** Shows the work that gateways hand out over Redis, or tries again what was set aside. Gives what to print and the exit code. */
export async function queueCommand(
  action: string | undefined,
  key: string | undefined,
  options: QueueArguments,
): Promise<{ readonly text: string; readonly exitCode: number }> {
  const configuration = loadConfiguration(options.config);
  const isRetry = checkedAction(action, key, options.all);
  const why = 'without Redis the work is inside of the gateway, and /api/v1/findings says what was set aside';
  const settings = redisSettings(configuration, why);
  const log = createLogger({ level: 'silent', pretty: false });
  const work = openRedisWork(configuration, settings, {
    concurrency: 1,
    clock: systemClock(),
    random: Math.random,
    log,
  });
  try {
    if (isRetry) return await retry(work, key);
    const output = await outputOf(work, redisPrefix(configuration, settings));
    return { text: options.output === 'json' ? `${JSON.stringify(output)}\n` : asText(output), exitCode: EXIT.ok };
  } finally {
    await work.queue.close();
    await work.contents.close();
  }
}

function checkedAction(action: string | undefined, key: string | undefined, all: boolean): boolean {
  if (action === undefined) return false;
  if (action !== 'retry')
    throw new InvalidInputError(`acigw queue: unknown action '${action}'; expected nothing, or retry`);
  if ((key === undefined) !== all)
    throw new InvalidInputError('acigw queue retry: expected a KEY of the list, or --all');
  return true;
}

/** The gateway is told as well: it plans anew what it had given up. */
async function retry(
  { queue, contents }: RedisWork,
  key: string | undefined,
): Promise<{ text: string; exitCode: number }> {
  const letters = (await queue.deadLetters()).filter((letter) => key === undefined || letter.key === key);
  if (letters.length === 0 && key !== undefined) {
    throw new InvalidInputError(
      `acigw queue retry: nothing was set aside under '${key}'; \`acigw queue\` lists what was`,
    );
  }
  for (const letter of letters) await queue.retryDead(letter.key);
  if (letters.length > 0) await contents.wish(letters.map((letter) => letter.key));
  return { text: `${letters.length} to be tried again\n`, exitCode: EXIT.ok };
}

async function outputOf({ queue }: RedisWork, prefix: string): Promise<QueueOutput> {
  const [counts, letters] = await Promise.all([queue.counts(), queue.deadLetters()]);
  const deadLetters = letters.map((letter) => ({ ...letter, since: new Date(letter.since).toISOString() }));
  return { schema: 'acigw.queue/v1', prefix, counts, deadLetters };
}

function asText({ counts, deadLetters }: QueueOutput): string {
  const names = ['running', 'waiting', 'delayed', 'dead', 'done', 'failed'] as const;
  const states = renderTable(
    names.map((name) => name.toUpperCase()),
    [names.map((name) => String(counts[name]))],
  );
  const rows = deadLetters.map(({ key, code, attempts, since, reason }) => [
    key,
    code,
    String(attempts),
    since,
    reason,
  ]);
  return `${states}\n\n${renderTable(['KEY', 'CODE', 'TRIES', 'SINCE', 'REASON'], rows)}\n`;
}
