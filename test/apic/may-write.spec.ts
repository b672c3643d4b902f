import assert from 'node:assert/strict';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import { GatewayError } from '#errors';
import { managedObject } from '#model/aci';
import { silentLogger, systemClock } from '#runtime';
import { APIC_USER } from '#support/gateway-stack';

const signal = new AbortController().signal;

describe('apic: a client that may not write', () => {
  let apic: ApicMock;
  let mayWrite: boolean;

  beforeEach(async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    mayWrite = true;
  });
  afterEach(() => apic.stop());

  it('is asked right before each write goes out, after all that it waited for, and reads on', async () => {
    const client = createApicClient({
      urls: [apic.url],
      user: APIC_USER.name,
      password: APIC_USER.password,
      timeoutMs: 5000,
      refreshTimeoutSeconds: 60,
      mayWrite: () => {
        if (!mayWrite) throw new GatewayError('NOT_LEADING', 'it does not lead', { disposition: 'retry' });
      },
      log: silentLogger,
      clock: systemClock(),
      random: Math.random,
    });
    const tenant = managedObject('fvTenant', { name: 'a' });
    // It has to log in first, and may not write any more when that is done.
    const late = client.post('uni/tn-a', tenant, signal);
    mayWrite = false;
    await assert.rejects(late, { code: 'NOT_LEADING' });
    assert.equal(apic.object('uni/tn-a'), undefined);
    await client.list({ dn: 'uni/tn-common', classes: ['fvTenant'] }, signal);
    mayWrite = true;
    await client.post('uni/tn-a', tenant, signal);
    assert.notEqual(apic.object('uni/tn-a'), undefined);
    await client.close();
  });
});
