// From the compiled policy to the slices of 40 nodes, to their texts in the store, and to the flows of one of them.
//
// Scenarios S2 and S2b of policy.md §3.13 (1,000 namespaces, 10,009 pods) and a tenth of each, the pods spread over 40
// nodes. Best of seven runs after two that warm up. Times are given as ratios to JSON.stringify of the same slices, each
// written out in full, which is the least that a program could do that shares nothing between nodes.
//
//   slices    nodePolicies                                   at most 2
//   texts     encodeNodePolicy of every slice, once each     at most 1
//   flows     of one node with all of its pods, for each group, permit, address and pod of its slice      at most 4
//   growth    when the cluster is ten times as large: of flows      at most 15; of the ratio of slices      at most 4
//
// Found, two cores with much other work on them (load 6 to 9):
//   S2    40 nodes, 2,003 groups, 3,000 pairs; 665 KB a slice, 25,300 flows a node (1.9 for each of its parts);
//         slices 0.3 to 0.6 of JSON.stringify (44 ms at best), texts 0.1, flows 0.26 to 0.41 s; flows grow 7-fold
//   S2b   40 nodes, 1,303 groups, 900 pairs; 573 KB a slice, 24,800 flows a node (2.1);
//         slices 0.2 to 0.3 (46 ms), texts 0.1, flows 0.14 to 0.44 s; flows grow 9-fold
// Before, when every pair of groups was a permit of the slice, for ten nodes: S2 23.3 s; S2b 25.1 s and 816 MB.
import { performance } from 'node:perf_hooks';
import { compileFlows } from '#datapath';
import { nodePolicies } from '#mappers';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import type { BridgeState, NodePolicy } from '#model/node';
import { type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { encodeNodePolicy } from '#store';
import { OWN_FABRIC } from '#support/settings';
import { judge } from './figures.js';
import { scenario } from './policy-scenarios.js';

const NODES = 40;
const WARM_UP = 2;
const RUNS = 7;

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

/** Shortest time of the work in milliseconds: what else the machine does only adds to it. */
function best(work: () => unknown): number {
  const times: number[] = [];
  for (let run = -WARM_UP; run < RUNS; run += 1) {
    const start = performance.now();
    work();
    if (run >= 0) times.push(performance.now() - start);
  }
  return Math.min(...times);
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
  /** Time for the slices as a ratio to JSON.stringify. */
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

  const stringify = best(() => policies.map((policy) => JSON.stringify(policy)));
  const slices = best(() => nodePolicies(compiled, snapshot, OWN_FABRIC));
  const fresh = Array.from({ length: WARM_UP + RUNS }, () => nodePolicies(compiled, snapshot, OWN_FABRIC));
  const encode = best(() => fresh.pop()?.map(encodeNodePolicy));
  const compileTime = best(() => compileFlows(first, bridgeOf(first)));

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
  return { slices: slices / stringify, flows: flows.length };
}

for (const name of ['S2', 'S2b']) {
  const small = measure(name, 0.1);
  const large = measure(name, 1);
  judge(`${name}: growth of the ratio of slices`, large.slices / small.slices, { atMost: 4 });
  judge(`${name}: growth of flows`, large.flows / small.flows, { atMost: 15 });
}
