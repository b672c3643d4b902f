import { canonicalMap } from '#fabric';
import { mapFabric, nodePolicies } from '#mappers';
import { flatten } from '#model/aci';
import { type PolicyInputs, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile, NOTHING_JOINED } from '#policy';
import type { DesiredState } from '../../workers/compile-worker.js';
import { OWN_FABRIC } from './settings.js';

/** What the gateway wants for these objects, with nothing remembered from before. */
export function desiredStateOf(inputs: Partial<PolicyInputs>, revision = 1): DesiredState {
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods: [], policies: [], ...inputs }, revision);
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 199 }, foreignEpgs: [] });
  const fabric = mapFabric(compiled, OWN_FABRIC);
  const nodes = nodePolicies(compiled, snapshot, OWN_FABRIC);
  return {
    revision,
    compiled,
    joined: NOTHING_JOINED,
    forecast: [],
    fabric,
    objects: canonicalMap(flatten(fabric.tree, '')),
    nodes: new Map(nodes.map((policy) => [policy.node, policy])),
  };
}
