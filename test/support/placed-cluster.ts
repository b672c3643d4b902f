import fc from 'fast-check';
import { nodePolicies } from '#mappers';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import type { NodePolicy } from '#model/node';
import { type Allocation, type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { type CompileOptions, compile } from '#policy';
import { clusterArbitrary, type GeneratedCluster } from './cluster-arbitrary.js';
import { OWN_FABRIC } from './settings.js';

/** A random cluster whose pods run on two nodes, with the slices of both. */
export interface PlacedCluster {
  readonly cluster: GeneratedCluster;
  readonly snapshot: ClusterSnapshot;
  /** How it was cut into groups. */
  readonly options: CompileOptions;
  readonly compiled: CompiledPolicy;
  readonly slices: readonly NodePolicy[];
  /** The slices after other policies were put into the cluster. */
  readonly slicesWith: (policies: readonly KubernetesObject[]) => readonly NodePolicy[];
  /** The slice of the node that a pod runs on; undefined for an address outside the cluster. */
  readonly sliceOf: (key: string) => NodePolicy | undefined;
}

/** Random clusters on two nodes, compiled in every way that cuts pods into groups. */
export const placedCluster: fc.Arbitrary<PlacedCluster> = fc
  .record({
    cluster: clusterArbitrary,
    nodes: fc.array(fc.constantFrom('n1', 'n2'), { minLength: 6, maxLength: 6 }),
    groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
    preSplit: fc.boolean(),
  })
  .map(({ cluster, nodes, groupBoundary, preSplit }) => {
    const pods = cluster.objects.pods.map((pod, index) => onNode(pod, nodes[index] ?? 'n1'));
    const cut = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [], groupBoundary, preSplit };
    const snapshotWith = (policies: readonly KubernetesObject[]): ClusterSnapshot =>
      snapshotOf({ ...cluster.objects, pods, policies }, 1);
    const slicesOf = (policies: readonly KubernetesObject[], remembered: Allocation) => {
      const snapshot = snapshotWith(policies);
      const compiled = compile(snapshot, remembered, cut);
      return { compiled, slices: nodePolicies(compiled, snapshot, OWN_FABRIC) };
    };
    const { compiled, slices } = slicesOf(cluster.objects.policies, EMPTY_ALLOCATION);
    return {
      cluster,
      snapshot: snapshotWith(cluster.objects.policies),
      options: cut,
      compiled,
      slices,
      slicesWith: (policies) => slicesOf(policies, compiled.allocation).slices,
      sliceOf: (key) => slices.find(({ endpoints }) => endpoints.some(({ pod }) => pod === key)),
    };
  });

const onNode = (pod: KubernetesObject, nodeName: string): KubernetesObject => ({
  ...pod,
  spec: { ...(pod['spec'] as object), nodeName },
});

/** One question that a cluster's policies answer, and the slices of the nodes that its two ends run on. */
export interface PlacedQuestion {
  readonly source: GeneratedCluster['endpoints'][number];
  readonly destination: GeneratedCluster['endpoints'][number];
  readonly sourceIp: string;
  readonly destinationIp: string;
  readonly slices: readonly NodePolicy[];
}

/** Every pair of different ends with a pod among them, once for each IP family that both have. */
export function pairsOf({ cluster, sliceOf }: PlacedCluster): readonly PlacedQuestion[] {
  return cluster.endpoints.flatMap((source) =>
    cluster.endpoints.flatMap((destination) => {
      const slices = [...new Set([sliceOf(source.key), sliceOf(destination.key)])].filter((one) => one !== undefined);
      if (source === destination || slices.length === 0) return [];
      return source.ips.flatMap((sourceIp) => {
        const destinationIp = destination.ips.find((ip) => ip.includes(':') === sourceIp.includes(':'));
        return destinationIp === undefined ? [] : [{ source, destination, sourceIp, destinationIp, slices }];
      });
    }),
  );
}
