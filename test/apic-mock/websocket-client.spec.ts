import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '#support/eventually';
import { describeWith, findProgram, program } from '#support/requirement';
import { useApic } from './apic-suite.js';

describeWith([program('wsdump', 'Debian package python3-websocket')], 'apic-mock: a websocket client of others', () => {
  const apic = useApic();

  it('reads the pushes of a subscription, as the Python clients of an APIC do', async () => {
    const socket = `${apic.mock.url.replace(/^http/, 'ws')}/socket${apic.token}`;
    const client = spawn(findProgram('wsdump') ?? 'wsdump', ['--raw', socket], { stdio: ['pipe', 'pipe', 'inherit'] });
    const frames: string[] = [];
    createInterface(client.stdout).on('line', (line) => frames.push(line));
    try {
      const id = await eventually(async () => {
        const { data, status } = await apic.http.get<{ subscriptionId: string }>(
          '/api/class/fvTenant.json?subscription=yes',
          { validateStatus: () => true },
        );
        assert.equal(status, 200, 'the socket is open');
        return data.subscriptionId;
      }, 10_000);
      await apic.http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'dumped' } } });
      await eventually(() => {
        const frame = frames.find((line) => line.includes('uni/tn-dumped')) ?? '{}';
        const push = JSON.parse(frame) as { subscriptionId?: readonly string[]; imdata?: readonly object[] };
        assert.deepEqual(push.subscriptionId, [id]);
        assert.equal(push.imdata?.length, 1);
      }, 10_000);
    } finally {
      client.kill('SIGTERM');
      await once(client, 'exit');
    }
  }).timeout(30_000);
});
