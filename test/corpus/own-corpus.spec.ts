import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from '#support/command';
import { isOwnCorpus } from '#support/corpus';

const MOCHA = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

describe('corpus: our own cases', () => {
  it('pass in every suite, none of them left out', async function () {
    this.timeout(60_000);
    // Without the public corpus the suites beside this one run on them already.
    if (isOwnCorpus) return;
    const suites = readdirSync(FOLDER).filter((file) => file.endsWith('.spec.js') && !file.startsWith('own-corpus'));
    assert.ok(suites.length >= 6);
    const output = await run(process.execPath, [MOCHA, '--no-color', ...suites.map((file) => `${FOLDER}${file}`)], {
      env: { ...process.env, ACIGW_CORPUS: 'own' },
    });
    assert.match(output, /\n\d+ passed, 0 failed/);
    for (const kind of ['cases', 'tests', 'tables', 'folders', 'files'])
      assert.match(output, new RegExp(`[1-9]\\d* ${kind}, `));
  });
});
