// Mistakes in telling an admin's edits from the gateway's own work (decision 15), in the form of mutant-list.mjs.
const DRIFT = 'src/fabric/drift.ts';
const LAST_EQUAL = 'src/fabric/last-equal.ts';
const OWN_WRITES = 'workers/drift/own-writes.ts';
const REVIEW = 'workers/drift/review.ts';
const LEDGER = 'workers/drift/ledger.ts';
const FIGHTS = 'workers/drift/fights.ts';
const WORKER = 'workers/drift-worker.ts';
const AUTHOR = 'workers/drift/author.ts';

const mutant = (name, ...edits) => ({ name: `drift: ${name}`, edits });

export const DRIFT_MUTANTS = [
  mutant('the mark vouches for phases that come after it', [
    DRIFT,
    'return phaseOf(change, this.#sides, this.#denying) === marking;',
    'return marking !== undefined;',
  ]),
  mutant('the hash vouches for bridges', [
    DRIFT,
    'if (isOwnMark(change.object) || this.#sides.unmarked.has(dn)) return false;',
    'if (isOwnMark(change.object)) return false;',
  ]),
  mutant('the hash vouches for other marks', [
    DRIFT,
    'if (isOwnMark(change.object) || this.#sides.unmarked.has(dn)) return false;',
    'if (this.#sides.unmarked.has(dn)) return false;',
  ]),
  mutant('what an earlier process left is taken for added', [
    DRIFT,
    '?? (lastEqual.isEmpty ? change.object : undefined)',
    '',
  ]),
  mutant('wholes that are missing in a rollback are deleted ones', [
    DRIFT,
    'if (anyOlder !== undefined) return anyOlder;',
    '',
  ]),
  mutant('a whole that came back is added by somebody', [
    DRIFT,
    'if (ownerOf(actual, dn) !== undefined) return ROLLBACK;',
    '',
  ]),
  mutant('an older mark that was written a moment ago says nothing', [
    DRIFT,
    "own.gave(mark, 'value', found) ? WANTED : ROLLBACK",
    "own.gave(mark, 'value', found) ? undefined : ROLLBACK",
  ]),
  mutant('what is below an admin’s missing object is deleted', [DRIFT, 'if (references.has(dn)) return WAITS;', '']),
  mutant('what differed was equal', [LAST_EQUAL, 'this.#except = differing;', 'this.#except = new Map();']),
  mutant('what is somebody else’s was equal', [LAST_EQUAL, 'new Set(taken)', 'new Set()']),
  mutant('what the APIC took is not known before the next look', [WORKER, 'this.#lastEqual.wrote(dn);', '']),
  mutant('late values are edits', [
    OWN_WRITES,
    'object?.attributes[field] === value',
    'object?.attributes[field] === field',
  ]),
  mutant('late deletions are edits', [
    OWN_WRITES,
    '({ object }) => object === undefined',
    '({ object }) => object === null',
  ]),
  mutant('late objects are added', [
    OWN_WRITES,
    '({ object }) => object !== undefined',
    '({ object }) => object === null',
  ]),
  mutant('own writes are own for ever', [OWN_WRITES, 'at > now - LATE_MS', 'at > 0']),
  mutant('fields that are left are noted as written', [REVIEW, '!held.has(field)));', 'field !== undefined));']),
  mutant('what is below a deleted object is an edit of its own', [
    DRIFT,
    'this.#ofMissing(this.top(change.object.dn))',
    'this.#ofMissing(change.object.dn)',
  ]),
  mutant('what was adopted is given up for what is wanted anew', [
    REVIEW,
    'const deviating = [...deviations, ...this.#adoptedBefore(change, deviations)];',
    'const deviating = deviations;',
  ]),
  mutant('an event that comes twice is a flip', [
    LEDGER,
    'known.modifiedAt === modifiedAt',
    'known.modifiedAt !== modifiedAt',
  ]),
  mutant('pauses do not grow', [FIGHTS, 'contest.pauseMs * 2', 'contest.pauseMs']),
  mutant('a fight ends with its pause', [
    FIGHTS,
    'const last = until ?? repairs.at(-1) ?? 0;',
    'const last = repairs[0] ?? 0;',
  ]),
  mutant('whoever wrote last did it', [AUTHOR, '.startsWith(`${found})`)', ".includes(')')"]),
];
