import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type GatewayProcess, startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { KubernetesObject } from '#model/kubernetes';
import { silentLogger } from '#runtime';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { APIC_USER, type RunningCommand, startCommand } from '#support/gateway-stack';
import { NODE_TOPOLOGY, type NodeTopology, startNodeTopology, type TopologyPod } from '#support/node-topology';
import { describeWith } from '#support/requirement';

// Address plan: web and client run on node-1, which the test builds, at 10.244.0.2 and .3; vault runs on node-2, of which
// only the fabric's side is there, at 10.244.1.2. The peer behind the leaf is 198.51.100.7.
const PEER = '198.51.100.7';
const GATEWAY = { address: '10.244.0.1', mac: '00:22:bd:f8:19:ff' };
const PATH = {
  'node-1': 'topology/pod-1/paths-101/pathep-[eth1/1]',
  'node-2': 'topology/pod-1/paths-102/pathep-[eth1/2]',
} as const;
const GAP_LIMIT_MS = 800;

const ON_PATHS = `encoding: path, hostPaths: { node-1: ['${PATH['node-1']}'], node-2: ['${PATH['node-2']}'] }`;

const pod = (namespace: string, app: string, [node, address]: readonly [string, string]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: app, namespace, labels: { app } },
  spec: { nodeName: node, containers: [{ name: 'c', image: 'none' }] },
  status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
});

const OBJECTS: readonly KubernetesObject[] = [
  ...['shop', 'bank'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  pod('shop', 'web', ['node-1', '10.244.0.2']),
  pod('shop', 'client', ['node-1', '10.244.0.3']),
  pod('bank', 'vault', ['node-2', '10.244.1.2']),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 80 }] }],
    },
  },
];

