import fc from 'fast-check';
import { pathBindings } from '#fabric';
import { type EncodedPolicy, encodePolicy, groupPools, mapFabric, nodePolicies } from '#mappers';
import { canonicalMap, flatten, type ObjectMap } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import type { NodePolicy } from '#model/node';
import type { Allocation } from '#model/policy';
import type { FabricSettings, HostPaths } from '#model/settings';
import { type CompileOptions, compile } from '#policy';
import { OWN_FABRIC } from './settings.js';

const port = (leaf: number, number: number): string => `topology/pod-1/paths-${leaf}/pathep-[eth1/${number}]`;
const bundle = (node: string): string => `topology/pod-1/protpaths-101-102/pathep-[${node}]`;
const hosts = (n1: readonly string[], n2: readonly string[]): readonly HostPaths[] => [
  { nodes: 'n1', paths: n1 },
  { nodes: 'n2', paths: n2 },
];

/** Ways in which the nodes n1 and n2 hang on a fabric: leaves of their own, one leaf, a vPC pair, and mixtures. */
export const LAYOUTS: readonly (readonly HostPaths[])[] = [
  hosts([port(101, 1)], [port(102, 1)]),
  hosts([port(101, 1)], [port(101, 2)]),
  [{ nodes: '*', paths: [bundle('{node}')] }],
  hosts([port(101, 1)], [bundle('n2')]),
  hosts([port(101, 1), port(102, 1)], [port(102, 2), port(103, 2)]),
];

/** Settings of both encodings, the second in each layout. */
export const encodings: fc.Arbitrary<FabricSettings> = fc.oneof(
  fc.constant(OWN_FABRIC),
  fc.constantFrom(...LAYOUTS).map((hostPaths): FabricSettings => ({ ...OWN_FABRIC, encoding: 'path', hostPaths })),
);

/** A cluster as one encoding tells it to the fabric and to the nodes. */
export interface EncodedCluster extends EncodedPolicy {
  readonly objects: ObjectMap;
  readonly slices: readonly NodePolicy[];
}

/** Compiles, encodes and maps a cluster. */
export function encodedCluster(
  snapshot: ClusterSnapshot,
  settings: FabricSettings,
  { remembered, options }: { readonly remembered: Allocation; readonly options: CompileOptions },
): EncodedCluster {
  const policy = compile(snapshot, remembered, { ...options, ...groupPools(settings) });
  const { compiled, encoding } = encodePolicy(policy, snapshot, settings);
  const { tree } = mapFabric(compiled, settings, { encoding });
  const slices = nodePolicies(compiled, snapshot, settings, encoding);
  return { compiled, encoding, objects: canonicalMap(flatten(tree, '')), slices };
}

/** A pod's frames: the paths they come in by, and their VLAN. */
export interface Frames {
  readonly pod: string;
  readonly node: string;
  readonly group: string;
  readonly paths: readonly string[];
  readonly encap: string;
}

/** A path that stands for any port that has the AEP. */
const ANY_PORT = 'topology/pod-1/paths-199/pathep-[eth1/9]';

/** The frames of every pod on a node, as the slice of the node has it. */
export const framesOf = ({ slices, encoding }: EncodedCluster): readonly Frames[] =>
  slices.flatMap(({ node, endpoints }) =>
    endpoints.map(({ pod, group, vlan }) => {
      const paths = encoding.paths(node);
      return { pod, node, group, paths: paths.length === 0 ? [ANY_PORT] : paths, encap: `vlan-${vlan}` };
    }),
  );

/** Dns of the EPGs that leaves take the frames for, on all their paths. */
export function epgsOfFrames(objects: ObjectMap): (frames: Frames) => readonly string[] {
  const boundAt = pathBindings(objects.values());
  return ({ paths, encap }) => [...new Set(paths.flatMap((path) => [...boundAt(path, encap)]))];
}
