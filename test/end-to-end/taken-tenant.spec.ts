import assert from 'node:assert/strict';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type GatewayProcess, startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { silentLogger } from '#runtime';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { APIC_USER } from '#support/gateway-stack';

const TENANT = 'uni/tn-prod';
const EPG = `${TENANT}/ap-k8s-test/epg-shop`;

describe('end to end: the tenant that the gateway should own is an admin’s', function () {
  this.timeout(30_000);
  let apic: ApicMock;
  let kube: KubeMock;
  let gateway: GatewayProcess;
  let admin: ApicRest;

  const dns = async (): Promise<readonly string[]> => (await admin.subtree(TENANT)).map(({ dn }) => dn).sort();
  const taken = (): readonly string[] =>
    gateway.state
      .findings()
      .filter(({ code }) => code === 'NAME_IN_USE')
      .map(({ object, message }) => `${object}: ${message}`);

  before(async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    admin = await ApicRest.login(apic.url);
    await admin.post('uni', {
      fvTenant: { attributes: { name: 'prod' }, children: [{ fvCtx: { attributes: { name: 'prod' } } }] },
    });
    kube = await startKubeMock();
    kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]);
  });
  after(async () => {
    await gateway.stop();
    await kube.stop();
    await apic.stop();
  });

  it('writes nothing to it, says so, and begins as soon as the tenant is its own', async () => {
    const before = await dns();
    const text = `
clusterId: test
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
fabric: { tenant: { name: prod } }
`;
    gateway = await startGateway(parseConfiguration('test', text), silentLogger, {});
    await eventually(() => assert.equal(taken().length, 1), 10_000);
    await eventually(async () => assert.ok(await admin.object('uni/phys-k8s-test')), 10_000);
    assert.ok(taken()[0]?.startsWith(`ACI/${TENANT}: `), taken().join());
    const { converged, waitingFor } = gateway.state.status();
    assert.equal(converged, false);
    assert.ok(
      waitingFor.some((reason) => reason.startsWith(`${TENANT}: it is somebody else's`)),
      waitingFor.join(),
    );
    assert.deepEqual(await dns(), before);
    await admin.post(TENANT, {
      fvTenant: {
        attributes: {},
        children: [{ tagAnnotation: { attributes: { key: 'aci-gateway-owner', value: 'test' } } }],
      },
    });
    await eventually(async () => assert.ok(await admin.object(EPG)), 10_000);
    await eventually(() => assert.ok(gateway.state.status().converged), 10_000);
  });
});
