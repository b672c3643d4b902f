// A machine more in a group of others that has learned addresses (`fabric.foreignEpgs`): what it costs to take it in as a change,
// beside compiling the whole policy anew, which it took before.
//
// Scenario S2 of policy.md §3.13 (10,009 pods, 1,000 namespaces, 2,000 policies) on 40 nodes, and one policy more that lets the
// group in; the group has 10, 1,000 or 5,000 addresses. Taken in: compiled, mapped, and the slices of all nodes made.
//
//   change   to opening the policy anew      at most 0.1
//
// Found on two cores with other work on them: 6, 21 and 40 ms, beside 630 to 660 (0.01, 0.03, 0.06).

import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { type Prefix, parsePrefix } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type ForeignEpg, NOTHING_JOINED } from '#policy';
import { OWN_FABRIC } from '#support/settings';
import { OpenPolicy } from '../workers/open-policy.js';
import { best, judge } from './figures.js';
import { scenario } from './policy-scenarios.js';

const NODES = 40;
const ROUNDS = 7;
const MACHINES = [10, 1000, 5000];
const DN = 'uni/tn-vms/ap-vms/epg-db';

const opening: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'machines', namespace: 'ns-0' },
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '172.16.0.0/12' } }] }] },
};

function clusterSnapshot(): ReturnType<typeof snapshotOf> {
  const { objects } = scenario('S2');
  const onNode = (pod: KubernetesObject, index: number): KubernetesObject => ({
    ...pod,
    spec: { ...(pod['spec'] as object), nodeName: `node-${index % NODES}` },
  });
  return snapshotOf({ ...objects, pods: objects.pods.map(onNode), policies: [...objects.policies, opening] }, 1);
}

const machine = (index: number): Prefix => parsePrefix(`172.16.${(index >> 8) & 255}.${index & 255}/32`);

const groupOf = (machines: number): readonly ForeignEpg[] => [
  { dn: DN, prefixes: Array.from({ length: machines }, (_, index) => machine(index)) },
];

/** With room for the policy as it is: what has to be fitted is mapped whole after each change, as before. */
const settings: FabricSettings = {
  ...OWN_FABRIC,
  vlanPool: { ...OWN_FABRIC.vlanPool, from: 2, to: 4094 },
  budget: { ...OWN_FABRIC.budget, limits: { ...OWN_FABRIC.budget.limits, policyEntriesPerLeaf: 128_000 } },
};

const EMPTY_MEMORY = {
  allocation: EMPTY_ALLOCATION,
  budget: { plan: undefined, escalations: new Set<never>(), counted: NOTHING_JOINED, coarser: NOTHING_JOINED },
  plain: undefined,
};

const snapshot = clusterSnapshot();
for (const machines of MACHINES) {
  const context = { settings, mergeAfterMs: 0, restForMs: 0, snapshot: () => snapshot };
  const policy = new OpenPolicy({ ...context, foreignEpgs: groupOf(machines) }, EMPTY_MEMORY, 0);
  policy.details.nodes();
  let more = machines;
  const change = best(ROUNDS, () => {
    more += 1;
    policy.update({ foreignEpgs: groupOf(more) }, 0);
    policy.details.nodes();
  });
  const whole = best(ROUNDS, () => {
    new OpenPolicy({ ...context, foreignEpgs: groupOf(more) }, policy.memory, 0).details.nodes();
  });
  console.log(`${machines} machines: as a change ${change.toFixed(0)} ms, compiled anew ${whole.toFixed(0)} ms`);
  judge(`${machines} machines: change, to compiling anew`, change / whole, { atMost: 0.1 });
}
