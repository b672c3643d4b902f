import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compileFlows } from '#datapath';
import type { BridgeState, NodePolicy } from '#model/node';
import { specificationAllows } from '#policy';
import { CRITICAL_PORTS, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { type DummyBridge, startDummyBridge } from '#support/dummy-bridge';
import { type PlacedCluster, type PlacedQuestion, pairsOf, placedCluster } from '#support/placed-cluster';
import { OPEN_VSWITCH } from '#support/private-switch';
import { describeWith } from '#support/requirement';
import { traceVerdict } from './flow-trace.js';
import { macOf, UPLINK } from './sample.js';

const PORTS = [11, 12, 13, 14, 15, 16];
const RUNS = 25;
const PROBES_PER_NODE = 30;
const LOWER = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** All pods of the node, plugged in in the order of their names. */
const bridgeOf = ({ endpoints }: NodePolicy): BridgeState => ({
  uplink: UPLINK,
  hostMac: '02:00:00:00:00:0a',
  endpoints: endpoints.map(({ pod }, index) => ({ pod, port: PORTS[index] ?? 0, mac: macOf(PORTS[index] ?? 0) })),
});

/** One packet that opens a connection, to ask the specification and the switch of one node. */
const anyQuestion = fc.record({
  pair: fc.nat(),
  protocol: fc.constantFrom(...PROTOCOL_NAMES),
  port: fc.constantFrom(...CRITICAL_PORTS),
});
type Question = typeof anyQuestion extends fc.Arbitrary<infer T> ? T : never;

describeWith(OPEN_VSWITCH, 'datapath: the switches of a random cluster against the specification', () => {
  let bridge: DummyBridge;

  before(async () => {
    bridge = await startDummyBridge([UPLINK, ...PORTS]);
  });
  after(() => bridge?.stop());

  /** Whether the node delivers the packet or sends it on, as what its sender or as what the fabric brings it. */
  async function passes(slice: NodePolicy, state: BridgeState, pair: PlacedQuestion, asked: Question) {
    const plugged = state.endpoints.find(({ pod }) => pod === pair.source.key);
    const receiver = slice.endpoints.find(({ pod }) => pod === pair.destination.key);
    const from = plugged === undefined ? { vlan: receiver?.vlan ?? 0 } : { port: plugged.port, mac: plugged.mac };
    const { sourceIp: source, destinationIp: destination } = pair;
    const probe = { from, source, destination, protocol: LOWER[asked.protocol], port: asked.port };
    return (await traceVerdict(bridge, probe, UPLINK)) !== 'drop';
  }

  it(`admits on every node what the policies allow and nothing else: ${RUNS} clusters`, async () => {
    const seen = new Map<boolean, number>();
    const check = async (placed: PlacedCluster, questions: readonly Question[]): Promise<void> => {
      const pairs = pairsOf(placed).filter(({ sourceIp }) => !sourceIp.includes(':'));
      for (const slice of placed.slices) {
        const state = bridgeOf(slice);
        const own = pairs.filter(({ slices }) => slices.includes(slice));
        await bridge.load(compileFlows(slice, state));
        for (const asked of own.length === 0 ? [] : questions) {
          const pair = own[asked.pair % own.length];
          assert.ok(pair !== undefined);
          const { source, destination, sourceIp, destinationIp } = pair;
          const ends = { source: source.endpoint, sourceIp, destination: destination.endpoint, destinationIp };
          const expected = specificationAllows(placed.cluster.state, { ...ends, ...asked });
          seen.set(expected, (seen.get(expected) ?? 0) + 1);
          const text = `${source.key} -> ${destination.key} ${asked.protocol}/${asked.port} on ${slice.node}`;
          assert.equal(await passes(slice, state, pair, asked), expected, text);
        }
      }
    };
    const questions = fc.array(anyQuestion, { minLength: PROBES_PER_NODE, maxLength: PROBES_PER_NODE });
    await fc.assert(fc.asyncProperty(placedCluster, questions, check), { numRuns: RUNS });
    assert.ok((seen.get(true) ?? 0) > 100 && (seen.get(false) ?? 0) > 100, JSON.stringify([...seen]));
  }).timeout(60_000);
});
