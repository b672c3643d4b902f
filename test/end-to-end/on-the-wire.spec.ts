import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import axios from 'axios';
import type { GatewayStatus, GroupRow } from '#ports';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { type GatewayStack, inSeparateProcesses, type RunningCommand, startCommand } from '#support/gateway-stack';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { NODE_TOPOLOGY, type NodeTopology, startNodeTopology, type TopologyPod } from '#support/node-topology';
import { describeWith } from '#support/requirement';

// Address plan: kube-mock gives node-1 the address 192.168.100.11 and its pods 10.244.0.0/24; the default configuration
// makes 10.244.0.1 with MAC 00:22:BD:F8:19:FF the gateway. The peer behind the leaf is 198.51.100.7.
const GATEWAY = { address: '10.244.0.1', mac: '00:22:bd:f8:19:ff' };
const PEER = '198.51.100.7';
const GAP_LIMIT_MS = 800;

const deployment = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { nodeName: node-1, containers: [{ name: c, image: none }] }
`;

const POLICIES = (port: number): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress, Egress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }], ports: [{ port: ${port} }] }]
  egress: [{ to: [{ ipBlock: { cidr: 198.51.100.0/24 } }], ports: [{ port: 8080 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client, namespace: shop }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: web } } }]
    - to: [{ ipBlock: { cidr: 198.51.100.0/24 } }]
      ports: [{ port: 8081 }]
`;

