import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Mutant {
  readonly name: string;
  readonly edits: readonly (readonly [file: string, text: string, replacement: string])[];
}

const ROOT = new URL('../../../', import.meta.url);

describe('structure: planted mistakes', () => {
  it('each finds its text in the sources exactly once, so that `npm run mutants` can plant it', async () => {
    const list = (await import(new URL('scripts/mutant-list.mjs', ROOT).href)) as {
      readonly MUTANTS: readonly Mutant[];
    };
    const stale = list.MUTANTS.flatMap(({ name, edits }) =>
      edits.flatMap(([file, text]) => {
        const found = readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8').split(text).length - 1;
        return found === 1 ? [] : [`${name}: ${file} has ${found} times: ${text}`];
      }),
    );
    assert.deepEqual(stale, []);
    assert.equal(new Set(list.MUTANTS.map(({ name }) => name)).size, list.MUTANTS.length, 'names differ');
    assert.ok(list.MUTANTS.length > 150);
  });
});
