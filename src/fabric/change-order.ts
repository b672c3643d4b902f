import { splitDn } from '#model/aci';
import type { Change } from './diff.js';
import { unitDn } from './units.js';

/**
 * What refers to others by name comes after them: relations find their targets when they are made, and nobody sees a fault
 * meanwhile. Filters, contracts, VRFs (vzAny refers to contracts), bridge domains, L3Outs, application profiles; of the
 * access objects pools, domains, AEPs.
 */
const RANKS: readonly (readonly [pattern: RegExp, rank: number])[] = [
  [/^(flt|vlanns)-/, 1],
  [/^brc-/, 2],
  [/^ctx-/, 4],
  [/^BD-/, 5],
  [/^out-/, 6],
  [/^(ap|attentp)-/, 7],
];

/** A domain refers to pools, and an AEP to domains. */
const DOMAIN = /^uni\/phys-/;

/** Place of the object that is owned as a whole among those that refer to each other: lower ones first. */
export function rankOf(dn: string): number {
  if (DOMAIN.test(dn)) return 3;
  const step = splitDn(dn)[2];
  if (step === undefined) return 0;
  return RANKS.find(([pattern]) => pattern.test(step))?.[1] ?? 3;
}

/** The changes of one object that is owned as a whole. */
interface Unit {
  readonly rank: number;
  readonly key: string;
  readonly changes: Change[];
}

/** Lower than every character of a Dn: so what is below an object comes right after it, and before `<its name>-2`. */
const STEP = '\u0001';
const sortable = (dn: string): string => dn.replaceAll('/', STEP);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Changes in the order in which they are made: referents before what refers to them, parents before children, what belongs
 * to one object together. It depends on the changes alone, not on how they were found.
 */
export function inOrder(changes: readonly Change[]): readonly Change[] {
  const units = new Map<string, Unit>();
  for (const change of changes) {
    const dn = unitDn(change.object.dn);
    const unit = units.get(dn);
    if (unit === undefined) units.set(dn, { rank: rankOf(dn), key: sortable(dn), changes: [change] });
    else unit.changes.push(change);
  }
  return [...units.values()]
    .sort((a, b) => a.rank - b.rank || compare(a.key, b.key))
    .flatMap((unit) => byDn(unit.changes));
}

function byDn(changes: readonly Change[]): readonly Change[] {
  if (changes.length === 1) return changes;
  return changes
    .map((change) => ({ change, key: sortable(change.object.dn) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ change }) => change);
}
