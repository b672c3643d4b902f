import { type Configuration, inConfiguration, loadConfiguration } from '#config';
import { GatewayError, InvalidInputError } from '#errors';
import { createLogger, systemClock } from '#runtime';
import { DRAIN_MS, workerOf } from './delegation.js';
import { EXIT } from './exit-codes.js';
import { apicPort, policyStore } from './gateway-process.js';
import { openRedisWork, redisPrefix, redisSettings } from './redis-work.js';
import { aborted, stopSignal } from './stop-signal.js';

/** Arguments of `acigw worker`. */
export interface WorkerArguments {
  readonly config: string;
  readonly concurrency?: number;
}

/** Does work that a gateway has handed out, until stopped; prints `ready <prefix>` once it takes work. */
export async function workerCommand({ config, concurrency }: WorkerArguments): Promise<number> {
  const configuration = loadConfiguration(config);
  try {
    return await work(configuration, concurrency);
  } catch (error) {
    throw inConfiguration(config, error);
  }
}

async function work(configuration: Configuration, concurrency: number | undefined): Promise<number> {
  const settings = redisSettings(configuration, 'a worker takes its work from Redis; set it as the gateway has it');
  requireSharedStore(configuration);
  const log = createLogger({ level: configuration.log.level, pretty: process.stderr.isTTY });
  const clock = systemClock();
  const apic = apicPort(configuration, log, process.env);
  const store = policyStore(configuration);
  const crashed = new AbortController();
  const context = {
    apic,
    store,
    clock,
    random: Math.random,
    log,
    onCrash: (_: string, error: unknown) => crashed.abort(error),
  };
  const stop = stopSignal();
  const places = concurrency ?? Math.max(1, settings.concurrency);
  const redis = openRedisWork(configuration, settings, { ...context, concurrency: places });
  redis.queue.start(workerOf(redis, context));
  process.stdout.write(`ready ${redisPrefix(configuration, settings)}\n`);
  await Promise.race([aborted(stop), aborted(crashed.signal)]);
  await redis.queue.drain(DRAIN_MS);
  await Promise.all([redis.contents.close(), apic.close(), store.close()]);
  if (crashed.signal.aborted) throw crashError(crashed.signal.reason);
  return EXIT.ok;
}

/** A worker is a process of its own: what it put into a store in memory nobody would ever see. */
function requireSharedStore({ store }: Configuration): void {
  if (store.kind === 'memory') {
    throw new InvalidInputError(
      'store.kind: a worker needs a store that the gateway shares; set kind: etcd and endpoints, as the gateway has it',
    );
  }
}

const crashError = (reason: unknown): Error =>
  reason instanceof GatewayError || reason instanceof Error ? reason : new Error(String(reason));
