import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApicMock } from '#apic-mock';
import { type GatewayProcess, startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { FlatObject } from '#model/aci';
import { silentLogger } from '#runtime';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { APIC_USER } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';

const SHOP = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'other' } } }], ports: [{ port: 80 }] }],
    },
  },
];

describe('end to end: two clusters on one APIC', () => {
  /** A cluster with the same objects as every other, and a gateway of its own in the admin's tenant. */
  async function cluster(
    id: string,
    apicUrl: string,
    gateways: string,
  ): Promise<{ kube: KubeMock; gateway: GatewayProcess; text: string }> {
    const kube = await startKubeMock();
    kube.apply(SHOP);
    const text = `
clusterId: ${id}
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apicUrl}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
fabric:
  tenant: { name: shared, own: false }
  vrf: { name: shared, own: false }
  bridgeDomain: { name: pods-${id}, gateways: [${gateways}] }
  l3out: { name: out-${id} }
`;
    const gateway = await startGateway(parseConfiguration('test', text), silentLogger, {});
    await eventually(
      () => assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join()),
      10_000,
    );
    return { kube, gateway, text };
  }

  /** Looks at first, then removes, by the command line. */
  async function uninstalled(text: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'acigw-uninstall-'));
    const file = join(folder, 'acigw.yaml');
    writeFileSync(file, text);
    const looked = await runAcigw(['uninstall', '--config', file]);
    assert.equal(looked.exitCode, 3, looked.stderr);
    assert.match(looked.stdout, /\d+ objects of cluster 'west' would go with all below them; --yes removes them/);
    const removed = await runAcigw(['uninstall', '--config', file, '--yes', '--output', 'json']);
    assert.equal(removed.exitCode, 0, removed.stderr);
    const { left, objects } = JSON.parse(removed.stdout) as { left: number; objects: readonly unknown[] };
    assert.ok(left === 0 && objects.length > 5, removed.stdout);
    const again = await runAcigw(['uninstall', '--config', file, '--yes']);
    assert.deepEqual([again.exitCode, again.stdout], [0, "nothing on the APIC belongs to cluster 'west'\n"]);
    rmSync(folder, { recursive: true });
  }

  const ofCluster = (objects: readonly FlatObject[], id: string): readonly string[] =>
    objects
      .filter(({ className, attributes }) => className === 'tagAnnotation' && attributes['value'] === id)
      .map(({ dn }) => dn.replace(/\/annotationKey-.*$/, ''))
      .sort();

  it('the same names in both: neither takes, changes or removes what is the other’s', async () => {
    const apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    apic.load({
      fvTenant: { attributes: { name: 'shared' }, children: [{ fvCtx: { attributes: { name: 'shared' } } }] },
    });
    const rest = await ApicRest.login(apic.url);
    const east = await cluster('east', apic.url, '10.244.0.1/16');
    const easts = ofCluster(await rest.subtree('uni'), 'east');
    assert.ok(easts.some((dn) => dn.endsWith('/ap-k8s-east/epg-shop')));
    const before = await Promise.all(easts.map((dn) => rest.subtree(dn)));

    const west = await cluster('west', apic.url, '10.245.0.1/16');
    assert.deepEqual(
      west.gateway.state.findings().filter(({ code }) => code === 'NAME_IN_USE'),
      [],
    );
    const objects = await rest.subtree('uni');
    assert.equal(ofCluster(objects, 'west').length, easts.length, 'both have all of theirs');
    // Both want all addresses outside, and the VRF takes a prefix once.
    const taken = west.gateway.state.findings().filter(({ code }) => code === 'EXT_DUP');
    assert.equal(taken.length, 2);
    for (const { message } of taken) assert.match(message, /already in uni\/tn-shared\/out-out-east\//);
    assert.deepEqual(
      east.gateway.state.findings().filter(({ code }) => code === 'EXT_DUP' || code === 'DEPLOY_FAULT'),
      [],
      'who came first has no trouble',
    );
    assert.ok(!objects.some(({ className, dn }) => className === 'faultInst' && dn.includes('/out-')), 'no F0467');

    for (const object of SHOP.toReversed()) west.kube.remove(object);
    await eventually(async () => {
      assert.equal(await rest.object('uni/tn-shared/ap-k8s-west/epg-shop'), undefined);
    }, 5_000);
    await west.gateway.stop();
    await uninstalled(west.text);
    assert.deepEqual(ofCluster(await rest.subtree('uni'), 'west'), [], 'nothing of west is left');
    assert.deepEqual(await Promise.all(easts.map((dn) => rest.subtree(dn))), before, 'east is as it was');
    await east.gateway.stop();
    for (const kube of [east.kube, west.kube]) await kube.stop();
    await apic.stop();
  }).timeout(40_000);
});
