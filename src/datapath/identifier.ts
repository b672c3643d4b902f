import { FIRST_ID } from './reserved.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of 32 bits over the UTF-16 units of the text, finished with Murmur3's avalanche so that all bits depend on all. */
export function hash32(text: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A 32-bit id for each name: its hash, so that ids survive restarts and unrelated changes. Of names that share a hash the
 * first in sort order keeps it and the others hash again with a counter. Ids below {@link FIRST_ID} are never given.
 */
export function identify(
  names: Iterable<string>,
  hash: (text: string) => number = hash32,
): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    let id = hash(name);
    for (let attempt = 1; id < FIRST_ID || taken.has(id); attempt += 1) id = hash(`${name}\u0000${attempt}`);
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}
