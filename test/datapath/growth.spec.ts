import assert from 'node:assert/strict';
import { compileFlows } from '#datapath';
import type { NodeConnections, NodePolicy } from '#model/node';
import { BRIDGE, POLICY } from './sample.js';

const FIRST_PORT = 20_001;
const odd = (index: number): number => FIRST_PORT + 2 * index;
const tcp = (port: number): NodeConnections => ({ tcp: [[port, port]], udp: [], sctp: [] });

/** Groups of which each opens and accepts a port of its own, toward pods and toward outside another one. */
function nodeWith(groups: number, permits: number): NodePolicy {
  const names = Array.from({ length: groups }, (_, index) => `group-${index}`);
  const openness = (index: number) => ({
    pods: { ipv4: tcp(odd(4 * index)), ipv6: 'nothing' as const },
    outside: { ipv4: tcp(odd(4 * index + 1)), ipv6: 'nothing' as const },
  });
  return {
    ...POLICY,
    groups: names.map((name, index) => ({
      kind: 'pods',
      name,
      egress: openness(index),
      ingress: openness(groups + index),
    })),
    addresses: names.map((group, index) => ({ prefix: `10.1.${index >> 8}.${index & 255}/32`, group })),
    endpoints: [],
    permits: names.slice(0, permits).map((source, index) => ({
      source,
      destination: names[index + 1] ?? source,
      families: [4],
      connections: index % 2 === 0 ? 'nothing' : 'everything',
    })),
  };
}

const flowsOf = (groups: number, permits: number): number => compileFlows(nodeWith(groups, permits), BRIDGE).length;

describe('datapath: number of flows', () => {
  it('grows by the same number with each group, though each opens and accepts what no other does', () => {
    // Two for the address; a direction has a flow and a port with its later fragments, for pods and for outside.
    const perGroup = 2 + 2 * 2 * (1 + 2);
    assert.equal(flowsOf(200, 0) - flowsOf(100, 0), 100 * perGroup);
    assert.equal(flowsOf(800, 0) - flowsOf(200, 0), 600 * perGroup);
  });

  it('grows by one with each permit', () => {
    assert.equal(flowsOf(200, 150) - flowsOf(200, 0), 150);
  });

  it('needs one flow for all groups outside the cluster on the way out, and one on the way in', () => {
    const outside = Array.from({ length: 50 }, (_, index) => ({ kind: 'external' as const, name: `lan-${index}` }));
    const policy = nodeWith(10, 0);
    const more = compileFlows({ ...policy, groups: [...policy.groups, ...outside] }, BRIDGE);
    assert.deepEqual(more, compileFlows(policy, BRIDGE));
  });
});
