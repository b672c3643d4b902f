import assert from 'node:assert/strict';
import axios from 'axios';
import { startCommand } from '#support/gateway-stack';
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

  it('an unknown command and a missing option exit 2', async () => {
    for (const args of [['nonsense'], ['run'], ['apic-mock', '--port', '99999']]) {
      const { exitCode, stderr } = await runAcigw(args);
      assert.equal(exitCode, 2, args.join(' '));
      assert.match(stderr, /^error: /);
    }
  });
});
