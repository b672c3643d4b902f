import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axios from 'axios';
import { ACIGW, startCommand } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

describe('acigw: the command line', () => {
  it('acigw --version prints the version of the package', async () => {
    const { exitCode, stdout } = await runAcigw(['--version']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('apic-mock --version is the release that the simulator says it runs', async () => {
    const mock = await startCommand(['apic-mock', '--http', '--user', 'admin:secret', '--version', '6.0(9c)']);
    try {
      const login = { aaaUser: { attributes: { name: 'admin', pwd: 'secret' } } };
      const { data } = await axios.post<unknown>(`${mock.ready}/api/aaaLogin.json`, login, { proxy: false });
      assert.match(JSON.stringify(data), /"version":"6\.0\(9c\)"/);
    } finally {
      await mock.stop();
    }
  });

  it('ends as ever when nobody reads what it says, as behind head', async () => {
    const manifests = fileURLToPath(new URL('../../../examples/shop/kubernetes', import.meta.url));
    const child = spawn(process.execPath, [ACIGW, 'compile', '--from', manifests], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const [exitCode] = (await once(child, 'close')) as [number | null];
    assert.equal(exitCode, 0, errors);
    assert.doesNotMatch(errors, /EPIPE|at .*:\d+:\d+/);
  });

  it('says in one line that the disk is full, and ends with 1', async function () {
    // A device of Linux: elsewhere nothing is always full.
    if (!existsSync('/dev/full')) return this.skip();
    const manifests = fileURLToPath(new URL('../../../examples/shop/kubernetes', import.meta.url));
    const full = openSync('/dev/full', 'w');
    try {
      const child = spawn(process.execPath, [ACIGW, 'compile', '--from', manifests], {
        stdio: ['ignore', full, 'pipe'],
      });
      let errors = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
      const [exitCode] = (await once(child, 'close')) as [number | null];
      assert.match(errors, /(?:^|\n)acigw: cannot write the output: [^\n]*ENOSPC[^\n]*\n$/);
      assert.doesNotMatch(errors, /at .*:\d+:\d+/);
      assert.equal(exitCode, 1);
    } finally {
      closeSync(full);
    }
  });

  it('an unknown command and a missing option exit 2', async () => {
    for (const args of [['nonsense'], ['run'], ['apic-mock', '--port', '99999']]) {
      const { exitCode, stderr } = await runAcigw(args);
      assert.equal(exitCode, 2, args.join(' '));
      assert.match(stderr, /^error: /);
    }
  });

  const IGNORED: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['approve', 'hash', '--list'], /approve: --list approves nothing; give the hash or --list/],
    [
      ['plan', '--from', 'x', '--gateway', 'http://127.0.0.1:9'],
      /plan: --gateway asks a running gateway, and --from none/,
    ],
    ...[
      ['--apic', 'http://127.0.0.1:9'],
      ['--user', 'admin'],
      ['--password-file', 'x'],
      ['--ca', 'x'],
    ].map((args) => [['plan', ...args], new RegExp(`plan: ${args[0]} goes with --from`)] as const),
    [['plan', '--ignore-unknown-kinds'], /plan: --ignore-unknown-kinds goes with --from/],
  ];
  for (const [args, says] of IGNORED) {
    it(`${args.join(' ')}: refused, for a part of it would be ignored`, async () => {
      const { exitCode, stdout, stderr } = await runAcigw(args);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.match(stderr, says);
    });
  }
});
