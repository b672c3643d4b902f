import type { KubernetesObject, PolicyInputs } from '#model/kubernetes';
import { outside, type Place, type PolicyLevels, type Probe } from './policy-levels.js';

type Labels = Readonly<Record<string, string>>;

/** A container port. */
export interface SmallPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

/** A pod of a {@link SmallCluster}; without `ips` it gets 10.0.0.<position>. */
export interface SmallPod {
  readonly labels?: Labels;
  readonly ips?: readonly string[];
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly terminating?: boolean;
  readonly ports?: readonly SmallPort[];
  /** Ports of init containers: one that keeps running (restartPolicy Always), and one that ends. */
  readonly sidecarPorts?: readonly SmallPort[];
  readonly initPorts?: readonly SmallPort[];
  /** The StatefulSet that owns the pod. */
  readonly workload?: string;
}

/** A cluster written by hand, and what must hold in it. Flows read `x/client > x/web TCP 80`, with `v6` to ask in IPv6. */
export interface SmallCluster {
  readonly title: string;
  /** Labels of namespaces; a namespace that only pods name has none. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
  readonly pods: Readonly<Record<string, SmallPod>>;
  /** True when the API would refuse a policy: old objects and files can hold it, and it fails closed. */
  readonly refused?: boolean;
  /** Specs of NetworkPolicies by `namespace/name`. */
  readonly policies?: Readonly<Record<string, object>>;
  /** Specs of policies of the tiers around NetworkPolicy by `Kind/name`. */
  readonly tiered?: Readonly<Record<string, object>>;
  /** Nodes by name. */
  readonly nodes?: Readonly<Record<string, { readonly labels: Labels; readonly ips: readonly string[] }>>;
  readonly open?: readonly string[];
  readonly closed?: readonly string[];
  /** Codes of the findings that must be there; none else of severity warning or error may be. */
  readonly findings?: readonly string[];
}

/** The cluster as API objects. */
export function smallClusterInputs(cluster: SmallCluster): PolicyInputs {
  const { namespaces = {}, pods, policies = {}, tiered = {}, nodes = {} } = cluster;
  return {
    nodes: Object.entries(nodes).map(([name, { labels, ips }]) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      status: { addresses: ips.map((address) => ({ type: 'InternalIP', address })) },
    })),
    tieredPolicies: Object.entries(tiered).map(([key, spec]) => tieredObject(key, spec)),
    namespaces: Object.entries(namespaces).map(([name, labels]) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    pods: Object.entries(pods).map(([key, pod], index) => podObject(key, pod, [`10.0.0.${index + 1}`])),
    policies: Object.entries(policies).map(([key, spec]) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadataOf(key),
      spec,
    })),
  };
}

function tieredObject(key: string, spec: object): KubernetesObject {
  const [kind = '', name = ''] = key.split('/');
  const version = kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1';
  return { apiVersion: `policy.networking.k8s.io/${version}`, kind, metadata: { name }, spec };
}

/** The probe that a flow's text describes. Throws when the text is no flow. */
export function probeOf(levels: PolicyLevels, flow: string): Probe {
  const [, from = '', to = '', protocol = '', port = '', family] =
    /^(\S+) > (\S+) (TCP|UDP|SCTP) (\d+)(?: v([46]))?$/.exec(flow) ?? [];
  if (port === '') throw new Error(`'${flow}' is not a flow: expected 'x/a > x/b TCP 80'`);
  const place = (text: string): Place => (text.includes('/') ? levels.place(text) : outside(text));
  return {
    source: place(from),
    destination: place(to),
    protocol: protocol as Probe['protocol'],
    port: Number(port),
    ...(family === undefined ? {} : { family: Number(family) as 4 | 6 }),
  };
}

function podObject(key: string, pod: SmallPod, byPosition: readonly string[]): KubernetesObject {
  const { labels = {}, ips = byPosition, hostNetwork, phase = 'Running', terminating, ports = [] } = pod;
  const initContainers = [
    ...(pod.sidecarPorts === undefined ? [] : [{ name: 's', restartPolicy: 'Always', ports: pod.sidecarPorts }]),
    ...(pod.initPorts === undefined ? [] : [{ name: 'i', ports: pod.initPorts }]),
  ];
  const { workload } = pod;
  const owned = workload === undefined ? {} : { ownerReferences: [ownerNamed(workload)] };
  const deletion = terminating === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadataOf(key), labels, ...deletion, ...owned },
    spec: {
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
      containers: ports.map((port, index) => ({ name: `c${index}`, ports: [port] })),
      initContainers,
    },
    status: { phase, podIPs: ips.map((ip) => ({ ip })) },
  };
}

const ownerNamed = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  name,
  uid: name,
  controller: true,
});

function metadataOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
