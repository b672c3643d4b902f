import type { FabricGrants } from './fabric-grants.js';
import { type KubernetesObject } from './object.js';
import { fabricPolicyKey, isFabricPolicy, readFabricPolicy } from './read-fabric-policy.js';
import { type ReadResult, readPolicy } from './read-policy.js';
import type { PolicyView } from './views.js';

/** Reads a NetworkPolicy, or a FabricPolicy by what such ones may ask for. */
export const readAnyPolicy = (object: KubernetesObject, grants: FabricGrants): ReadResult<PolicyView> =>
  isFabricPolicy(object) ? readFabricPolicy(object, grants) : readPolicy(object);

/** Key of a NetworkPolicy or FabricPolicy among the policies. */
export const policyKey = (object: KubernetesObject): string =>
  isFabricPolicy(object) ? fabricPolicyKey(object) : namespacedKey(object);

/** `namespace/name`. */
export const namespacedKey = ({ metadata: { namespace = 'default', name } }: KubernetesObject): string =>
  `${namespace}/${name}`;
