import { randomUUID } from 'node:crypto';
import type { Configuration } from '#config';
import type { ApicPort, Clock, Logger, PolicyStore } from '#ports';
import { decodeNodePolicy, encodeNodePolicy } from '#store';
import {
  DelegatedPoster,
  DelegatedWork,
  delegatedHandler,
  delegatedStore,
  type GatewayDelegation,
  type PerformWork,
  performWork,
} from '#workers';
import { openRedisWork, type RedisWork } from './redis-work.js';

/** How node policies travel and lie in the store. */
const CODEC = { encode: encodeNodePolicy, decode: decodeNodePolicy };

/** Milliseconds for work that runs to end in when the process is stopped. */
export const DRAIN_MS = 10_000;
/** Milliseconds without news after which the gateway plans anew. A worker that died was replaced well before. */
const PATIENCE_MS = 60_000;
const PATIENCE_PER_TAKEOVER = 4;
/** Failed tries of workers after which the gateway plans anew. */
const TRIES = 5;

/** What a process writes to, and its means. */
export interface DelegationContext {
  readonly apic: ApicPort;
  readonly store: PolicyStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onCrash: (key: string, error: unknown) => void;
}

/** What the gateway has beside that. */
export interface GatewayContext extends DelegationContext {
  /** Told of keys that a person wants to see tried again. */
  readonly onWish: (keys: readonly string[]) => void;
  /** Asked before this gateway takes over from another one; throws when it must not. */
  readonly mayTakeOver: () => void;
  /** Aborted when the gateway stops: nobody waits for a policy to be written then. */
  readonly stopped: AbortSignal;
}

/** Delegated work of a gateway. */
export interface RunningDelegation extends GatewayDelegation {
  /** Takes over from a gateway before, and begins to work as well, where the configuration says so. */
  start(): void;
  /** Ends the work of this process: what runs may end, the rest is left to others. */
  drain(): Promise<void>;
  /** Takes back what is under way and closes. */
  close(): Promise<void>;
}

/** Work of a gateway over Redis as the configuration says; undefined when it says that the gateway does everything itself. */
export function delegateTo(configuration: Configuration, context: GatewayContext): RunningDelegation | undefined {
  const { redis } = configuration.queue;
  if (redis === undefined) return undefined;
  const { clock, log, store, onWish, mayTakeOver, stopped } = context;
  const { queue, contents } = openRedisWork(configuration, redis, {
    ...context,
    concurrency: Math.max(1, redis.concurrency),
  });
  const stopping = new AbortController();
  const patienceMs = Math.max(PATIENCE_MS, redis.takeoverSeconds * 1000 * PATIENCE_PER_TAKEOVER);
  const work = new DelegatedWork({ contents, queue, clock, log, patienceMs, tries: TRIES, mayTakeOver, onWish });
  let running: Promise<void> | undefined;
  return {
    poster: new DelegatedPoster({ work, letters: queue, clock, log }),
    // A store in memory is this process's own: no other can write to it.
    store: configuration.store.kind === 'memory' ? store : delegatedStore({ store, work, codec: CODEC, stopped }),
    trouble: () => work.trouble,
    start: () => {
      running = work.run(stopping.signal);
      if (redis.concurrency > 0) queue.start(workerOf({ queue, contents }, context));
    },
    drain: () => queue.drain(DRAIN_MS),
    close: async () => {
      stopping.abort(new Error('the gateway is stopping'));
      await running;
      await queue.close();
      await contents.close();
    },
  };
}

/** The handler of a process that does delegated work. */
export function workerOf(
  { contents }: RedisWork,
  { apic, store, clock, log }: DelegationContext,
): ReturnType<typeof delegatedHandler> {
  const perform: PerformWork = performWork({ apic, store, codec: CODEC });
  return delegatedHandler({ contents, perform, runName: randomUUID, clock, log });
}
