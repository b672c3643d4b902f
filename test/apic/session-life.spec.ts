import assert from 'node:assert/strict';
import { startApicMock } from '#apic-mock';
import { managedObject } from '#model/aci';
import { eventually } from '#support/eventually';
import { forever, SetUp } from './client-set-up.js';
import { RecordingSink } from './recording-sink.js';

describe('apic: a session’s life over apic-mock', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  it('follows the fabric through token refreshes and session changes without a gap', async () => {
    const mock = await startApicMock({
      tls: { mode: 'none' },
      users: [{ name: 'gateway', password: 'right' }],
      tokenSeconds: 1,
      sessionSeconds: 2,
      subscriptionSeconds: 3,
    });
    const client = setUp.client(mock.url, { refreshTimeoutSeconds: 1 });
    const sink = new RecordingSink();
    const stop = new AbortController();
    const watching = client.watch([{ dn: 'uni/tn-t', classes: ['fvTenant', 'fvBD'] }], sink, stop.signal);
    try {
      for (let count = 0; count < 50; count += 1) {
        const bd = managedObject('fvBD', { name: `b${count}` });
        await client.post('uni', managedObject('fvTenant', { name: 't' }, [bd]), forever);
        await eventually(() => assert.ok(sink.mirror.has(`uni/tn-t/BD-b${count}`)));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.deepEqual(sink.reasons, []);
      const { logins, refreshes } = client.requests();
      assert.ok(logins >= 3 && logins <= 6, `${logins} logins in 5 s with sessions of 2 s`);
      assert.ok(refreshes >= 10);
    } finally {
      stop.abort();
      await watching;
      await setUp.close();
      await mock.stop();
    }
  });

  it('sends nothing but refreshes when nothing happens', async () => {
    const mock = await startApicMock({ tls: { mode: 'none' }, users: [{ name: 'gateway', password: 'right' }] });
    const client = setUp.client(mock.url, { refreshTimeoutSeconds: 1 });
    const sink = new RecordingSink();
    const stop = new AbortController();
    const watching = client.watch([{ dn: 'uni', classes: ['fvTenant'] }], sink, stop.signal);
    try {
      await eventually(() => assert.equal(sink.told.length, 1));
      const before = client.requests();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const { refreshes, ...others } = client.requests();
      assert.deepEqual(others, { logins: before.logins, reads: before.reads, writes: 0 });
      assert.ok(refreshes >= 3 && refreshes <= 6, `${refreshes} refreshes`);
    } finally {
      stop.abort();
      await watching;
      await setUp.close();
      await mock.stop();
    }
  });
});