describeWith([ETCD, ...NODE_TOPOLOGY], 'end to end: groups bound on the paths of their hosts', () => {
  const undo: (() => Promise<unknown>)[] = [];
  let etcd: EtcdServer;
  let kube: KubeMock;
  let apic: ApicMock;
  let gateway: GatewayProcess;
  let topology: NodeTopology;
  let agent: RunningCommand;
  let web: TopologyPod;
  let client: TopologyPod;

  const store = (): string => `store: { kind: etcd, endpoints: ['${etcd.endpoint}'] }`;
  const converged = (): Promise<void> =>
    eventually(() => assert.ok(gateway.state.status().converged, gateway.state.status().waitingFor.join()), 15_000);
  async function startGatewayWith(fabric: string): Promise<void> {
    const text = `
clusterId: test
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
fabric: { ${fabric} }
${store()}
`;
    gateway = await startGateway(parseConfiguration('test', text), silentLogger, {});
    await converged();
  }
  async function restartGatewayWith(fabric: string): Promise<void> {
    await gateway.stop();
    await startGatewayWith(fabric);
  }

  /** `epg node encap` of each binding on a path. */
  const bindings = (): readonly string[] =>
    apic
      .objects('fvRsPathAtt')
      .map(({ dn, attributes }) => `${/epg-([^/]+)/.exec(dn)?.[1]} ${attributes['tDn']} ${attributes['encap']}`)
      .sort();
  /** VLANs that are bound at our AEP. */
  const atProfile = (): readonly string[] =>
    apic
      .objects('infraRsFuncToEpg')
      .filter(({ dn }) => dn.startsWith('uni/infra/attentp-k8s-test/'))
      .map(({ attributes }) => attributes['encap'] ?? '');
  const rowOf = (key: string) => gateway.state.groups().find(({ pods }) => pods.includes(key));
  const vlanOf = ({ key }: TopologyPod): number => {
    const row = rowOf(key);
    return Number((row?.encapByNode?.['node-1'] ?? row?.encap)?.replace('vlan-', ''));
  };
  const leafLearns = (): Promise<void> =>
    topology.leaf.learn([web, client].map((one) => ({ ...one, vlan: vlanOf(one) })));
  /** Dn of the EPG that the leaf takes a frame for. */
  const epgAt = (path: string, vlan: number): string =>
    apic.learn({ mac: '00:50:56:AA:BB:99', encap: `vlan-${vlan}`, path }).group;
  /** EPGs and contracts with all that is configured of them, bindings left out. */
  const policyObjects = (): readonly string[] =>
    ['fvAEPg', 'vzBrCP', 'vzSubj', 'vzFilter', 'vzEntry', 'fvRsProv', 'fvRsCons', 'fvRsIntraEpg', 'tagAnnotation']
      .flatMap((className) => apic.objects(className))
      .filter(({ dn }) => dn.startsWith('uni/tn-k8s-test/'))
      .map(({ dn, attributes }) => `${dn} ${attributes['value'] ?? attributes['pcTag'] ?? ''} ${attributes['modTs']}`)
      .sort();

  before(async function () {
    this.timeout(90_000);
    const folder = mkdtempSync(join(tmpdir(), 'acigw-paths-'));
    undo.push(async () => rmSync(folder, { recursive: true }));
    etcd = await startEtcd();
    undo.push(() => etcd.stop());
    kube = await startKubeMock();
    undo.push(() => kube.stop());
    kube.apply(OBJECTS);
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    undo.push(() => apic.stop());
    await startGatewayWith(ON_PATHS);
    undo.push(() => gateway.stop());
    const addresses = { nodeAddress: '192.168.100.11', podPrefix: '10.244.0.0/24', peerAddress: PEER };
    topology = await startNodeTopology({ gateway: GATEWAY, ...addresses });
    undo.push(() => topology.stop());
    const { bridge, uplink, database } = topology.bridge;
    const file = join(folder, 'agent.yaml');
    const own = `agent: { bridge: ${bridge}, uplink: ${uplink}, database: '${database}', datapath: netdev }`;
    writeFileSync(file, `clusterId: test\n${store()}\n${own}\n`);
    web = await topology.addPod('shop/web', '10.244.0.2');
    client = await topology.addPod('shop/client', '10.244.0.3');
    agent = await startCommand(['agent', '--node', 'node-1', '--config', file]);
    undo.push(() => agent.stop());
    await leafLearns();
    await web.process.listen(80);
    await topology.peer.listen(8080);
    assert.notEqual(await client.process.until('connected', web.address, 80), undefined);
  });

  after(async function () {
    this.timeout(60_000);
    for (const step of undo.reverse()) await step();
  });

  it('binds a group where it has pods only, and gives leaf 102 the numbers of leaf 101 again', () => {
    const found = bindings();
    const [shopGroups, bankGroups] = [
      found.filter((text) => text.includes(PATH['node-1'])),
      found.filter((text) => text.includes(PATH['node-2'])),
    ];
    assert.deepEqual([shopGroups.length, bankGroups.length, found.length], [2, 1, 3], found.join('\n'));
    const encap = (text = ''): string | undefined => text.split(' ').at(-1);
    assert.ok(shopGroups.map(encap).includes(encap(bankGroups[0])));
    assert.deepEqual(atProfile(), []);
    const faults = apic.objects('faultInst').filter(({ attributes }) => attributes['code'] === 'F0467');
    assert.deepEqual(faults, [], 'no binding is refused for its path or VLAN');
  });

  it('puts on the wire the VLAN by which the leaf finds the EPG of the group, on that port', async () => {
    assert.equal(await client.process.connect(PEER, 8080), 'connected');
    const tags = (): readonly (number | undefined)[] => [
      ...new Set(
        topology.capture
          .frames()
          .filter(({ ip }) => ip?.destinationPort === 8080 || ip?.sourcePort === 8080)
          .map(({ vlan }) => vlan),
      ),
    ];
    await eventually(() => assert.deepEqual(tags(), [vlanOf(client)]));
    for (const one of [web, client]) assert.equal(epgAt(PATH['node-1'], vlanOf(one)), rowOf(one.key)?.epg);
    assert.notEqual(vlanOf(web), vlanOf(client));
    const vault = rowOf('bank/vault');
    const encap = Number(vault?.encapByNode?.['node-2']?.replace('vlan-', ''));
    assert.equal(epgAt(PATH['node-2'], encap), vault?.epg);
    assert.equal(await topology.peer.connect(web.address, 80), 'timeout');
  });

  it('removes the binding of a host with its last pod of the group, and gives it the same VLAN when one comes', async () => {
    const before = bindings();
    const vault = pod('bank', 'vault', ['node-2', '10.244.1.2']);
    kube.remove(vault);
    await eventually(() => assert.equal(bindings().length, before.length - 1), 5000);
    kube.apply([vault]);
    await eventually(() => assert.deepEqual(bindings(), before), 5000);
  });

  it('writes nothing when the gateway starts again', async () => {
    const before = policyObjects();
    const bound = apic.objects('fvRsPathAtt').map(({ dn, attributes }) => `${dn} ${attributes['modTs']}`);
    await restartGatewayWith(ON_PATHS);
    assert.deepEqual(policyObjects(), before);
    assert.deepEqual(
      apic.objects('fvRsPathAtt').map(({ dn, attributes }) => `${dn} ${attributes['modTs']}`),
      bound,
    );
  }).timeout(30_000);

  it('changes to the AEP and back by the setting: EPGs, contracts and marks are not touched', async () => {
    const before = policyObjects();
    assert.ok(before.length > 20);
    await restartGatewayWith('encoding: aep');
    assert.deepEqual(policyObjects(), before);
    assert.deepEqual(bindings(), []);
    assert.ok(atProfile().length >= 3 && new Set(atProfile()).size === atProfile().length, atProfile().join());
    await leafLearns();
    assert.notEqual(await client.process.until('connected', PEER, 8080), undefined);
    assert.equal(epgAt(PATH['node-1'], vlanOf(client)), rowOf(client.key)?.epg);

    const stream = await client.process.stream('tcp', PEER, 8080);
    const vlans = [web, client].map(vlanOf);
    await restartGatewayWith(ON_PATHS);
    await delay(1500);
    const { received, longestGapMs, ended } = await stream();
    assert.equal(ended, undefined);
    assert.ok(received > 20 && longestGapMs < GAP_LIMIT_MS, `${received} beats, longest gap ${longestGapMs} ms`);
    assert.deepEqual([web, client].map(vlanOf), vlans, 'groups keep the VLAN of the AEP: hosts change nothing');
    assert.deepEqual(atProfile(), []);
    assert.deepEqual(policyObjects(), before);
  }).timeout(60_000);
});
