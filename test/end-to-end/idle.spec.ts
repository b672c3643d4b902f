import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { startApicMock } from '#apic-mock';
import { startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { startKubeMock } from '#kube-mock';
import { silentLogger } from '#runtime';
import { eventually } from '#support/eventually';
import { APIC_USER } from '#support/gateway-stack';

const TOKEN_SECONDS = 4;

describe('end to end: an idle gateway', () => {
  it('sends only refreshes', async () => {
    const kube = await startKubeMock();
    kube.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'none' }] },
      },
    ]);
    const apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER], tokenSeconds: TOKEN_SECONDS });
    const text = `
clusterId: test
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password}, subscriptionSeconds: 30 }
api: { port: 0 }
`;
    const gateway = await startGateway(parseConfiguration('test', text), silentLogger, {});
    const status = () => gateway.state.status();
    await eventually(() => assert.ok(status().converged, status().waitingFor.join()), 10_000);
    await delay(500);
    const before = { ...status().apicRequests, log: apic.requestLog().length };
    await delay(TOKEN_SECONDS * 1000);
    const { logins, reads, writes, refreshes } = status().apicRequests;
    assert.deepEqual({ logins, reads, writes }, { logins: before.logins, reads: before.reads, writes: before.writes });
    assert.ok(refreshes > before.refreshes, 'its tokens live on');
    const asked = apic.requestLog().slice(before.log);
    assert.ok(asked.length > 0 && asked.every(({ url }) => /aaaRefresh|subscriptionRefresh/.test(url)));
    await gateway.stop();
    await apic.stop();
    await kube.stop();
  }).timeout(30_000);
});
