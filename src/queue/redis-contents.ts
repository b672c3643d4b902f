import { randomUUID } from 'node:crypto';
import type { Logger, TakenWork, WorkContents, WorkReport, WorkState } from '#ports';
import { Bell } from '#runtime';
import { CONTENT_KEYS, PUT, REPORT, TAKE, TAKE_OVER, WISH, WISHES, WITHDRAW } from './contents-scripts.js';
import { QueueUnreachableError, WorkTakenOverError } from './errors.js';
import { RedisLink, type RedisPlace } from './redis-link.js';

/** Where {@link redisContents} keeps the contents. */
export interface RedisContentsOptions {
  readonly redis: RedisPlace;
  /** As that of the queue that carries the keys. */
  readonly prefix: string;
  /** Milliseconds after which whoever took a content must have stopped working on it. */
  readonly leaseMs: number;
  readonly log: Logger;
}

/**
 * {@link WorkContents} in Redis (6.2 or newer): revisions, contents, claims and reports in a hash each, and an epoch, so that
 * a caller that another has taken over from cannot go on putting. Calls reject with QueueUnreachableError after seconds while
 * Redis is away.
 */
export const redisContents = (options: RedisContentsOptions): WorkContents => new RedisContents(options);

class RedisContents implements WorkContents {
  readonly leaseMs: number;
  readonly #options: RedisContentsOptions;
  readonly #link: RedisLink;
  readonly #keys: readonly string[];
  readonly #channel: string;
  readonly #bell = new Bell();
  readonly #caller = randomUUID();
  #listener: RedisLink | undefined;
  /** 0 until this process has taken over. */
  #epoch = 0;
  /** Wishes of the last answer: each key with the name of the wish. */
  #heard: readonly string[] = [];

  constructor(options: RedisContentsOptions) {
    this.#options = options;
    this.leaseMs = options.leaseMs;
    this.#link = new RedisLink(options.redis, options.log);
    this.#keys = CONTENT_KEYS.map((name) => `${options.prefix}:${name.toLowerCase()}`);
    this.#channel = `${options.prefix}:changed`;
  }

  async takeOver(): Promise<number> {
    const [seconds = 0, microseconds = 0] = await this.#link.call(() => this.#link.client.time());
    // A request that nobody waits for any more takes over nothing: whoever sent it may not be the one to work by then, and would shut
    // out for good who is.
    const lastAt = Math.floor(seconds * 1000 + microseconds / 1000) + this.#link.timeoutMs;
    const given = [Date.now(), this.#caller, this.leaseMs, lastAt];
    const [epoch, leftMs] = (await this.#run(TAKE_OVER, given)) as readonly string[];
    if (epoch === undefined)
      throw new QueueUnreachableError('Redis was asked too late to take over work; asking again');
    this.#epoch = Number(epoch);
    return Number(leftMs);
  }

  async put(key: string, content: string, revision: number): Promise<void> {
    const isTaken = await this.#run(PUT, [this.#epoch, key, revision, content]);
    if (isTaken !== 1) throw new WorkTakenOverError(this.#options.prefix);
  }

  async states(revisions: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, WorkState>> {
    const keys = [...revisions.keys()];
    if (keys.length === 0) return new Map();
    const { client } = this.#link;
    // In this order: a worker that reports in between takes the revision away, and work that is done would seem to be lost.
    const [present, reports] = await this.#link.call(() =>
      Promise.all([client.hmget(this.#key('REVISIONS'), ...keys), client.hmget(this.#key('REPORTS'), ...keys)]),
    );
    return new Map(
      keys.map((key, index) => [key, stateOf(String(revisions.get(key)), reports[index], present[index])] as const),
    );
  }

  async withdraw(key: string, revision: number): Promise<number> {
    return Number(await this.#run(WITHDRAW, [key, revision, this.#caller, this.leaseMs]));
  }

  async changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#listen();
    await this.#bell.wait(timeoutMs, signal);
  }

  async wishes(): Promise<readonly string[]> {
    this.#heard = (await this.#run(WISHES, this.#heard)) as readonly string[];
    return this.#heard.filter((_, index) => index % 2 === 0);
  }

  async wish(keys: readonly string[]): Promise<void> {
    await this.#run(WISH, [this.#channel, randomUUID(), ...keys]);
  }

  async take(key: string, worker: string): Promise<TakenWork> {
    const [first, content] = (await this.#run(TAKE, [key, worker, this.leaseMs])) as readonly string[];
    if (first === undefined) return { kind: 'nothing' };
    if (content === undefined) return { kind: 'busy', forMs: Number(first) };
    return { kind: 'work', revision: Number(first), content };
  }

  async report(
    key: string,
    { worker, revision }: { readonly worker: string; readonly revision: number },
    report: WorkReport,
  ): Promise<void> {
    const isFinal = report.kind === 'failing' ? '0' : '1';
    await this.#run(REPORT, [key, worker, revision, JSON.stringify(report), isFinal, this.#channel]);
  }

  close(): Promise<void> {
    this.#link.close();
    this.#listener?.close();
    return Promise.resolve();
  }

  #run(script: string, values: readonly (string | number)[]): Promise<unknown> {
    return this.#link.call(() => this.#link.client.eval(script, this.#keys.length, ...this.#keys, ...values));
  }

  #key(name: (typeof CONTENT_KEYS)[number]): string {
    return this.#keys[CONTENT_KEYS.indexOf(name)] ?? '';
  }

  /** A message only wakes: whoever waits looks at the state, and does so now and then without one. */
  #listen(): void {
    if (this.#listener !== undefined) return;
    this.#listener = new RedisLink(this.#options.redis, this.#options.log);
    const { client } = this.#listener;
    client.on('message', () => this.#bell.ring());
    // What was told while the connection was away was not heard.
    client.on('ready', () => this.#bell.ring());
    client.subscribe(this.#channel).catch(() => undefined);
  }
}

/** `stored` is the report with its revision before it, `present` the revision of the content that is there. */
function stateOf(revision: string, stored: string | null | undefined, present: string | null | undefined): WorkState {
  if (stored?.startsWith(`${revision}|`) === true) {
    return JSON.parse(stored.slice(revision.length + 1)) as WorkReport;
  }
  return { kind: present === revision ? 'pending' : 'lost' };
}
