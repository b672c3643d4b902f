// From the compiled policy to the slices of 40 nodes, to their texts in the store, and to the flows of one of them.
//
// Scenarios S2 and S2b of policy.md §3.13 (1,000 namespaces, 10,009 pods) and a tenth of each, the pods spread over 40
// nodes. Median of five runs after two that warm up. Times are given as ratios to JSON.stringify of the same slices, each
// written out in full, which is the least that a program could do that shares nothing between nodes.
//
//   slices    nodePolicies                                   at most 2
//   texts     encodeNodePolicy of every slice, once each     at most 1
//   flows     of one node with all of its pods, for each group, permit, address and pod of its slice      at most 4
//   growth    of slices and of flows when the cluster is ten times as large      at most 15
//
import { performance } from 'node:perf_hooks';
import { compileFlows } from '#datapath';
import { nodePolicies } from '#mappers';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import type { BridgeState, NodePolicy } from '#model/node';
import { type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { encodeNodePolicy } from '#store';
import { OWN_FABRIC } from '#support/settings';
import { judge, percentile } from './figures.js';
import { scenario } from './policy-scenarios.js';

const NODES = 40;
const WARM_UP = 2;
const RUNS = 5;

interface Case {
  readonly compiled: CompiledPolicy;
  readonly snapshot: ClusterSnapshot;
}

/** The scenario with its pods dealt out to the nodes in turn. */
function caseOf(name: string, scale: number): Case {
  const { objects } = scenario(name, scale);
  const pods = objects.pods.map((pod, index): KubernetesObject => {
    const spec = { ...(pod['spec'] as object), nodeName: `node-${index % NODES}` };
    return { ...pod, spec };
  });
  const snapshot = snapshotOf({ ...objects, pods }, 1);
  const options = { vlanPool: { from: 2, to: 4094 }, foreignEpgs: [] };
  return { snapshot, compiled: compile(snapshot, EMPTY_ALLOCATION, options) };
}

/** Median time of the work in milliseconds. */
function median(work: () => unknown): number {
  const times: number[] = [];
  for (let run = -WARM_UP; run < RUNS; run += 1) {
    const start = performance.now();
    work();
    if (run >= 0) times.push(performance.now() - start);
  }
  return percentile(times, 0.5);
}

/** A bridge that all pods of the node are plugged into. */
const bridgeOf = ({ endpoints }: NodePolicy): BridgeState => ({
  uplink: 1,
  hostMac: '02:00:00:00:00:0a',
  endpoints: endpoints.map(({ pod }, index) => ({
    pod,
    port: index + 10,
    mac: `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
  })),
});

interface Figures {
  readonly slices: number;
  readonly flows: number;
}

function measure(name: string, scale: number): Figures {
  const { compiled, snapshot } = caseOf(name, scale);
  const policies = nodePolicies(compiled, snapshot, OWN_FABRIC);
  const texts = policies.map(encodeNodePolicy);
  const [first] = policies;
  if (first === undefined) throw new Error(`${name}: no node`);
  const flows = compileFlows(first, bridgeOf(first));

  const stringify = median(() => policies.map((policy) => JSON.stringify(policy)));
  const slices = median(() => nodePolicies(compiled, snapshot, OWN_FABRIC));
  const fresh = Array.from({ length: WARM_UP + RUNS }, () => nodePolicies(compiled, snapshot, OWN_FABRIC));
  const encode = median(() => fresh.pop()?.map(encodeNodePolicy));
  const compileTime = median(() => compileFlows(first, bridgeOf(first)));

  const permits = policies.reduce((sum, policy) => sum + policy.permits.length, 0);
  const bytes = texts.reduce((sum, text) => sum + text.length, 0) / policies.length;
  const things = first.groups.length + first.permits.length + first.addresses.length + first.endpoints.length;
  console.log(
    `\n${name} × ${scale}: ${policies.length} nodes, ${compiled.groups.length} groups, ${compiled.pairs.length} pairs; ` +
      `${Math.round(permits / policies.length)} permits and ${Math.round(bytes / 1024)} KB a slice; JSON.stringify of all ` +
      `${stringify.toFixed(1)} ms, slices ${slices.toFixed(1)} ms, texts ${encode.toFixed(1)} ms; ${flows.length} flows a node ` +
      `in ${compileTime.toFixed(1)} ms`,
  );
  judge('slices, to JSON.stringify', slices / stringify, { atMost: 2 });
  judge('texts, to JSON.stringify', encode / stringify, { atMost: 1 });
  judge('flows a group, permit, address and pod', flows.length / things, { atMost: 4 });
  return { slices, flows: flows.length };
}

for (const name of ['S2', 'S2b']) {
  const small = measure(name, 0.1);
  const large = measure(name, 1);
  judge(`${name}: growth of the time of slices`, large.slices / small.slices, { atMost: 15 });
  judge(`${name}: growth of flows`, large.flows / small.flows, { atMost: 15 });
}
