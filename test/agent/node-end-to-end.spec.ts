import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import { type RunningAgent, runAgent } from '#agent';
import type { NodeOpenness, NodePermit, NodePodGroup, NodePolicy } from '#model/node';
import { openVswitchBridge } from '#ovs';
import type { PolicyStore } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { etcdPolicyStore } from '#store';
import { ETCD, type EtcdServer, startEtcd } from '#support/etcd-server';
import { eventually } from '#support/eventually';
import { TCP_FLAG } from '#support/frame';
import { NODE_TOPOLOGY, type NodeTopology, startNodeTopology, type TopologyPod } from '#support/node-topology';
import type { CapturedFrame } from '#support/pcap';
import { describeWith } from '#support/requirement';

const GATEWAY = { address: '10.64.0.1', mac: '02:00:00:00:00:fe' };
const PEER = '198.51.100.7';
const NODE = '192.0.2.10';
const VLAN = { web: 101, db: 102 } as const;
const CHANGE_LIMIT_MS = 1_000;
type Grants = Pick<NodePodGroup, 'egress' | 'ingress'>;
/** Only permits open anything. */
const CLOSED: Grants = { egress: 'nothing', ingress: 'nothing' };
/** Beats come every ten milliseconds; a gap longer than this is an interruption, a shorter one a busy machine. */
const GAP_LIMIT_MS = 800;

const tcp = (source: string, destination: string, ...ports: readonly number[]): NodePermit => ({
  source,
  destination,
  families: [4],
  connections: { tcp: ports.map((port) => [port, port]), udp: ports.map((port) => [port, port]), sctp: [] },
});
const BASE: readonly NodePermit[] = [tcp('web', 'db', 5432), tcp('web', 'outside', 8080), tcp('outside', 'web', 9000)];

