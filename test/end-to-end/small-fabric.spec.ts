import assert from 'node:assert/strict';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type GatewayProcess, startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { FlatObject } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { silentLogger } from '#runtime';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { APIC_USER } from '#support/gateway-stack';

// A gateway against a fabric that is too small for its cluster: each escalation happens, is said, and outlives a restart.

const deployment = (name: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
  },
});

/** Lets one in from the other, on TCP/80. */
const allow = (name: string, from: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: {
    podSelector: { matchLabels: { app: name } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: from } } }], ports: [{ port: 80 }] }],
  },
});

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const SHOP = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  ...NAMES.map(deployment),
  ...NAMES.map((name, index) => allow(name, NAMES[index - 1] ?? 'e')),
];

describe('end to end: a fabric that is too small', () => {
  let kube: KubeMock;
  let apic: ApicMock;
  let gateway: GatewayProcess | undefined;
  let rest: ApicRest;

  beforeEach(async () => {
    kube = await startKubeMock();
    kube.apply(SHOP);
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    rest = await ApicRest.login(apic.url);
  });

  afterEach(async () => {
    await gateway?.stop();
    await apic.stop();
    await kube.stop();
  });

  /** Starts a gateway, or starts it again, with this below `fabric:`. */
  async function start(fabric: string): Promise<GatewayProcess> {
    await gateway?.stop();
    const text = `
clusterId: test
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
fabric: ${fabric}
`;
    const started = await startGateway(parseConfiguration('test', text), silentLogger, {});
    gateway = started;
    await eventually(() => {
      const { converged, waitingFor } = started.state.status();
      assert.ok(converged, waitingFor.join());
    }, 10_000);
    return started;
  }

  const findings = ({ state }: GatewayProcess, code: string): readonly Finding[] =>
    state.findings().filter((finding) => finding.code === code);

  const ofClass = async (className: string): Promise<readonly FlatObject[]> =>
    (await rest.subtree('uni')).filter((object) => object.className === className);

  const ownEpgs = async (): Promise<readonly string[]> =>
    (await ofClass('fvAEPg')).map(({ dn }) => dn).filter((dn) => dn.includes('/ap-k8s-test/'));

  it('joins groups that have no VLAN, and a gateway that starts again joins the same', async () => {
    const first = await start('{ vlanPool: { from: 100, to: 102 } }');
    assert.deepEqual(findings(first, 'VLANS_EXHAUSTED'), []);
    assert.match(
      findings(first, 'LIMIT')
        .map(({ message }) => message)
        .join(),
      /vlanPool: the policies take \d+ of 3, now 3/,
    );
    assert.ok(findings(first, 'FABRIC_APPROXIMATED').length > 0);
    const epgs = await ownEpgs();
    assert.equal(epgs.length, 3);
    const rows = first.state.groups();
    assert.ok(rows.length > 6, 'hosts keep every group');
    for (const { group, encap, epg } of rows) {
      assert.ok(encap !== undefined, `${group} has a VLAN`);
      assert.ok(epgs.includes(epg), `${epg} is on the APIC`);
    }
    const again = await start('{ vlanPool: { from: 100, to: 102 } }');
    assert.equal(again.state.status().apicRequests.writes, 0);
    assert.deepEqual(again.state.groups(), rows);
  }).timeout(30_000);

  it('permits established TCP for the whole VRF when rules are too many, and goes back with room', async () => {
    const whole = await start('{}');
    assert.deepEqual(findings(whole, 'LIMIT'), []);
    const plain = (await ofClass('vzBrCP')).length;
    // Five pairs of two entries and one, six EPGs kept apart, and what holds in the whole VRF.
    const tight = await start('{ limits: { policyEntriesPerLeaf: 40 } }');
    assert.equal(findings(tight, 'ACK_PROBE').length, 1);
    assert.equal(findings(tight, 'LIMIT').length, 1);
    assert.equal((await ofClass('vzBrCP')).length, plain + 1);
    const back = await start('{}');
    assert.deepEqual([...findings(back, 'LIMIT'), ...findings(back, 'ACK_PROBE')], []);
    assert.equal((await ofClass('vzBrCP')).length, plain);
  }).timeout(30_000);

  it('counts EPGs before it makes them', async () => {
    const small = await start('{ limits: { endpointGroups: 2 } }');
    assert.equal((await ownEpgs()).length, 2);
    assert.match(
      findings(small, 'LIMIT')
        .map(({ message }) => message)
        .join(),
      /endpointGroups: the policies take \d+ of 2, now 2/,
    );
  }).timeout(30_000);
});
