import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('apic-mock: the example of mocha root hooks', () => {
  it('passes as it stands in examples/apic-mock, by the name of the package', async () => {
    const mocha = fileURLToPath(new URL('../../../node_modules/mocha/bin/mocha.js', import.meta.url));
    const args = ['--no-config', '--reporter', 'json', '--require', './examples/apic-mock/hooks.mjs'];
    const child = spawn(process.execPath, [mocha, ...args, 'examples/apic-mock/tenant.spec.mjs'], { cwd: root });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, text);
    const { stats } = JSON.parse(text) as { stats: { passes: number; failures: number } };
    assert.deepEqual([stats.passes, stats.failures], [3, 0]);
  });
});
