import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CONNECTION_ZONE, compileFlows, hash32, permitKey } from '#datapath';
import type { NodePermit, NodePolicy } from '#model/node';
import { type DummyBridge, startDummyBridge } from '#support/dummy-bridge';
import {
  arpRequest,
  type Frame,
  icmpFrame,
  type Link,
  packetOf,
  type Route,
  TCP_FLAG,
  tcpFrame,
  udpFrames,
} from '#support/frame';
import { readCapture } from '#support/pcap';
import { OPEN_VSWITCH } from '#support/private-switch';
import { describeWith } from '#support/requirement';
import { BRIDGE, GATEWAY_MAC, macOf, POLICY, PORTS, UPLINK } from './sample.js';

const WEB = '10.64.0.11';
const DB = '10.64.0.12';
const REMOTE_WEB = '10.64.0.21';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const LEAF_MAC = '02:00:00:00:00:ee';
/** An address that nothing has and only the marker asks for. */
const MARKER = '10.64.255.254';
const SETTLE_MS = 150;
const ALL = [UPLINK, ...PORTS];

/** A frame that came out, and where. */
type Seen = Frame & { readonly port: number };

describeWith(OPEN_VSWITCH, 'datapath: real packets through conntrack', () => {
  let bridge: DummyBridge;

  before(async () => {
    bridge = await startDummyBridge(ALL);
  });
  after(() => bridge?.stop());
  beforeEach(async () => {
    await bridge.ovs.control('dpctl/flush-conntrack', `zone=${CONNECTION_ZONE}`);
    await bridge.load(compileFlows(POLICY, BRIDGE));
  });

  const out = (port: number): readonly Seen[] =>
    readCapture(join(bridge.ovs.directory, `${port}.pcap`)).map((frame) => ({ ...frame, port }));

  const fromPod = (port: number): Link => ({ sourceMac: macOf(port), destinationMac: GATEWAY_MAC });
  const fromFabric = (vlan: number, port: number): Link => ({
    sourceMac: LEAF_MAC,
    destinationMac: macOf(port),
    vlan,
  });

  /** Something that the flows answer to the same port at once: when it is answered, all before it was handled. */
  const marker = (port: number): Buffer =>
    port === UPLINK
      ? arpRequest(fromFabric(101, 11), { mac: LEAF_MAC, address: '10.64.0.1' }, WEB)
      : arpRequest(fromPod(port), { mac: macOf(port), address: `10.64.0.${port}` }, MARKER);

  /** Sends frames into a port and gives what came out of all ports. */
  async function send(port: number, ...frames: readonly Buffer[]): Promise<readonly Seen[]> {
    const before = new Map(ALL.map((each) => [each, out(each).length]));
    for (const frame of [...frames, marker(port)]) await bridge.receive(port, frame.toString('hex'));
    for (let patience = 400; patience > 0; patience -= 1) {
      const seen = ALL.flatMap((each) => out(each).slice(before.get(each)));
      const asked = port === UPLINK ? WEB : MARKER;
      const end = seen.findLastIndex((frame) => frame.port === port && frame.arp?.senderAddress === asked);
      if (end >= 0) return seen.filter((_, index) => index !== end);
      await delay(5);
    }
    throw new Error(`port ${port}: no answer to the marker`);
  }

  const ports = (seen: readonly Seen[]): readonly number[] => seen.map(({ port }) => port);
  const route = (source: string, destination: string): Route => ({ source, destination });
  const CLIENT = 40_000;
  const segment = (link: Link, ends: Route, pair: readonly [number, number], flags: number): Buffer =>
    tcpFrame(link, ends, pair, flags);
  const syn = (port = 5432) => segment(fromPod(11), route(WEB, DB), [CLIENT, port], TCP_FLAG.syn);
  const data = (port = 5432) => segment(fromPod(11), route(WEB, DB), [CLIENT, port], TCP_FLAG.ack);
  const reply = (flags: number, port = 5432) => segment(fromPod(12), route(DB, WEB), [port, CLIENT], flags);

  async function openToDb(port = 5432): Promise<void> {
    assert.deepEqual(ports(await send(11, syn(port))), [12], 'SYN');
    assert.deepEqual(ports(await send(12, reply(TCP_FLAG.syn | TCP_FLAG.ack, port))), [11], 'SYN and ACK');
    assert.deepEqual(ports(await send(11, data(port))), [12], 'ACK');
  }

  const withPermits = (permits: readonly NodePermit[]): NodePolicy => ({ ...POLICY, permits });
  const tcpOnly = (ranges: readonly (readonly [number, number])[]): NodePermit => ({
    source: 'web',
    destination: 'db',
    families: [4],
    connections: { tcp: ranges, udp: [], sctp: [] },
  });

  it('routes between two pods: the gateway to the receiver, one hop less', async () => {
    const [frame] = await send(11, syn());
    assert.equal(frame?.port, 12);
    assert.equal(frame.sourceMac, GATEWAY_MAC);
    assert.equal(frame.destinationMac, macOf(12));
    assert.equal(frame.ip?.timeToLive, 63);
  });

  it('lets replies pass, and nothing that looks like one without a connection', async () => {
    assert.deepEqual(await send(12, reply(TCP_FLAG.syn | TCP_FLAG.ack)), []);
    assert.deepEqual(await send(12, reply(TCP_FLAG.ack)), []);
    await openToDb();
    assert.deepEqual(ports(await send(12, reply(TCP_FLAG.ack))), [11]);
    assert.deepEqual(await send(12, reply(TCP_FLAG.ack, 5433)), []);
  });

  it('remembers the permit of a connection in its mark', async () => {
    await openToDb();
    const table = await bridge.ovs.control('dpctl/dump-conntrack', `zone=${CONNECTION_ZONE}`);
    assert.match(table, new RegExp(`dport=5432.*mark=${hash32(permitKey('web', 'db'))}\\b`));
  });

  it('cuts a live connection in both directions when its permit goes', async () => {
    await openToDb();
    await bridge.load(compileFlows(withPermits(POLICY.permits.slice(1)), BRIDGE));
    assert.deepEqual(await send(11, data()), []);
    assert.deepEqual(await send(12, reply(TCP_FLAG.ack)), []);
  });

  it('keeps a live connection when its permit is narrowed to its port, cuts it when narrowed to another', async () => {
    await bridge.load(compileFlows(withPermits([tcpOnly([[5000, 5999]])]), BRIDGE));
    await openToDb();
    await bridge.load(compileFlows(withPermits([tcpOnly([[5432, 5432]])]), BRIDGE));
    assert.deepEqual(ports(await send(12, reply(TCP_FLAG.ack))), [11], 'the reply comes first');
    assert.deepEqual(ports(await send(11, data())), [12]);
    await bridge.load(compileFlows(withPermits([tcpOnly([[80, 80]])]), BRIDGE));
    assert.deepEqual(await send(11, data()), []);
    assert.deepEqual(await send(12, reply(TCP_FLAG.ack)), []);
  });

  it('cuts a live connection when a pod moves to a group without the permit', async () => {
    await openToDb();
    const endpoints = POLICY.endpoints.map((each) => (each.pod === 'shop/db-1' ? { ...each, group: 'batch' } : each));
    await bridge.load(compileFlows({ ...POLICY, endpoints }, BRIDGE));
    assert.deepEqual(await send(11, data()), []);
    assert.deepEqual(await send(12, reply(TCP_FLAG.ack)), []);
  });

  it('keeps live connections when the same flows are loaded again', async () => {
    await openToDb();
    await bridge.load(compileFlows(POLICY, BRIDGE));
    assert.deepEqual(ports(await send(12, reply(TCP_FLAG.ack))), [11]);
  });

  it("sends to the fabric with the pod's MAC, to the gateway, on the VLAN of the sender's group", async () => {
    const [frame] = await send(11, segment(fromPod(11), route(WEB, REMOTE_WEB), [CLIENT, 8080], TCP_FLAG.syn));
    assert.deepEqual(
      [frame?.port, frame?.vlan, frame?.sourceMac, frame?.destinationMac, frame?.ip?.timeToLive],
      [UPLINK, 101, macOf(11), GATEWAY_MAC, 64],
    );
  });

  it("takes from the fabric on the VLAN of the receiver's group only, untagged to the pod", async () => {
    const from = (vlan: number) => segment(fromFabric(vlan, 12), route(REMOTE_WEB, DB), [CLIENT, 5432], TCP_FLAG.syn);
    assert.deepEqual(await send(UPLINK, from(101)), []);
    const [frame] = await send(UPLINK, from(102));
    assert.deepEqual([frame?.port, frame?.vlan, frame?.destinationMac], [12, undefined, macOf(12)]);
  });

  it('drops what a pod tags itself', async () => {
    const tagged = { ...fromPod(11), vlan: 102 };
    assert.deepEqual(await send(11, segment(tagged, route(WEB, DB), [CLIENT, 5432], TCP_FLAG.syn)), []);
    assert.deepEqual(await send(11, arpRequest(tagged, { mac: macOf(11), address: WEB }, '10.64.0.1')), []);
  });

  it('lets ICMP errors of a connection pass from any router, and of none from nowhere', async () => {
    const opening = segment(fromPod(11), route(WEB, REMOTE_WEB), [CLIENT, 8080], TCP_FLAG.syn);
    const quoted = Buffer.concat([Buffer.alloc(4), packetOf(opening).subarray(0, 28)]);
    const tooBig = icmpFrame(fromFabric(101, 11), route('203.0.113.9', WEB), [3, 4], quoted);
    assert.deepEqual(await send(UPLINK, tooBig), []);
    await send(11, opening);
    assert.deepEqual(ports(await send(UPLINK, tooBig)), [11]);
  });

  it('carries every fragment of an admitted datagram and none of a denied one', async () => {
    const payload = Buffer.alloc(3000, 1);
    const fragments = (link: Link, source: string, destination: string) =>
      udpFrames(link, route(source, destination), [CLIENT, 53], { payload });
    const udp: NodePermit = { ...tcpOnly([]), connections: { tcp: [], udp: [[53, 53]], sctp: [] } };
    await bridge.load(compileFlows(withPermits([udp]), BRIDGE));
    // Fragments wait for each other and come out after the marker.
    const sent = out(12).length;
    await send(11, ...fragments(fromPod(11), WEB, DB));
    await delay(SETTLE_MS);
    assert.equal(out(12).length - sent, 3);
    const back = out(11).length;
    await send(12, ...fragments(fromPod(12), DB, WEB));
    await delay(SETTLE_MS);
    assert.equal(out(11).length - back, 0);
  });

  it('answers ARP of a pod with the gateway for every address but its own', async () => {
    const ask = (target: string, sender = { mac: macOf(11), address: WEB }) =>
      send(11, arpRequest({ ...fromPod(11), destinationMac: BROADCAST }, sender, target));
    for (const target of ['10.64.0.1', DB, '198.51.100.1']) {
      const [frame] = await ask(target);
      assert.equal(frame?.port, 11);
      assert.equal(frame.destinationMac, macOf(11));
      assert.deepEqual(frame.arp, {
        operation: 'reply',
        senderMac: GATEWAY_MAC,
        senderAddress: target,
        targetMac: macOf(11),
        targetAddress: WEB,
      });
    }
    assert.deepEqual(await ask(WEB), []);
    assert.deepEqual(await ask(DB, { mac: macOf(11), address: '10.64.0.99' }), [], 'a false sender address');
    assert.deepEqual(await ask(DB, { mac: macOf(12), address: WEB }), [], 'a false sender MAC');
  });

  it("answers ARP of the fabric for local pods on their group's VLAN", async () => {
    const ask = (vlan: number, target: string) =>
      send(UPLINK, arpRequest({ ...fromFabric(vlan, 12), destinationMac: BROADCAST }, LEAF, target));
    const LEAF = { mac: LEAF_MAC, address: '10.64.0.1' };
    const [frame] = await ask(102, DB);
    assert.deepEqual([frame?.port, frame?.vlan, frame?.arp?.senderMac], [UPLINK, 102, macOf(12)]);
    assert.deepEqual(await ask(101, DB), [], 'on another VLAN');
    assert.deepEqual(await ask(101, REMOTE_WEB), [], 'for a pod of another node');
    assert.deepEqual(await ask(101, '10.64.0.13'), [], 'for a pod whose group has no VLAN');
  });

  it("answers a pod's ping of the gateway", async () => {
    const echo = icmpFrame(fromPod(11), route(WEB, '10.64.0.1'), [8, 0], Buffer.alloc(8, 7));
    const [frame] = await send(11, echo);
    assert.deepEqual(
      [frame?.port, frame?.destinationMac, frame?.ip?.source, frame?.ip?.destination, frame?.ip?.icmpType],
      [11, macOf(11), '10.64.0.1', WEB, 0],
    );
  });

  it('keeps a ping alive while permits between the same groups come and go', async () => {
    const ping = icmpFrame(fromPod(11), route(WEB, DB), [8, 0], Buffer.alloc(8, 7));
    const pong = icmpFrame(fromPod(12), route(DB, WEB), [0, 0], Buffer.alloc(8, 7));
    const everything: NodePermit = { source: 'web', destination: 'db', families: [4], connections: 'everything' };
    for (const permits of [[everything], [], [everything]]) {
      await bridge.load(compileFlows(withPermits(permits), BRIDGE));
      assert.deepEqual(ports(await send(11, ping)), [12]);
      assert.deepEqual(ports(await send(12, pong)), [11]);
    }
  });
});
