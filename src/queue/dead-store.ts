import type { DeadLetter } from '#ports';
import { byAge } from '#runtime';
import type { RedisLink } from './redis-link.js';

/** Takes a letter away unless a newer one lies there. */
const REMOVE_IF_SAME = `
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`;

/** Dead letters in a hash of Redis, by key. */
export class DeadStore {
  readonly #link: RedisLink;
  readonly #place: string;

  constructor(link: RedisLink, place: string) {
    this.#link = link;
    this.#place = place;
  }

  async put(letter: DeadLetter): Promise<void> {
    await this.#link.call(() => this.#link.client.hset(this.#place, letter.key, JSON.stringify(letter)));
  }

  async get(key: string): Promise<DeadLetter | undefined> {
    const text = await this.#link.call(() => this.#link.client.hget(this.#place, key));
    return text === null ? undefined : (JSON.parse(text) as DeadLetter);
  }

  async remove(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#link.call(() => this.#link.client.hdel(this.#place, ...keys));
  }

  async removeIfSame(letter: DeadLetter): Promise<void> {
    const { client } = this.#link;
    await this.#link.call(() => client.eval(REMOVE_IF_SAME, 1, this.#place, letter.key, JSON.stringify(letter)));
  }

  async list(): Promise<readonly DeadLetter[]> {
    const texts = await this.#link.call(() => this.#link.client.hvals(this.#place));
    return texts.map((text) => JSON.parse(text) as DeadLetter).sort(byAge);
  }

  size(): Promise<number> {
    return this.#link.call(() => this.#link.client.hlen(this.#place));
  }
}
