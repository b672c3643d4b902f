import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAcigw } from '#support/run-command';

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:9';

describe('the command line and what is secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-secrets-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const refused = async (args: readonly string[], says: RegExp): Promise<void> => {
    const { exitCode, stdout, stderr } = await runAcigw(args);
    assert.match(stderr, says);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.ok(!stderr.includes('hunter2'), stderr);
  };
  const approve = (token: string): readonly string[] => [
    'approve',
    'hash',
    '--gateway',
    `http://${NOWHERE}`,
    '--token-file',
    file('token', token),
  ];

  for (const [what, text] of [
    ['two lines', 'hunter2\nhunter2'],
    ['spaces', 'hunter2 hunter2\n'],
    ['letters that no header carries', 'hunter2ł'],
  ] as const) {
    it(`a token with ${what} is refused before anybody is asked, and its file is named`, async () => {
      await refused(approve(text), /^acigw: \S+token: expected a token: one line of visible ASCII characters/);
    });
  }

  it('a file without a secret is refused, whoever reads it', async () => {
    const empty = /^acigw: (?:\S+acigw\.yaml: )?\S+token: is empty; expected one line with the secret\n$/;
    await refused(approve(''), empty);
    await refused(approve('\n'), empty);
    const token = file('token', '');
    const apic = `apic: { urls: ['http://${NOWHERE}'], passwordFile: '${token}' }`;
    await refused(['worker', '--config', configured(apic)], empty);
    const api = `apic: { urls: ['http://${NOWHERE}'], password: x }\napi: { port: 0, tokenFile: '${token}' }`;
    await refused(['run', '--config', configured(api)], empty);
  });

  const configured = (text: string): string => {
    const shared = `store: { kind: etcd, endpoints: ['http://${NOWHERE}'] }\nqueue: { redis: { url: 'redis://${NOWHERE}' } }`;
    return file('acigw.yaml', `kubernetes: { url: 'http://${NOWHERE}' }\n${shared}\n${text}\n`);
  };

  it('a URL with a user is refused on the command line, and not said again', async () => {
    const gateway = /^acigw: --gateway: expected an http or https URL without user and password/;
    await refused(['status', '--gateway', `http://u:hunter2@${NOWHERE}`], gateway);
    await refused(['status', '--gateway', `ftp://u:hunter2@${NOWHERE}`], gateway);
    const manifests = file('one.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: one }');
    await refused(
      ['verify', '--from', manifests, '--apic', `https://u:hunter2@${NOWHERE}`],
      /^acigw: --apic: expected a URL without user and password; use --user and --password-file\n$/,
    );
  });

  it('who may log in to the simulator is not said again when it has no name', async () => {
    await refused(['apic-mock', '--user', 'hunter2'], /^acigw: --user: expected NAME:PASSWORD, found no colon/);
    await refused(['apic-mock', '--user', ':hunter2'], /^acigw: --user: expected NAME:PASSWORD/);
  });
});
