import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAcigw } from '#support/run-command';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

describe('commands that ask an APIC: what is wrong with the configuration names its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-named-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const from = file('one.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: one }');
  const empty = file('empty', '');
  const COMMANDS: Readonly<Record<string, readonly string[]>> = {
    plan: ['plan', '--from', from, '--apic', NOWHERE],
    verify: ['verify', '--from', from, '--apic', NOWHERE],
    explain: ['explain', '--from', from, '--apic', NOWHERE, '10.0.0.2', '10.0.0.1', 'TCP/80'],
    uninstall: ['uninstall'],
  };
  const says = async (name: string, apic: string, ...more: readonly string[]): Promise<string> => {
    const config = file('acigw.yaml', apic === '' ? 'clusterId: test' : `apic: { urls: ['${NOWHERE}']${apic} }`);
    const { exitCode, stdout, stderr } = await runAcigw([...(COMMANDS[name] ?? []), '--config', config, ...more]);
    assert.deepEqual([exitCode, stdout], [2, ''], stderr);
    return stderr.split('\n')[0] ?? '';
  };

  for (const name of Object.keys(COMMANDS)) {
    it(name, async () => {
      assert.match(
        await says(name, ', user: admin'),
        /^acigw: \S+acigw\.yaml: apic: no password; set apic\.passwordFile/,
      );
      assert.match(
        await says(name, `, user: admin, passwordFile: '${empty}'`),
        /^acigw: \S+acigw\.yaml: \S+empty: is empty; expected one line with the secret$/,
      );
    });
  }

  it('uninstall, of a configuration without an APIC', async () => {
    assert.match(await says('uninstall', ''), /^acigw: \S+acigw\.yaml: apic: missing; set apic\.urls/);
  });

  it('not of what the command line gives instead', async () => {
    for (const name of ['plan', 'verify', 'explain']) {
      assert.match(
        await says(name, ', user: admin', '--password-file', empty),
        /^acigw: \S+empty: is empty; expected one line with the secret$/,
      );
      assert.match(
        await says(name, ', user: admin, password: x', '--ca', join(folder, 'none')),
        /^acigw: \S+none: cannot be read: ENOENT/,
      );
    }
  });

  it('nor without a configuration', async () => {
    const { exitCode, stderr } = await runAcigw(COMMANDS['verify'] ?? []);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^acigw: apic: no password; /);
  });

  it('the token of the gateway’s API', async () => {
    const config = file('acigw.yaml', `api: { tokenFile: '${empty}' }`);
    const approve = ['approve', 'hash', '--config', config, '--gateway', NOWHERE];
    const { stderr } = await runAcigw(approve);
    assert.match(stderr, /^acigw: \S+acigw\.yaml: \S+empty: is empty; expected one line with the secret\n$/);
    const given = await runAcigw([...approve, '--token-file', empty]);
    assert.match(given.stderr, /^acigw: \S+empty: is empty; expected one line with the secret\n$/);
  });
});