/** Isolates ingress of web and opens one port of it to everyone. */
const OPEN_TO_EVERYONE = (port: number): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress: [{ ports: [{ port: ${port} }] }]
`;

describeWith([KUBECTL, ETCD, ...NODE_TOPOLOGY], 'end to end: from kubectl to the wire', () => {
  const undo: (() => Promise<unknown>)[] = [];
  let etcd: EtcdServer;
  let stack: GatewayStack;
  let kubectl: Kubectl;
  let topology: NodeTopology;
  let agent: RunningCommand;
  let agentConfiguration: string;
  let web: TopologyPod;
  let client: TopologyPod;
  let vlans: Readonly<Record<'web' | 'client', number>>;

  const apply = (manifests: string): Promise<string> => kubectl.ok(['apply', '-f', '-'], manifests);
  const startAgent = async (): Promise<void> => {
    agent = await startCommand(['agent', '--node', 'node-1', '--config', agentConfiguration]);
  };
  const vlanOf = async (group: string): Promise<number> => {
    const { data } = await axios.get<GroupRow[]>(`${stack.gatewayUrl()}/api/v1/groups`, { proxy: false });
    return Number(data.find((row) => row.group === group)?.encap?.replace('vlan-', ''));
  };
  /** The leaf learns the pods where they are now: a pod that changes its group changes its VLAN. */
  const learnAgain = async (): Promise<void> => {
    const { data } = await axios.get<GroupRow[]>(`${stack.gatewayUrl()}/api/v1/groups`, { proxy: false });
    const vlan = (pod: TopologyPod): number =>
      Number(data.find(({ pods }) => pods.includes(pod.key))?.encap?.replace('vlan-', ''));
    await topology.leaf.learn([web, client].map((pod) => ({ ...pod, vlan: vlan(pod) })));
  };
  const plugIn = async (app: string): Promise<TopologyPod> => {
    const args = [
      'get',
      'pods',
      '-n',
      'shop',
      '-l',
      `app=${app}`,
      '-o',
      'jsonpath={.items[0].metadata.name} {.items[0].status.podIP}',
    ];
    const [name = '', address = ''] = (await kubectl.ok(args)).split(' ');
    return topology.addPod(`shop/${name}`, address);
  };

  before(async function () {
    this.timeout(90_000);
    const folder = mkdtempSync(join(tmpdir(), 'acigw-wire-'));
    undo.push(async () => rmSync(folder, { recursive: true }));
    etcd = await startEtcd();
    undo.push(() => etcd.stop());
    const store = `store: { kind: etcd, endpoints: ['${etcd.endpoint}'] }`;
    stack = await inSeparateProcesses.start(store);
    undo.push(() => stack.stop());
    kubectl = kubectlFor(stack.kubernetesUrl);
    undo.push(async () => kubectl.dispose());
    const addresses = { nodeAddress: '192.168.100.11', podPrefix: '10.244.0.0/24', peerAddress: PEER };
    topology = await startNodeTopology({ gateway: GATEWAY, ...addresses });
    undo.push(() => topology.stop());
    await apply(
      [
        'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }',
        deployment('web'),
        deployment('client'),
        POLICIES(80),
      ].join('\n---\n'),
    );
    await eventually(async () => {
      const { data } = await axios.get<GatewayStatus>(`${stack.gatewayUrl()}/api/v1/status`, { proxy: false });
      assert.ok(data.converged, data.waitingFor.join());
      assert.ok((await vlanOf('shop.client')) > 0);
    }, 15_000);
    agentConfiguration = join(folder, 'agent.yaml');
    const { bridge, uplink, database } = topology.bridge;
    writeFileSync(
      agentConfiguration,
      `clusterId: test\n${store}\nagent: { bridge: ${bridge}, uplink: ${uplink}, database: '${database}', datapath: netdev }\n`,
    );
    web = await plugIn('web');
    client = await plugIn('client');
    await startAgent();
    undo.push(() => agent.stop());
    vlans = { web: await vlanOf('shop.web'), client: await vlanOf('shop.client') };
    await topology.leaf.learn([
      { ...web, vlan: vlans.web },
      { ...client, vlan: vlans.client },
    ]);
    for (const port of [80, 81]) await web.process.listen(port);
    for (const port of [8080, 8081]) await topology.peer.listen(port);
    assert.notEqual(await client.process.until('connected', web.address, 80), undefined);
  });

  after(async function () {
    this.timeout(60_000);
    for (const step of undo.reverse()) await step();
  });

  it('makes an allowed TCP connection between two pods of the node and not a denied one', async () => {
    assert.equal(await client.process.connect(web.address, 80), 'connected');
    assert.equal(await client.process.connect(web.address, 81), 'timeout');
    assert.equal(await web.process.connect(client.address, 80), 'timeout');
  });

  it('puts the VLAN of each group’s EPG on the wire', async () => {
    assert.equal(await web.process.connect(PEER, 8080), 'connected');
    assert.equal(await client.process.connect(PEER, 8081), 'connected');
    assert.equal(await client.process.connect(PEER, 8080), 'timeout');
    const tags = (port: number): readonly (number | undefined)[] => [
      ...new Set(
        topology.capture
          .frames()
          .filter(({ ip }) => ip?.destinationPort === port || ip?.sourcePort === port)
          .map(({ vlan }) => vlan),
      ),
    ];
    await eventually(() => assert.deepEqual([tags(8080), tags(8081)], [[vlans.web], [vlans.client]]));
    assert.notEqual(vlans.web, vlans.client);
  });

  it('a policy changed with kubectl gives the new verdict on the wire within a second', async () => {
    const opening = client.process.until('connected', web.address, 81);
    const closing = client.process.until('refused', web.address, 80);
    await apply(POLICIES(81));
    const appliedAt = Date.now();
    for (const [what, at] of [
      ['opened', await opening],
      ['closed', await closing],
    ] as const) {
      assert.ok(at !== undefined, `never ${what}`);
      console.log(`      ${what} ${Math.max(0, at - appliedAt)} ms after kubectl was done`);
      assert.ok(at - appliedAt < 1000, `${what} after ${at - appliedAt} ms`);
    }
    await apply(POLICIES(80));
    assert.notEqual(await client.process.until('connected', web.address, 80), undefined);
  }).timeout(30_000);

  it('opens to everyone what nothing isolates, and what a rule without peers names', async () => {
    await kubectl.ok(['delete', 'networkpolicies', '--all', '-n', 'shop']);
    assert.notEqual(await client.process.until('connected', web.address, 81), undefined);
    await learnAgain();
    assert.equal(await topology.peer.connect(web.address, 81), 'connected');
    assert.equal(await client.process.connect(PEER, 8080), 'connected');

    await apply(OPEN_TO_EVERYONE(80));
    assert.notEqual(await client.process.until('refused', web.address, 81), undefined);
    await learnAgain();
    assert.equal(await client.process.connect(web.address, 80), 'connected');
    assert.equal(await topology.peer.connect(web.address, 80), 'connected');
    assert.equal(await topology.peer.connect(web.address, 81), 'timeout');

    await apply(POLICIES(80));
    assert.notEqual(await client.process.until('refused', PEER, 8080), undefined);
    await learnAgain();
    assert.equal(await client.process.connect(web.address, 80), 'connected');
    assert.equal(await topology.peer.connect(web.address, 80), 'timeout');
  }).timeout(30_000);

  it('a restart of the agent, and of the gateway, interrupts nothing', async () => {
    const stream = await client.process.stream('tcp', web.address, 80);
    const away = await web.process.stream('tcp', PEER, 8080);
    await delay(300);
    await agent.stop();
    await delay(300);
    await startAgent();
    await stack.restartGateway();
    await delay(1500);
    for (const { received, longestGapMs, ended } of [await stream(), await away()]) {
      assert.equal(ended, undefined);
      assert.ok(received > 50 && longestGapMs < GAP_LIMIT_MS, `${received} beats, longest gap ${longestGapMs} ms`);
    }
  }).timeout(30_000);
});
