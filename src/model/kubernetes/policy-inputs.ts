import type { KubernetesObject } from './object.js';
import { isOwnFabricPolicy } from './read-fabric-policy.js';
import { isTieredPolicy } from './read-tiered-policy.js';
import type { PolicyInputs } from './snapshot.js';

/** Sorts a list of objects by what they are to policies; others are left out. */
export function policyInputs(objects: readonly KubernetesObject[]): PolicyInputs {
  const ofKind = (kind: string): readonly KubernetesObject[] => objects.filter((object) => object.kind === kind);
  return {
    namespaces: ofKind('Namespace'),
    nodes: ofKind('Node'),
    pods: ofKind('Pod'),
    policies: objects.filter((object) => object.kind === 'NetworkPolicy' || isOwnFabricPolicy(object)),
    tieredPolicies: objects.filter(isTieredPolicy),
  };
}
