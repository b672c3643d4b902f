import type { FamilyConnections } from '#model/policy';
import type { ConnectionTable } from './connection-table.js';
import type { Party } from './parties.js';

interface Row {
  readonly entries: Map<Party, FamilyConnections>;
  high: number;
  low: number;
}

/**
 * Rows of a matrix, each with a fingerprint of what it holds. The fingerprint is a sum over the entries, so that a change of
 * one entry in a row of thousands costs as much as in a row of one. Equal rows have equal fingerprints; rows with equal
 * fingerprints are to be compared.
 */
export class PrintedRows {
  readonly #connections: ConnectionTable;
  readonly #rows = new Map<Party, Row>();

  constructor(connections: ConnectionTable) {
    this.#connections = connections;
  }

  of(party: Party): ReadonlyMap<Party, FamilyConnections> {
    return this.#rows.get(party)?.entries ?? NONE;
  }

  /** Text of the fingerprint. */
  print(party: Party): string {
    const row = this.#rows.get(party);
    return row === undefined || row.entries.size === 0 ? '' : `${row.entries.size}.${row.high}.${row.low}`;
  }

  /** Sets or, by undefined, takes out one entry. */
  set(party: Party, other: Party, value: FamilyConnections | undefined): void {
    const row = this.#rows.get(party) ?? { entries: new Map<Party, FamilyConnections>(), high: 0, low: 0 };
    const before = row.entries.get(other);
    if (before === value) return;
    if (before !== undefined) this.#add(row, -1, other, before);
    if (value === undefined) row.entries.delete(other);
    else {
      this.#add(row, 1, other, value);
      row.entries.set(other, value);
    }
    this.#rows.set(party, row);
  }

  /** Takes out a whole row. */
  delete(party: Party): void {
    this.#rows.delete(party);
  }

  /** Whether two rows hold the same. */
  same(a: Party, b: Party): boolean {
    const [first, second] = [this.of(a), this.of(b)];
    if (first.size !== second.size) return false;
    for (const [other, value] of first) if (second.get(other) !== value) return false;
    return true;
  }

  #add(row: Row, sign: 1 | -1, other: Party, value: FamilyConnections): void {
    const [high, low] = mixed(other.id, this.#connections.idOf(value));
    row.high = (row.high + sign * high) | 0;
    row.low = (row.low + sign * low) | 0;
  }
}

const NONE: ReadonlyMap<Party, FamilyConnections> = new Map();

/** Two numbers of 32 bits that stand for a pair of ids (after murmur3's finaliser, in two lanes). */
function mixed(party: number, connections: number): readonly [number, number] {
  const lane = (seed: number): number => {
    let value = Math.imul(party ^ seed, 0x85eb_ca6b) ^ Math.imul(connections + 1, 0xc2b2_ae35);
    value = Math.imul(value ^ (value >>> 16), 0x27d4_eb2f);
    return value ^ (value >>> 15);
  };
  return [lane(0x9e37_79b9), lane(0x7f4a_7c15)];
}