describeWith([...NODE_TOPOLOGY, ETCD], 'agent: a node on the wire', () => {
  let etcd: EtcdServer;
  let store: PolicyStore;
  let topology: NodeTopology;
  let web: TopologyPod;
  let web2: TopologyPod;
  let db: TopologyPod;
  let agent: RunningAgent;
  let stopAgent: AbortController;
  let revision = 0;

  const policyWith = (
    permits: readonly NodePermit[],
    groups: Readonly<Record<string, 'web' | 'db'>> = {},
    open: Readonly<Record<'web' | 'db', Grants>> = { web: CLOSED, db: CLOSED },
  ): NodePolicy => {
    revision += 1;
    const endpoints = [web, web2, db].map(({ key, address }) => {
      const group = groups[key] ?? (key === db.key ? 'db' : 'web');
      return { pod: key, ips: [address], group, vlan: group === 'db' ? VLAN.db : VLAN.web };
    });
    return {
      schema: 3,
      node: 'n1',
      revision: `r${revision}`,
      gateway: { addresses: [GATEWAY.address], mac: GATEWAY.mac },
      nodeAddresses: [NODE],
      groups: [
        { name: 'web', kind: 'pods', ...open.web },
        { name: 'db', kind: 'pods', ...open.db },
        { name: 'outside', kind: 'external' },
      ],
      addresses: [
        ...endpoints.map(({ ips: [ip = ''], group }) => ({ prefix: `${ip}/32`, group })),
        { prefix: '0.0.0.0/1', group: 'outside' },
        { prefix: '128.0.0.0/1', group: 'outside' },
      ],
      endpoints,
      permits,
    };
  };

  function startAgent(): void {
    stopAgent = new AbortController();
    const bridge = openVswitchBridge(topology.bridge);
    agent = runAgent({
      node: 'n1',
      store,
      bridge,
      clock: systemClock(),
      log: silentLogger,
      signal: stopAgent.signal,
    });
  }

  async function stopRunningAgent(): Promise<void> {
    stopAgent.abort();
    await agent.stopped;
  }

  /** Publishes a policy and gives when that was. */
  async function publish(policy: NodePolicy): Promise<number> {
    const at = Date.now();
    await store.put(policy);
    return at;
  }
  const enforced = (policy: NodePolicy) =>
    eventually(() => assert.equal(agent.status().appliedRevision, policy.revision));
  async function enforce(policy: NodePolicy): Promise<void> {
    await publish(policy);
    await enforced(policy);
  }

  const within = (what: string, from: number, at: number | undefined): void => {
    assert.ok(at !== undefined, `${what}: never`);
    console.log(`      ${what}: ${at - from} ms after the policy was put`);
    assert.ok(at - from < CHANGE_LIMIT_MS, `${what} took ${at - from} ms`);
  };

  /** Age of the flow that was put on the bridge last. */
  async function youngestFlowMs(): Promise<number> {
    const flows = await topology.ovs.ofctl(topology.bridge.bridge, 'dump-flows');
    return Math.min(...[...flows.matchAll(/duration=([\d.]+)s/g)].map(([, seconds]) => Number(seconds) * 1000));
  }

  /** Frames on the uplink of one TCP or UDP port, in either direction. */
  const onWire = (port: number): readonly CapturedFrame[] =>
    topology.capture.frames().filter(({ ip }) => ip?.destinationPort === port || ip?.sourcePort === port);

  /** What was started, so that it ends in reverse order even when a later start fails. */
  const undo: (() => Promise<unknown>)[] = [];

  before(async function () {
    this.timeout(60_000);
    etcd = await startEtcd();
    undo.push(() => etcd.stop());
    store = etcdPolicyStore({ endpoints: [etcd.endpoint], clusterId: 'c1' });
    undo.push(() => store.close());
    topology = await startNodeTopology({
      gateway: GATEWAY,
      nodeAddress: NODE,
      podPrefix: '10.64.0.0/24',
      peerAddress: PEER,
    });
    undo.push(() => topology.stop());
    web = await topology.addPod('shop/web-1', '10.64.0.11');
    web2 = await topology.addPod('shop/web-2', '10.64.0.12');
    db = await topology.addPod('shop/db-1', '10.64.0.21');
    await topology.leaf.learn([
      { ...web, vlan: VLAN.web },
      { ...web2, vlan: VLAN.web },
      { ...db, vlan: VLAN.db },
    ]);
    for (const port of [80, 5432]) await db.process.listen(port);
    for (const port of [80, 9000, 9001]) await web.process.listen(port);
    for (const port of [8080, 8081]) await topology.peer.listen(port);
    await topology.host.listen(10250);
    startAgent();
    undo.push(stopRunningAgent);
  });
  after(async function () {
    this.timeout(60_000);
    for (const step of undo.reverse()) await step();
  });
  beforeEach(() => enforce(policyWith(BASE)));

  it('makes an allowed connection between two pods of the node and no denied one', async () => {
    assert.equal(await web.process.connect(db.address, 5432), 'connected');
    assert.equal(await web.process.connect(db.address, 80), 'timeout', 'another port');
    assert.equal(await db.process.connect(web.address, 80), 'timeout', 'the other direction');
    assert.equal(await web2.process.connect(web.address, 80), 'timeout', 'within a group without a permit');
    assert.equal(onWire(5432).length, 0, 'nothing of it on the uplink');
  });

  it('makes an allowed connection toward the peer and no denied one', async () => {
    assert.equal(await web.process.connect(PEER, 8080), 'connected');
    assert.equal(await web.process.connect(PEER, 8081), 'timeout', 'another port');
    assert.equal(await db.process.connect(PEER, 8080), 'timeout', 'another group');
    assert.equal(onWire(8081).length, 0, 'the denied one never reached the wire');
  });

  it('lets the peer in where it may and nowhere else', async () => {
    assert.equal(await topology.peer.connect(web.address, 9000), 'connected');
    assert.equal(await topology.peer.connect(web.address, 9001), 'timeout');
    assert.equal(await topology.peer.connect(db.address, 5432), 'timeout');
    const denied = onWire(9001).filter(({ ip }) => ip?.flags === TCP_FLAG.syn);
    assert.ok(denied.length > 0, 'the leaf did deliver what the node dropped');
  });

  it("puts each group's tag on its frames, both ways", async () => {
    await enforce(policyWith([...BASE, tcp('db', 'outside', 8081)]));
    assert.equal(await web.process.connect(PEER, 8080), 'connected');
    assert.equal(await web2.process.connect(PEER, 8080), 'connected');
    assert.equal(await db.process.connect(PEER, 8081), 'connected');
    const tags = (port: number) => [...new Set(onWire(port).map(({ vlan }) => vlan))];
    await eventually(() => assert.deepEqual([tags(8080), tags(8081)], [[VLAN.web], [VLAN.db]]));
    for (const { ip, sourceMac, destinationMac } of onWire(8081).filter(({ ip }) => ip?.source === db.address)) {
      assert.deepEqual([ip?.destination, sourceMac, destinationMac], [PEER, db.mac, GATEWAY.mac]);
    }
  });

  it('does not take a frame that comes on the VLAN of another group', async () => {
    await topology.leaf.learn([{ ...web, vlan: VLAN.db }]);
    assert.equal(await topology.peer.connect(web.address, 9000), 'timeout');
    await topology.leaf.learn([{ ...web, vlan: VLAN.web }]);
    assert.equal(await topology.peer.connect(web.address, 9000), 'connected');
  });

  it('answers the leaf that looks for a pod, and floods nothing', async () => {
    const arpFrames = () => topology.capture.frames().filter(({ arp }) => arp !== undefined);
    assert.deepEqual(arpFrames(), [], 'pods asked for their gateway, and nothing of it is on the wire');
    await topology.leaf.ask(db.address, VLAN.web);
    await topology.leaf.ask(db.address, VLAN.db);
    const replies = await eventually(() => {
      const seen = arpFrames().filter(({ arp }) => arp?.operation === 'reply');
      assert.ok(seen.length > 0);
      return seen;
    });
    assert.deepEqual(
      replies.map(({ vlan, arp }) => [vlan, arp?.senderAddress, arp?.senderMac]),
      [[VLAN.db, db.address, db.mac]],
    );
  });

  it('lets a pod and its own node reach each other without a permit', async () => {
    assert.equal(await db.process.connect(NODE, 10250), 'connected');
    assert.equal(await topology.host.connect(db.address, 80), 'connected');
  });

  it('lets groups open what both grant everyone, to pods and to the peer, and a permit replace it', async () => {
    const port = (number: number) => {
      const connections = tcp('', '', number).connections;
      return { ipv4: connections, ipv6: connections };
    };
    const toDb: NodeOpenness = { pods: port(5432), outside: port(8080) };
    const open = {
      web: { egress: 'everything', ingress: { pods: port(80), outside: port(9000) } },
      db: { egress: 'nothing', ingress: toDb },
    } as const;
    await enforce(policyWith([], {}, open));
    assert.equal(await web.process.connect(db.address, 5432), 'connected', 'granted by both');
    assert.equal(await web.process.connect(db.address, 80), 'timeout', 'granted by the opener only');
    assert.equal(await db.process.connect(web.address, 80), 'timeout', 'granted by the target only');
    assert.equal(await web2.process.connect(web.address, 80), 'connected', 'within a group');
    assert.equal(await web.process.connect(PEER, 8081), 'connected', 'to outside');
    assert.equal(await topology.peer.connect(web.address, 9000), 'connected', 'from outside');
    assert.equal(await topology.peer.connect(web.address, 80), 'timeout', 'what only pods may open');

    const stream = await web.process.stream('tcp', db.address, 5432);
    await delay(200);
    assert.ok((await stream()).received > 5);
    await enforce(policyWith([{ ...tcp('web', 'db'), connections: 'nothing' }], {}, open));
    await stream();
    await delay(300);
    assert.equal((await stream()).received, 0, 'a permit of nothing cuts what is open');
    assert.equal(await web.process.connect(db.address, 5432), 'timeout');
    await enforce(policyWith([tcp('web', 'db', 80)], {}, open));
    assert.equal(
      await web.process.connect(db.address, 80),
      'connected',
      'a permit opens what the target grants nobody',
    );
    assert.equal(await web.process.connect(db.address, 5432), 'timeout', 'and nothing else');
  }).timeout(10_000);

  it('keeps the flows when the store has a policy of another version, and says so', async () => {
    const applied = agent.status().appliedRevision;
    const raw = new Etcd3({ hosts: etcd.endpoint });
    await raw.put('/aci-gateway/c1/nodes/n1').value(JSON.stringify({ ...policyWith([]), schema: 1 }));
    raw.close();
    await eventually(() => assert.match(agent.status().storeTrouble ?? '', /field schema: 1, expected 3/));
    assert.equal(agent.status().appliedRevision, applied);
    assert.equal(await web.process.connect(db.address, 5432), 'connected');
    await enforce(policyWith(BASE));
    assert.equal(agent.status().storeTrouble, undefined);
  });

  it('enforces a changed policy on the wire within a second', async () => {
    assert.equal(await web.process.connect(PEER, 8081, 100), 'timeout');
    const opening = web.process.until('connected', PEER, 8081);
    const openedAt = await publish(policyWith([...BASE, tcp('web', 'outside', 8081)]));
    within('a new permit made a connection', openedAt, await opening);

    const closing = web.process.until('refused', PEER, 8081);
    const closedAt = await publish(policyWith(BASE));
    within('a removed permit refused one', closedAt, await closing);
  });

  it('cuts live connections when their permit goes, on the node and on the wire', async () => {
    const local = await web.process.stream('tcp', db.address, 5432);
    const remote = await web.process.stream('tcp', PEER, 8080);
    await delay(300);
    assert.ok((await local()).received > 10 && (await remote()).received > 10, 'both streams are alive');
    const cutAt = await publish(policyWith(BASE.slice(2)));
    await delay(CHANGE_LIMIT_MS);
    const [atDb, atPeer] = [await local(), await remote()];
    within('the last echo of the pod', cutAt, atDb.lastEchoAt);
    within('the last echo of the peer', cutAt, atPeer.lastEchoAt);
    const quietSince = Date.now();
    await delay(400);
    assert.equal((await local()).received + (await remote()).received, 0);
    const sent = onWire(8080).filter(({ at, ip }) => at > quietSince && ip?.source === web.address);
    assert.deepEqual(sent, [], 'not even retransmissions leave');
  });

  it('cuts a live connection when the pod leaves the group that had the permit', async () => {
    const stream = await web.process.stream('tcp', db.address, 5432);
    await delay(200);
    assert.ok((await stream()).received > 5);
    await enforce(policyWith(BASE, { [web.key]: 'db' }));
    await stream();
    await delay(300);
    assert.equal((await stream()).received, 0);
  });

  it('keeps live connections through an unrelated change', async () => {
    const stream = await web.process.stream('tcp', db.address, 5432);
    await delay(200);
    await stream();
    for (let round = 0; round < 3; round += 1) {
      await enforce(policyWith([...BASE, tcp('db', 'outside', 100 + round)]));
    }
    const { received, longestGapMs } = await stream();
    assert.ok(received > 0 && longestGapMs < GAP_LIMIT_MS, `longest gap ${longestGapMs} ms`);
  });

  it('interrupts nothing when the agent is restarted, not even while etcd is away', async function () {
    this.timeout(40_000);
    const streams = [
      await web.process.stream('tcp', db.address, 5432),
      await web.process.stream('tcp', PEER, 8080),
      await web.process.stream('udp', PEER, 8080),
    ];
    const healthy = async (when: string): Promise<void> => {
      await delay(300);
      for (const [index, stream] of streams.entries()) {
        const { received, sent, longestGapMs, ended } = await stream();
        assert.equal(ended, undefined, `${when}: stream ${index} is over`);
        assert.ok(longestGapMs < GAP_LIMIT_MS, `${when}: stream ${index} paused ${longestGapMs} ms`);
        assert.ok(received >= sent - 5, `${when}: stream ${index} lost ${sent - received} of ${sent} beats`);
      }
    };
    await healthy('before');
    const before = Date.now();
    const applied = agent.status().appliedRevision;
    await stopRunningAgent();
    await healthy('without an agent');
    startAgent();
    await eventually(() => assert.equal(agent.status().appliedRevision, applied));
    await healthy('after a restart');

    await stopRunningAgent();
    await etcd.kill();
    startAgent();
    await eventually(() => assert.notEqual(agent.status().storeTrouble, undefined), { withinMs: 10_000 });
    await healthy('restarted without etcd');
    await etcd.start();
    await eventually(() => assert.equal(agent.status().appliedRevision, applied), { withinMs: 10_000 });
    await healthy('after etcd came back');
    assert.ok((await youngestFlowMs()) > Date.now() - before, 'no flow was taken out and put back');
  });

  it('loads the flows again when the switch was restarted', async function () {
    this.timeout(30_000);
    await topology.ovs.restartDaemon();
    await eventually(async () => assert.equal(await web.process.connect(db.address, 5432, 200), 'connected'), {
      withinMs: 10_000,
    });
    assert.equal(await web.process.connect(db.address, 80), 'timeout');
  });

  it('opens for a pod when it is plugged in, and not before the policy knows it', async () => {
    await topology.removePod(web2.key);
    web2 = await topology.addPod('shop/web-3', '10.64.0.13');
    assert.equal(await web2.process.connect(db.address, 5432), 'timeout');
    await eventually(() => assert.deepEqual(agent.status().unknown, ['shop/web-3']));
    await enforce(policyWith(BASE));
    // The pod asked for its gateway in vain before and asks again once a second.
    assert.notEqual(await web2.process.until('connected', db.address, 5432), undefined);
  });
});
