import { WORK_CLASSES, type WorkClass } from '#ports';
import type { RedisLink } from './redis-link.js';

/** A key that is due. */
export interface DueKey {
  readonly key: string;
  readonly priority: WorkClass;
  /** How it is stored. */
  readonly member: string;
}

/** Redis' own clock counts: those of the processes need not agree. Of two times the earlier stays (Redis 6.2: LT). */
const PUT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('ZADD', KEYS[1], 'LT', now + ARGV[2], ARGV[1])`;

/**
 * Moves what is due from the first set to the second and gives it, with what was moved long ago and has not been dealt with;
 * the last value is the time in milliseconds until the next is due, or -1.
 */
const TAKE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
for _, member in ipairs(due) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('ZADD', KEYS[2], now, member)
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[1], 'LIMIT', 0, 100)) do
  redis.call('ZADD', KEYS[2], now, member)
  due[#due + 1] = member
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
due[#due + 1] = first[2] and tostring(math.max(0, first[2] - now)) or '-1'
return due`;

/** Milliseconds after which a process that took a due key and has not added it is taken for dead. */
const FORGOTTEN_MS = 5_000;

/**
 * Keys that are added at a known time, in a sorted set of Redis. BullMQ's own delays do not serve: of two delayed additions
 * the last would count and not the earliest, and one beside a waiting job would be ignored.
 */
export class LaterKeys {
  readonly #link: RedisLink;
  readonly #later: string;
  readonly #firing: string;

  constructor(link: RedisLink, place: string) {
    this.#link = link;
    this.#later = place;
    this.#firing = `${place}-firing`;
  }

  async put(key: string, milliseconds: number, priority: WorkClass): Promise<void> {
    const member = `${WORK_CLASSES.indexOf(priority)}${key}`;
    const time = String(Math.ceil(milliseconds));
    await this.#link.call(() => this.#link.client.eval(PUT, 1, this.#later, member, time));
  }

  /** What is due, and the milliseconds until the next is, when there is one. Each due key must be added and then {@link settled}. */
  async take(): Promise<{ readonly due: readonly DueKey[]; readonly nextInMs: number | undefined }> {
    const { client } = this.#link;
    const answer = await this.#link.call(() => client.eval(TAKE, 2, this.#later, this.#firing, String(FORGOTTEN_MS)));
    const texts = (answer as readonly unknown[]).map(String);
    const next = Number(texts.at(-1));
    return { due: texts.slice(0, -1).map(dueKey), nextInMs: next < 0 ? undefined : next };
  }

  /** Says that a due key was added. */
  async settled(member: string): Promise<void> {
    await this.#link.call(() => this.#link.client.zrem(this.#firing, member));
  }

  async size(): Promise<number> {
    const { client } = this.#link;
    const sizes = await this.#link.call(() => Promise.all([client.zcard(this.#later), client.zcard(this.#firing)]));
    return sizes[0] + sizes[1];
  }
}

const dueKey = (member: string): DueKey => ({
  key: member.slice(1),
  priority: WORK_CLASSES[Number(member[0])] ?? 'policy',
  member,
});
