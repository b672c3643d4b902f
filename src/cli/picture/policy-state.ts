import {
  type Configuration,
  defaultConfiguration,
  type ForeignEpgSetting,
  fabricSettings,
  foreignEpgs,
  loadConfiguration,
  type NodeEpgSetting,
  nodeEpg,
} from '#config';
import { type ClusterSnapshot, expandWorkloads, type FabricGrants, type KubernetesObject } from '#model/kubernetes';
import { hostPrefix } from '#model/net';
import type { FabricSettings } from '#model/settings';
import { snapshotOfObjects } from '../compile-command.js';
import { loadManifests, type Manifests } from '../manifests.js';
import { offlineGrants } from '../offline-grants.js';

/** Where the commands that reason about policies read from. */
export interface PolicyArguments {
  /** Files, folders, or `-` for standard input. */
  readonly from: readonly string[];
  readonly config?: string;
  readonly ignoreUnknownKinds: boolean;
}

/** The cluster as it was read: the API objects, and the snapshot that the compiler takes. */
export interface PolicyState {
  readonly configuration: Configuration;
  readonly settings: FabricSettings;
  readonly foreignEpgs: readonly ForeignEpgSetting[];
  readonly nodeEpg?: NodeEpgSetting | undefined;
  readonly manifests: Manifests;
  readonly objects: readonly KubernetesObject[];
  readonly snapshot: ClusterSnapshot;
  /** What FabricPolicies may ask for. */
  readonly grants: FabricGrants;
}

/** Reads manifests and configuration. Throws InvalidInputError for a place or a configuration that cannot be read. */
export function loadPolicyState({ from, config, ignoreUnknownKinds }: PolicyArguments): PolicyState {
  const configuration = config === undefined ? defaultConfiguration() : loadConfiguration(config);
  const manifests = loadManifests(from, { ignoreUnknownKinds });
  const objects = expandWorkloads(manifests.objects);
  return {
    configuration,
    settings: fabricSettings(configuration),
    foreignEpgs: foreignEpgs(configuration),
    nodeEpg: nodeEpg(configuration),
    manifests,
    objects,
    snapshot: snapshotOfObjects(objects, configuration),
    grants: offlineGrants(configuration),
  };
}

/** Every EPG of an admin's that policies reach by address: those of VMs and bare metal, and that of the nodes. */
export function adminEpgs({
  foreignEpgs: foreign,
  nodeEpg: nodes,
  snapshot,
}: PolicyState): readonly ForeignEpgSetting[] {
  if (nodes === undefined) return foreign;
  const own = [...snapshot.nodes.values()].flatMap(({ internalAddresses }) => internalAddresses.map(hostPrefix));
  return [...foreign, { dn: nodes.dn, prefixes: nodes.prefixes ?? own, learned: false }];
}
