import { formatAddress } from '../net/index.js';
import type { Finding } from '../policy/index.js';
import { policyKey, readAnyPolicy } from './any-policy.js';
import { NO_GRANTS } from './fabric-grants.js';
import type { KubernetesObject } from './object.js';
import { readNamespace, readNode, readPod, viewKey } from './read-pod.js';
import type { ReadResult } from './read-policy.js';
import { readTieredPolicy, tieredKey } from './read-tiered-policy.js';
import type { ClusterSnapshot, NamespaceView, PodView, PolicyView } from './views.js';

/** Objects of the kinds that policies depend on. */
export interface PolicyInputs {
  readonly namespaces: Iterable<KubernetesObject>;
  readonly nodes: Iterable<KubernetesObject>;
  readonly pods: Iterable<KubernetesObject>;
  /** NetworkPolicies and FabricPolicies. */
  readonly policies: Iterable<KubernetesObject>;
  /** AdminNetworkPolicies, BaselineAdminNetworkPolicies and ClusterNetworkPolicies; none when not given. */
  readonly tieredPolicies?: Iterable<KubernetesObject>;
}

/**
 * Builds the snapshot of the objects. A namespace that only other objects name is added with its default label.
 * @param grants what FabricPolicies may ask for; nothing when not given
 */
export function snapshotOf(inputs: PolicyInputs, revision: number, grants = NO_GRANTS): ClusterSnapshot {
  const findings: Finding[] = [];
  const collect = <View>(
    objects: Iterable<KubernetesObject>,
    read: (object: KubernetesObject) => ReadResult<View>,
    key: (view: View, object: KubernetesObject) => string,
  ): ReadonlyMap<string, View> => {
    const views = new Map<string, View>();
    for (const object of objects) {
      const result = read(object);
      findings.push(...result.findings);
      if (result.view !== undefined) views.set(key(result.view, object), result.view);
    }
    return sortedByKey(views);
  };
  const pods = collect(inputs.pods, readPod, viewKey);
  const readPolicyBy = (object: KubernetesObject): ReadResult<PolicyView> => readAnyPolicy(object, grants);
  const policies = collect(inputs.policies, readPolicyBy, (_view, object) => policyKey(object));
  const named = collect(inputs.namespaces, readNamespace, (namespace) => namespace.name);
  const nodes = collect(inputs.nodes, readNode, (node) => node.name);
  const tieredPolicies = collect(inputs.tieredPolicies ?? [], readTieredPolicy, tieredKey);
  const namespaces = withImplied(named, [...pods.values(), ...policies.values()]);
  findings.push(...duplicateAddresses(pods));
  return { revision, namespaces, nodes, pods, policies, tieredPolicies, findings };
}

function withImplied(
  named: ReadonlyMap<string, NamespaceView>,
  views: readonly { readonly namespace: string }[],
): ReadonlyMap<string, NamespaceView> {
  const all = new Map(named);
  for (const { namespace } of views) {
    if (!all.has(namespace)) all.set(namespace, impliedNamespace(namespace));
  }
  return sortedByKey(all);
}

/** A namespace that only other objects name, with the label that the API server adds (policy.md N4). */
export const impliedNamespace = (name: string): NamespaceView => ({
  name,
  labels: { 'kubernetes.io/metadata.name': name },
});

/** One finding for each address that another pod has as well: the first of them in the order of the keys has none. */
export function duplicateAddresses(pods: ReadonlyMap<string, PodView>): readonly Finding[] {
  const holders = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [key, pod] of pods) {
    if (pod.completed || pod.hostNetwork) continue;
    for (const address of pod.addresses.map(formatAddress)) {
      const other = holders.get(address);
      if (other === undefined) holders.set(address, key);
      else {
        const message = `status.podIP: ${address} is also the address of Pod/${other}; policy by address cannot tell them apart`;
        findings.push({ code: 'DUPLICATE_IP', severity: 'warning', object: `Pod/${key}`, message });
      }
    }
  }
  return findings;
}

const sortedByKey = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
  new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
