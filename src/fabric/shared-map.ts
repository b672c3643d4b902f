/** A change copies the parts that it touches: with tens of thousands of keys each holds a few dozen. */
const SHARDS = 1024;

/**
 * A map by text that never changes: a change makes another one, which shares with it what is equal. So a change of a few
 * entries costs little in a map of tens of thousands, and whoever holds the old one can go on reading it.
 */
export class SharedMap<Value> implements ReadonlyMap<string, Value> {
  readonly #shards: readonly ReadonlyMap<string, Value>[];
  readonly size: number;

  private constructor(shards: readonly ReadonlyMap<string, Value>[], size: number) {
    this.#shards = shards;
    this.size = size;
  }

  /** The map with these entries. */
  static of<Value>(entries: Iterable<readonly [string, Value]>): SharedMap<Value> {
    const empty = new SharedMap<Value>(
      Array.from({ length: SHARDS }, () => new Map<string, Value>()),
      0,
    );
    return empty.with(entries);
  }

  /** Another map in which the keys have these values; undefined takes a key out. */
  with(changes: Iterable<readonly [string, Value | undefined]>): SharedMap<Value> {
    const shards = [...this.#shards];
    const own = new Map<number, Map<string, Value>>();
    let { size } = this;
    for (const [key, value] of changes) {
      const at = shardOf(key);
      const shard = own.get(at) ?? new Map(shards[at]);
      own.set(at, shard);
      shards[at] = shard;
      size -= shard.size;
      if (value === undefined) shard.delete(key);
      else shard.set(key, value);
      size += shard.size;
    }
    return new SharedMap(shards, size);
  }

  /** Keys whose values are others in the two maps. What the maps share is not looked at. */
  differingKeys(other: SharedMap<Value>): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const [at, shard] of this.#shards.entries()) {
      const theirs = other.#shards[at];
      if (theirs === undefined || shard === theirs) continue;
      for (const [key, value] of shard) if (theirs.get(key) !== value) keys.add(key);
      for (const key of theirs.keys()) if (!shard.has(key)) keys.add(key);
    }
    return keys;
  }

  get(key: string): Value | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.#shards[shardOf(key)]?.has(key) === true;
  }

  *entries(): MapIterator<[string, Value]> {
    for (const shard of this.#shards) yield* shard.entries();
  }

  *keys(): MapIterator<string> {
    for (const shard of this.#shards) yield* shard.keys();
  }

  *values(): MapIterator<Value> {
    for (const shard of this.#shards) yield* shard.values();
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}

/** Spreads keys that differ in a few characters anywhere: names are often numbers that differ in one. */
function shardOf(key: string): number {
  let hash = key.length;
  for (let at = 0; at < key.length; at += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % SHARDS;
}
