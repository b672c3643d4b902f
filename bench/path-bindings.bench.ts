// Groups bound on the paths of their hosts (encoding C2), for the scenarios of policy.md §3.13 on its hosts and leaves: ten
// hosts a leaf, pods thrown onto hosts at random from a fixed seed, groups across namespaces and without a pre-split.
//
// Printed beside the table of policy.md §3.13: bindings, groups of the fullest host, VLANs and ports × VLANs of the fullest
// leaf, entries of the policy memory there and in the whole VRF. Limits: what a leaf holds (policy.md §2.4), and the time
// of the encoding as a ratio to that of the compilation before it, best of five: at most 1; that of counting what leaves hold,
// which every compilation does: at most 0.25.
//
// Found, two cores with other work on them: S1a 2,998 bindings, fullest host 27 groups, fullest leaf 164 VLANs; S2 9,926, 42
// and 261; S3 10,009, 42 and 279, with 55,200 of the VRF's 150,000 entries: only this encoding fits. Encoding takes 0.03 to
// 0.16 of compiling, 50 ms at most.
import { capacityOf, leafBindings } from '#fabric';
import { encodePolicy, FabricMapper, groupPools, mapFabric, pathGroups } from '#mappers';
import { flatten } from '#model/aci';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION, everythingIn, tablesOf } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { DEFAULT_LIMITS } from '#model/settings';
import { compile } from '#policy';
import { OWN_FABRIC } from '#support/settings';
import { isWithinBudget } from '#workers';
import { judge } from './figures.js';
import { scenario } from './policy-scenarios.js';

const HOSTS_PER_LEAF = 10;
const RUNS = 5;

/** Hosts of each scenario; bindings, groups of the fullest host and VLANs of the fullest leaf in the table. */
const TABLE: Readonly<Record<string, readonly [number, number, number, number]>> = {
  S1a: [200, 2997, 27, 165],
  S2: [400, 9957, 47, 261],
  S3: [400, 9957, 47, 280],
};

const settingsFor = (hosts: number): FabricSettings => ({
  ...OWN_FABRIC,
  vlanPool: { ...OWN_FABRIC.vlanPool, from: 1000, to: 3499 },
  encoding: 'path',
  hostPaths: Array.from({ length: hosts }, (_, host) => ({
    nodes: `host-${host}`,
    paths: [
      `topology/pod-1/paths-${101 + Math.floor(host / HOSTS_PER_LEAF)}/pathep-[eth1/${(host % HOSTS_PER_LEAF) + 1}]`,
    ],
  })),
});

/** The scenario with its pods thrown onto hosts (a linear congruential generator: the same throws on every machine). */
function thrown(name: string, hosts: number): ClusterSnapshot {
  let state = 20_261_124;
  const { objects } = scenario(name);
  const pods = objects.pods.map((pod): KubernetesObject => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { ...pod, spec: { ...(pod['spec'] as object), nodeName: `host-${Math.floor((state / 2 ** 32) * hosts)}` } };
  });
  return snapshotOf({ ...objects, pods }, 1);
}

/** Processor milliseconds of the work at best, and what it gave. */
function best<Result>(work: () => Result): { readonly ms: number; readonly result: Result } {
  const run = (): { readonly ms: number; readonly result: Result } => {
    const before = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(before);
    return { ms: (user + system) / 1000, result };
  };
  const [first, ...others] = Array.from({ length: RUNS }, run);
  if (first === undefined) throw new Error('no run');
  return { result: first.result, ms: Math.min(first.ms, ...others.map(({ ms }) => ms)) };
}

for (const [name, [hosts, tableBindings, tableHost, tableLeaf]] of Object.entries(TABLE)) {
  const settings = settingsFor(hosts);
  const snapshot = thrown(name, hosts);
  const options = {
    ...groupPools(settings),
    foreignEpgs: [],
    groupBoundary: 'none' as const,
    preSplit: false,
  };
  const compiling = best(() => compile(snapshot, EMPTY_ALLOCATION, options));
  const encoding = best(() => encodePolicy(compiling.result, snapshot, settings));
  const { compiled, encoding: told } = encoding.result;
  const objects = flatten(mapFabric(compiled, settings, { encoding: told }).tree, '');
  const leaves = leafBindings(objects);
  const bindings = objects.filter(({ className }) => className === 'fvRsPathAtt');
  const byHost = new Map<string, number>();
  for (const { attributes } of bindings)
    byHost.set(attributes['tDn'] ?? '', (byHost.get(attributes['tDn'] ?? '') ?? 0) + 1);
  const context = { hostPortsPerLeaf: HOSTS_PER_LEAF, limits: DEFAULT_LIMITS };
  const uses = new Map(capacityOf(objects, context).map(({ resource, used }) => [resource, used]));
  const everywhere = capacityOf(
    objects.filter(({ className }) => className !== 'fvRsPathAtt'),
    context,
  ).find(({ resource }) => resource === 'policyEntriesPerLeaf')?.used;
  const fullest = Math.max(...leaves.map(({ vlans }) => vlans));
  console.log(
    `\n${name}: ${compiled.groups.length} groups on ${hosts} hosts; bindings ${bindings.length} (table ${tableBindings}), fullest host ` +
      `${Math.max(...byHost.values())} groups (${tableHost}), fullest leaf ${fullest} VLANs (${tableLeaf}) and ` +
      `${uses.get('portVlansPerLeaf')} ports × VLANs, ${uses.get('policyEntriesPerLeaf')} entries of ${everywhere} in the VRF; ` +
      `compiling ${compiling.ms.toFixed(0)} ms, encoding ${encoding.ms.toFixed(0)} ms`,
  );
  judge(`${name}: VLANs of the fullest leaf`, uses.get('vlansPerLeaf') ?? Infinity, {
    atMost: DEFAULT_LIMITS.vlansPerLeaf,
  });
  judge(`${name}: ports × VLANs`, uses.get('portVlansPerLeaf') ?? Infinity, {
    atMost: DEFAULT_LIMITS.portVlansPerLeaf,
  });
  judge(`${name}: entries of the fullest leaf`, uses.get('policyEntriesPerLeaf') ?? Infinity, {
    atMost: DEFAULT_LIMITS.policyEntriesPerLeaf,
  });
  judge(`${name}: encoding, to compiling`, encoding.ms / compiling.ms, { atMost: 1 });
  const mapper = new FabricMapper(settings);
  mapper.update(tablesOf(compiled), everythingIn(compiled));
  const counting = best(() => isWithinBudget(mapper, { settings, paths: pathGroups(compiled, snapshot, settings) }));
  judge(`${name}: counting what leaves hold, to compiling`, counting.ms / compiling.ms, { atMost: 0.25 });
}
