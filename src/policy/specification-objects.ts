// How the oracle reads API objects: fields as they are, nothing checked, and on purpose without any code of the compiler's
// reader. Objects that the API would refuse are not to be given to it.

import type { KubernetesObject, PolicyInputs } from '#model/kubernetes';
import type { LabelSelector } from './specification-match.js';
import type { Endpoint, NetworkPolicyObject, SpecificationState } from './specification-state.js';
import type { TieredPeer, TieredPolicyObject, TieredRule } from './specification-tiered-objects.js';

/** A pod as the specification sees it. */
export interface SpecificationPod {
  /** `namespace/name`. */
  readonly key: string;
  readonly ips: readonly string[];
  readonly endpoint: Endpoint;
  /** Whether it has ended: then it is no endpoint any more, and its address may be another's (policy.md N1, N2). */
  readonly finished: boolean;
}

/** The cluster as the specification reads it, and the pods in it. */
export interface SpecifiedCluster {
  readonly state: SpecificationState;
  readonly pods: readonly SpecificationPod[];
}

/** Reads the objects that matter to policies. */
export function specifiedCluster({
  namespaces,
  nodes,
  pods,
  policies,
  tieredPolicies = [],
}: PolicyInputs): SpecifiedCluster {
  return {
    state: {
      namespaceLabels: Object.fromEntries(
        [...namespaces].map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
      ),
      policies: [...policies].map(policyOf),
      tieredPolicies: [...tieredPolicies].map(tieredOf),
      nodes: [...nodes].map(({ metadata, status }) => ({
        labels: metadata.labels ?? {},
        ips: ((status ?? {}) as NodeStatus).addresses?.filter(isReachable).map(({ address }) => address) ?? [],
      })),
    },
    pods: [...pods].map(podOf),
  };
}

/** Sorts a list of objects by what they are to policies; others are left out. */
export function specifiedObjects(objects: readonly KubernetesObject[]): PolicyInputs {
  const ofKind = (kind: string): readonly KubernetesObject[] => objects.filter((object) => object.kind === kind);
  return {
    namespaces: ofKind('Namespace'),
    nodes: ofKind('Node'),
    pods: ofKind('Pod'),
    policies: ofKind('NetworkPolicy'),
    tieredPolicies: objects.filter(isTiered),
  };
}

interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
}

/** Beside addresses a node has host names. */
const isReachable = ({ type }: { readonly type: string }): boolean => type === 'InternalIP' || type === 'ExternalIP';

const TIERED = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'];

/** Whether the object is a policy of the tiers around NetworkPolicy: other API groups have kinds of equal names. */
export const isTiered = ({ apiVersion, kind }: KubernetesObject): boolean =>
  TIERED.includes(kind) && apiVersion.split('/')[0] === 'policy.networking.k8s.io';

const policyOf = ({ metadata, spec }: KubernetesObject): NetworkPolicyObject => ({
  metadata,
  spec: spec ?? {},
});

/** What the first v1alpha1 had one level deeper is put where the later versions have it. */
function tieredOf({ kind, metadata, spec }: KubernetesObject): TieredPolicyObject {
  const given = objectOf(spec) as TieredPolicyObject['spec'];
  const peer = (one: TieredPeer): TieredPeer => ({ ...objectOf(one), ...flat(one) });
  const rules = (given: unknown): readonly TieredRule[] => {
    const list = Array.isArray(given) ? (given as readonly TieredRule[]) : [];
    return list
      .map((one) => objectOf(one) as TieredRule)
      .map(({ from, to, ...rule }) => ({
        ...rule,
        ...(Array.isArray(from) ? { from: from.map(peer) } : {}),
        ...(Array.isArray(to) ? { to: to.map(peer) } : {}),
      }));
  };
  return {
    kind,
    metadata,
    spec: { ...given, subject: flat(given.subject), ingress: rules(given.ingress), egress: rules(given.egress) },
  };
}

type Pods = Pick<TieredPeer, 'namespaces' | 'pods'>;

/** What is no object, as old servers and files may hold it, has no fields. */
const objectOf = (given: unknown): object =>
  typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};

function flat(given: Pods): Pods {
  const { namespaces, pods } = objectOf(given) as Pods;
  return {
    ...(namespaces === undefined ? {} : { namespaces: unwrapped(objectOf(namespaces)) }),
    ...(pods === undefined ? {} : { pods: flatPods(objectOf(pods)) }),
  };
}

const unwrapped = (selector: LabelSelector & { readonly namespaceSelector?: LabelSelector }): LabelSelector =>
  selector.namespaceSelector ?? selector;

function flatPods({ namespaces, ...pods }: OldPods): NonNullable<TieredPeer['pods']> {
  return namespaces === undefined ? pods : { ...pods, namespaceSelector: unwrapped(objectOf(namespaces)) };
}

type OldPods = NonNullable<TieredPeer['pods']> & { readonly namespaces?: LabelSelector };

interface ContainerFields {
  readonly restartPolicy?: string;
  readonly ports?: Endpoint['ports'] | null;
}

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly containers?: readonly ContainerFields[] | null;
  readonly initContainers?: readonly ContainerFields[] | null;
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[] | null;
}

/** A pod with its addresses, labels, and the ports of its containers and native sidecars (policy.md N19). */
function podOf(pod: KubernetesObject): SpecificationPod {
  const spec = objectOf(pod['spec']) as PodSpec;
  const { phase = '', podIP = '', podIPs } = objectOf(pod['status']) as PodStatus;
  const { namespace = 'default', name, labels = {} } = pod.metadata;
  const listed = (podIPs ?? []).map(({ ip }) => ip);
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...(spec.containers ?? []), ...sidecars].flatMap((container) => container.ports ?? []);
  return {
    key: `${namespace}/${name}`,
    ips: listed.length > 0 || podIP === '' ? listed : [podIP],
    endpoint: { namespace, labels, ports, hostNetwork: spec.hostNetwork === true },
    finished: phase === 'Succeeded' || phase === 'Failed',
  };
}
