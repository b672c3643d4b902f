import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compileFlows } from '#datapath';
import type { BridgeState, NodePolicy } from '#model/node';
import { type DummyBridge, startDummyBridge } from '#support/dummy-bridge';
import { OPEN_VSWITCH } from '#support/private-switch';
import { describeWith } from '#support/requirement';
import { traceVerdict } from './flow-trace.js';
import { naiveVerdict, type Probe, type Verdict } from './naive-verdict.js';
import { anyNode, anyProbe } from './random-node.js';
import { BRIDGE, macOf, POLICY, PORTS, UPLINK } from './sample.js';

const RUNS = 60;
const PROBES_PER_RUN = 25;

describeWith(OPEN_VSWITCH, 'datapath: verdict of a real switch over the compiled flows', () => {
  let bridge: DummyBridge;

  before(async () => {
    bridge = await startDummyBridge([UPLINK, ...PORTS]);
  });
  after(() => bridge?.stop());

  const web = { port: 11, mac: macOf(11) };
  const db = { port: 12, mac: macOf(12) };
  const batch = { port: 13, mac: macOf(13) };
  const tcp = (from: Probe['from'], source: string, destination: string, port: number): Probe => ({
    from,
    source,
    destination,
    protocol: 'tcp',
    port,
  });
  const CASES: readonly (readonly [string, Probe, Verdict])[] = [
    ['a permitted port between two pods of the node', tcp(web, '10.64.0.11', '10.64.0.12', 5432), 'port 12'],
    ['another port between them', tcp(web, '10.64.0.11', '10.64.0.12', 5433), 'drop'],
    ['the same port as UDP', { ...tcp(web, '10.64.0.11', '10.64.0.12', 5432), protocol: 'udp' }, 'drop'],
    ['the other direction', tcp(db, '10.64.0.12', '10.64.0.11', 5432), 'drop'],
    ['a pod of another node', tcp(web, '10.64.0.11', '10.64.0.22', 5432), 'vlan 101'],
    ['last port of a range, own group, other node', tcp(web, '10.64.0.11', '10.64.0.21', 8089), 'vlan 101'],
    ['first port after the range', tcp(web, '10.64.0.11', '10.64.0.21', 8090), 'drop'],
    ['everything toward a prefix', tcp(db, '10.64.0.12', '10.9.9.9', 1), 'vlan 102'],
    ['GRE where everything is allowed', { ...tcp(db, '10.64.0.12', '10.9.9.9', 0), protocol: 'gre' }, 'vlan 102'],
    ['GRE where a port is', { ...tcp(web, '10.64.0.11', '10.64.0.12', 0), protocol: 'gre' }, 'drop'],
    ['the longer prefix decides', tcp(db, '10.64.0.12', '11.0.0.1', 1), 'drop'],
    ['a permit of IPv6 only', tcp(web, '10.64.0.11', '11.0.0.1', 80), 'drop'],
    ['ICMP without a permit', { ...tcp(web, '10.64.0.11', '11.0.0.1', 0), protocol: 'icmp' }, 'vlan 101'],
    ['ping of the gateway', { ...tcp(web, '10.64.0.11', '10.64.0.1', 0), protocol: 'icmp' }, 'port 11'],
    ['own node', tcp(batch, '10.64.0.13', '192.0.2.10', 10250), 'host'],
    ['own address', tcp(batch, '10.64.0.13', '10.64.0.13', 10250), 'port 13'],
    ['a group without a VLAN to a local pod', tcp(batch, '10.64.0.13', '10.64.0.12', 80), 'port 12'],
    ['a group without a VLAN to the fabric', tcp(batch, '10.64.0.13', '10.64.0.22', 80), 'drop'],
    ['multicast', tcp(db, '10.64.0.12', '224.0.0.1', 1), 'drop'],
    ["another pod's address", tcp(web, '10.64.0.12', '10.9.9.9', 1), 'drop'],
    ["another pod's MAC", tcp({ port: 11, mac: macOf(12) }, '10.64.0.11', '10.64.0.12', 5432), 'drop'],
    ['a pod that no policy knows', tcp({ port: 14, mac: macOf(14) }, '10.64.0.15', '10.64.0.12', 5432), 'drop'],
    ['the world on the right VLAN', tcp({ vlan: 101 }, '198.51.100.1', '10.64.0.11', 443), 'port 11'],
    ['the world on another VLAN', tcp({ vlan: 102 }, '198.51.100.1', '10.64.0.11', 443), 'drop'],
    ['the world untagged', tcp({ vlan: 0 }, '198.51.100.1', '10.64.0.11', 443), 'drop'],
    ['the world on another port', tcp({ vlan: 101 }, '198.51.100.1', '10.64.0.11', 80), 'drop'],
    ['a remote pod', tcp({ vlan: 102 }, '10.64.0.21', '10.64.0.12', 5432), 'port 12'],
    ['a remote pod of the wrong group', tcp({ vlan: 102 }, '10.64.0.22', '10.64.0.12', 5432), 'drop'],
    ['what both grant everyone', tcp(web, '10.64.0.11', '10.64.0.13', 9103), 'port 13'],
    ['what only the target grants everyone', tcp(web, '10.64.0.11', '10.64.0.13', 9104), 'drop'],
    ['what only the opener grants everyone', tcp(batch, '10.64.0.13', '10.64.0.11', 80), 'drop'],
    ['granted by both, where a permit replaces it', tcp(web, '10.64.0.11', '10.64.0.12', 9100), 'drop'],
    ['granted by both, toward another node', tcp(web, '10.64.0.11', '10.64.0.31', 9103), 'vlan 101'],
    ['granted by both, from another node', tcp({ vlan: 102 }, '10.64.0.31', '10.64.0.12', 9101), 'port 12'],
    ['granted by the opener, from another node', tcp({ vlan: 102 }, '10.64.0.31', '10.64.0.12', 9102), 'drop'],
    ['granted to outside, asked by pods', tcp({ vlan: 102 }, '10.64.0.31', '10.64.0.12', 9443), 'drop'],
    ['granted to outside', tcp({ vlan: 102 }, '10.9.9.9', '10.64.0.12', 9443), 'port 12'],
    ['granted to pods, asked from outside', tcp({ vlan: 102 }, '10.9.9.9', '10.64.0.12', 9100), 'drop'],
    ['granted to outside, with an empty permit', tcp({ vlan: 102 }, '198.51.100.1', '10.64.0.12', 9443), 'drop'],
    ['granted to IPv6 only', tcp(web, '10.64.0.11', '10.9.9.9', 80), 'drop'],
    ['GRE where all but some ports are', { ...tcp(db, '10.64.0.12', '10.64.0.31', 0), protocol: 'gre' }, 'vlan 102'],
    ['a port where all but some are', tcp(db, '10.64.0.12', '10.64.0.31', 1024), 'vlan 102'],
    ['one of the others', tcp(db, '10.64.0.12', '10.64.0.31', 1023), 'drop'],
    ['from the fabric back to the fabric', tcp({ vlan: 101 }, '10.64.0.22', '10.64.0.21', 8080), 'drop'],
    ['a pod that is not plugged in', tcp({ vlan: 101 }, '198.51.100.1', '10.64.0.15', 443), 'drop'],
  ];

  describe('hand cases', () => {
    before(() => bridge.load(compileFlows(POLICY, BRIDGE)));
    for (const [title, probe, expected] of CASES) {
      it(`${title}: ${expected}`, async () => {
        assert.equal(naiveVerdict(POLICY, BRIDGE, probe), expected, 'by the plain statement');
        assert.equal(await traceVerdict(bridge, probe, UPLINK), expected, 'by the switch');
      });
    }
  });

  it(`equals the plain statement on ${RUNS} random nodes, ${PROBES_PER_RUN} packets each`, async () => {
    const probes = fc.array(anyProbe, { minLength: PROBES_PER_RUN, maxLength: PROBES_PER_RUN });
    const verdicts = new Map<string, number>();
    const check = async ([policy, state]: readonly [NodePolicy, BridgeState], packets: readonly Probe[]) => {
      await bridge.load(compileFlows(policy, state));
      for (const probe of packets) {
        const expected = naiveVerdict(policy, state, probe);
        const kind = expected.split(' ')[0] ?? '';
        verdicts.set(kind, (verdicts.get(kind) ?? 0) + 1);
        assert.equal(await traceVerdict(bridge, probe, UPLINK), expected, JSON.stringify(probe));
      }
    };
    await fc.assert(fc.asyncProperty(anyNode, probes, check), { numRuns: RUNS });
    assert.deepEqual([...verdicts.keys()].sort(), ['drop', 'host', 'port', 'vlan'], 'the packets reach every outcome');
  }).timeout(60_000);
});
