import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';

const HELPER = new URL('requirement.js', import.meta.url).href;
const MOCHA = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));

/** A suite that needs a program that no machine has, and one that needs nothing. */
const SPEC = `import { describeWith, program } from '${HELPER}';
describeWith([program('no-such-program', 'nowhere')], 'lacking', () => { it('runs', () => { throw new Error('ran'); }); });
describeWith([program('node', 'anywhere')], 'complete', () => { it('runs', () => undefined); });
`;

describe('support: suites with requirements', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-requirement-'));
    writeFileSync(join(folder, 'sample.spec.mjs'), SPEC);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const mocha = (requireAll: string): Promise<string> =>
    run(process.execPath, [MOCHA, '--no-config', '--no-color', '--reporter', 'spec', join(folder, 'sample.spec.mjs')], {
      env: { ...process.env, REQUIRE_ALL: requireAll },
    });

  it('are named as not run where something is missing, and run where nothing is', async () => {
    const output = await mocha('0');
    assert.match(output, /lacking\s+- not run: needs no-such-program \(nowhere\)/);
    assert.match(output, /complete\s+✔ runs/);
    assert.match(output, /1 passing[\s\S]*1 pending/);
  });

  it('fail where everything is required', async () => {
    await assert.rejects(mocha('1'), /exit code 1/);
  });
});
