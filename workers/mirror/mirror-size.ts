import type { FlatObject } from '#model/aci';

/** How much a mirror holds. */
export interface MirrorSize {
  /** Configuration and what else is no fault. */
  readonly objects: number;
  readonly faults: number;
  /** Estimate of the memory that both take; `bench/fabric-mirror.bench.ts` holds it against the heap. */
  readonly bytes: number;
}

/**
 * Costs in V8 (64 bit, no pointer compression, as Node.js is built): an object's header with its three fields, its
 * entries in the map and in the tree of Dns, and the header of its attributes.
 */
const PER_OBJECT = 220;
/** A field of the attributes; names and short values are shared. */
const PER_ATTRIBUTE = 10;
/** Header of a text of one byte a character. */
const PER_TEXT = 16;
/** Values longer than this are not shared with other objects. */
const SHARED_LENGTH = 40;

/** Estimated bytes of one object in the mirror. */
export function estimatedBytes({ dn, attributes }: FlatObject): number {
  let bytes = PER_OBJECT + PER_TEXT + dn.length;
  for (const value of Object.values(attributes)) {
    bytes += PER_ATTRIBUTE + (value.length > SHARED_LENGTH ? PER_TEXT + value.length : 0);
  }
  return bytes;
}
