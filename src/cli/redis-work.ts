import { type Configuration, readSecret, readText } from '#config';
import { InvalidInputError } from '#errors';
import type { Clock, Logger, WorkContents, WorkQueue } from '#ports';
import { type RedisPlace, redisContents, redisQueue } from '#queue';
import { renewed } from '#runtime';

/** The part of the configuration that says where delegated work lies. */
export type RedisSettings = NonNullable<Configuration['queue']['redis']>;

/** Queue and contents of delegated work. */
export interface RedisWork {
  readonly queue: WorkQueue;
  readonly contents: WorkContents;
}

/** What {@link openRedisWork} needs beside the configuration. */
export interface RedisWorkOptions {
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onTrouble?: (reason: string | undefined) => void;
  readonly onCrash?: (key: string, error: unknown) => void;
}

/** A lease lasts longer than one request to the APIC: a worker stops in time before it ends. */
const LEASE_PER_REQUEST = 1.5;
/** The caller gives up long before; this ends what nobody takes back. */
const DEAD_AFTER = 20;

/** The settings, or an {@link InvalidInputError} that says what to set. */
export function redisSettings({ queue }: Configuration, why: string): RedisSettings {
  if (queue.redis !== undefined) return queue.redis;
  throw new InvalidInputError(`queue.redis.url: missing; ${why}`);
}

/** The prefix of all names in Redis. The braces keep them on one node of a Redis cluster. */
export const redisPrefix = ({ clusterId }: Configuration, { prefix }: RedisSettings): string =>
  prefix ?? `{acigw-${clusterId}}`;

/** Opens delegated work in Redis as the configuration says; it connects by itself. */
export function openRedisWork(
  configuration: Configuration,
  settings: RedisSettings,
  options: RedisWorkOptions,
): RedisWork {
  const redis = placeOf(settings);
  const prefix = redisPrefix(configuration, settings);
  const leaseMs = (configuration.apic?.timeoutSeconds ?? 30) * 1000 * LEASE_PER_REQUEST;
  return {
    queue: redisQueue({
      ...options,
      redis,
      prefix,
      takeoverMs: settings.takeoverSeconds * 1000,
      deadAfter: DEAD_AFTER,
    }),
    contents: redisContents({ redis, prefix, leaseMs, log: options.log }),
  };
}

function placeOf({ url, passwordFile, caFile }: RedisSettings): RedisPlace {
  if (caFile !== undefined && !url.startsWith('rediss:')) {
    throw new InvalidInputError('queue.redis.caFile: only a rediss:// URL is reached over TLS');
  }
  return {
    url,
    ...(passwordFile === undefined ? {} : { password: renewed(() => readSecret(passwordFile)) }),
    ...(caFile === undefined ? {} : { ca: renewed(() => readText(caFile)) }),
  };
}
