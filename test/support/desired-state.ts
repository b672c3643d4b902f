import { encodePolicy, groupPools, mapFabric, nodePolicies } from '#mappers';
import { canonicalMap, flatten } from '#model/aci';
import { type PolicyInputs, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compile, NOTHING_JOINED } from '#policy';
import type { DesiredState } from '../../workers/desired-state.js';
import { OWN_FABRIC } from './settings.js';

/** What the gateway wants for these objects, with nothing remembered from before. */
export function desiredStateOf(
  inputs: Partial<PolicyInputs>,
  revision = 1,
  settings: FabricSettings = OWN_FABRIC,
): DesiredState {
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods: [], policies: [], ...inputs }, revision);
  const policy = compile(snapshot, EMPTY_ALLOCATION, {
    ...groupPools({ ...settings, vlanPool: { ...settings.vlanPool, from: 100, to: 199 } }),
    foreignEpgs: [],
  });
  const { compiled, encoding } = encodePolicy(policy, snapshot, settings);
  const fabric = mapFabric(compiled, settings, { encoding });
  const nodes = nodePolicies(compiled, snapshot, settings, encoding);
  return {
    revision,
    placement: {},
    compiled,
    encoding,
    joined: NOTHING_JOINED,
    forecast: [],
    contracts: fabric.contracts,
    references: fabric.references,
    objects: canonicalMap(flatten(fabric.tree, '')),
    nodes: new Map(nodes.map((policy) => [policy.node, policy])),
  };
}
