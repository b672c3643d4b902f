import assert from 'node:assert/strict';
import type { KubernetesObject } from '#model/kubernetes';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { startUpStack, type UpStack } from '#support/up-stack';

const TENANT = 'uni/tn-k8s-test';
const EPG = `${TENANT}/ap-k8s-test/epg-shop`;
const PORT = 'topology/pod-1/paths-101/pathep-[eth1/9]';

const NAMESPACE: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const SHOP: readonly KubernetesObject[] = [
  NAMESPACE,
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'none' }] },
  },
];

/** What an admin hangs below the EPG of a namespace. */
const OF_THE_ADMIN: readonly (readonly [dn: string, object: object])[] = [
  [`${EPG}/rspathAtt-[${PORT}]`, { fvRsPathAtt: { attributes: { encap: 'vlan-99' } } }],
  [`${EPG}/rscons-of-the-admin`, { fvRsCons: { attributes: { tnVzBrCPName: 'of-the-admin' } } }],
  [`${EPG}/subnet-[10.99.0.1/24]`, { fvSubnet: { attributes: { ip: '10.99.0.1/24' } } }],
  [
    `${EPG}/stcep-00:00:00:00:00:99-type-silent-host`,
    { fvStCEp: { attributes: { mac: '00:00:00:00:00:99', type: 'silent-host', encap: 'vlan-99' } } },
  ],
];

describe('end to end: a namespace is deleted while an admin has something below its EPG', function () {
  this.timeout(40_000);
  let stack: UpStack;
  let admin: ApicRest;

  const waitFor = (check: () => void | Promise<void>): Promise<void> => eventually(check, 10_000);
  const converged = (): Promise<void> =>
    waitFor(() => {
      const { converged: is, waitingFor } = stack.state().status();
      assert.ok(is, waitingFor.join());
    });
  const told = (): readonly string[] =>
    stack
      .state()
      .findings()
      .filter(({ code }) => code === 'OTHERS_BELOW')
      .map(({ object, message }) => `${object}: ${message}`);
  const ofTheAdmin = (): Promise<readonly unknown[]> => Promise.all(OF_THE_ADMIN.map(([dn]) => admin.object(dn)));
  const deleteNamespace = async (): Promise<void> => {
    for (const object of SHOP.toReversed()) stack.kube.remove(object);
    await waitFor(() => assert.equal(told().length, 1));
    await converged();
  };

  beforeEach(async () => {
    stack = await startUpStack();
    stack.kube.apply(SHOP);
    admin = await ApicRest.login(stack.apic.url);
    await converged();
    await waitFor(async () => assert.ok(await admin.object(EPG)));
    for (const [dn, object] of OF_THE_ADMIN) await admin.post(dn, object);
  });
  afterEach(() => stack.stop());

  it('leaves the EPG standing with all that is the admin’s, takes its own away, and says what to do', async () => {
    const before = await ofTheAdmin();
    await deleteNamespace();
    assert.ok(await admin.object(EPG));
    assert.deepEqual(await ofTheAdmin(), before);
    const [finding = ''] = told();
    assert.ok(finding.startsWith(`ACI/${EPG}: `), finding);
    for (const [dn] of OF_THE_ADMIN) assert.ok(finding.includes(dn), finding);
    const objects = await admin.subtree('uni/infra');
    assert.ok(!objects.some(({ dn }) => dn.includes(`[${EPG}]`)), 'its VLAN is free');
    assert.deepEqual(stack.sync().dn(EPG)?.phase, 'waiting');
    assert.deepEqual(stack.sync().dn(EPG)?.sources, ['Namespace/shop']);
  });

  it('comes to rest with it, also after a restart, and writes nothing more', async () => {
    await deleteNamespace();
    await stack.restart();
    await converged();
    await waitFor(() => assert.equal(told().length, 1));
    assert.equal(stack.state().status().apicRequests.writes, 0);
    assert.equal(stack.state().status().planAudits.differences, 0);
  });

  it('takes the EPG away as soon as the admin’s objects are gone', async () => {
    await deleteNamespace();
    for (const [dn] of OF_THE_ADMIN.slice(1)) await admin.delete(dn);
    await converged();
    assert.ok(await admin.object(EPG), 'the binding is still there');
    await admin.delete(OF_THE_ADMIN[0]?.[0] ?? '');
    await waitFor(async () => assert.equal(await admin.object(EPG), undefined));
    await converged();
    assert.deepEqual(told(), []);
  });

  it('uses the EPG again when the namespace comes back, with what the admin had there', async () => {
    const before = await ofTheAdmin();
    await deleteNamespace();
    stack.kube.apply(SHOP);
    await waitFor(() => assert.deepEqual(told(), []));
    await converged();
    const objects = await admin.subtree('uni/infra');
    assert.ok(objects.some(({ dn }) => dn.includes(`[${EPG}]`)));
    assert.deepEqual(await ofTheAdmin(), before);
  });

  it('leaves it to the admin who gives it another owner', async () => {
    await deleteNamespace();
    const mark = `${EPG}/annotationKey-[aci-gateway-owner]`;
    await admin.post(mark, { tagAnnotation: { attributes: { value: 'the-admin' } } });
    await waitFor(() => assert.deepEqual(told(), []));
    for (const [dn] of OF_THE_ADMIN) await admin.delete(dn);
    await converged();
    assert.ok(await admin.object(EPG));
  });
});
