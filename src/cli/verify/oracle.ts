import type { KubernetesObject } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import { type Endpoint, type NetworkPolicyObject, type SpecificationState, specificationAllows } from '#policy';

/** A pod as the specification sees it. */
export interface OraclePod {
  /** `namespace/name`. */
  readonly key: string;
  readonly ips: readonly string[];
  readonly endpoint: Endpoint;
}

/** The plain specification's picture of the cluster, made from the API objects without any code of the compiler. */
export interface Oracle {
  readonly pods: readonly OraclePod[];
  /** Addresses of nodes and of pods that use them: outside addresses to every policy (policy.md N1). */
  readonly otherIps: readonly string[];
  readonly policies: readonly NetworkPolicyObject[];
  readonly namespaceLabels: SpecificationState['namespaceLabels'];
  /** Namespaces with a policy or pod that the specification says nothing of, because the API would refuse it. */
  readonly unspecified: ReadonlySet<string>;
}

/** Reads the objects; `findings` are those of the same objects, and say which of them are refused. */
export function oracleOf(objects: readonly KubernetesObject[], findings: readonly Finding[]): Oracle {
  const refused = new Set(
    findings
      .filter(({ code, severity }) => code.startsWith('INVALID_') && severity === 'error')
      .map((one) => one.object),
  );
  const isRefused = ({ kind, metadata }: KubernetesObject): boolean =>
    refused.has(`${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`);
  const ofKind = (kind: string): readonly KubernetesObject[] => objects.filter((object) => object.kind === kind);
  const policies = ofKind('NetworkPolicy');
  const pods = ofKind('Pod').filter((pod) => !isFinished(pod));
  const unspecified = [...policies, ...pods].filter(isRefused);
  const endpoints = pods.filter((pod) => !isRefused(pod)).map(podOf);
  const nodes = ofKind('Node').flatMap((node) => (node as NodeFields).status?.addresses ?? []);
  return {
    pods: endpoints.filter(({ endpoint, ips }) => endpoint.hostNetwork !== true && ips.length > 0),
    otherIps: [
      ...endpoints.filter(({ endpoint }) => endpoint.hostNetwork === true).flatMap(({ ips }) => ips),
      ...nodes.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    ],
    policies: policies.filter((policy) => !isRefused(policy)) as unknown as readonly NetworkPolicyObject[],
    namespaceLabels: Object.fromEntries(
      ofKind('Namespace').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    ),
    unspecified: new Set(unspecified.map(({ metadata }) => metadata.namespace ?? 'default')),
  };
}

interface NodeFields {
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

interface ContainerFields {
  readonly restartPolicy?: string;
  readonly ports?: Endpoint['ports'] | null;
}

interface PodFields {
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly containers?: readonly ContainerFields[] | null;
    readonly initContainers?: readonly ContainerFields[] | null;
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string; readonly podIPs?: readonly { ip: string }[] };
}

const isFinished = (pod: KubernetesObject): boolean =>
  ['Succeeded', 'Failed'].includes((pod as PodFields).status?.phase ?? '');

/** A pod with its addresses, labels, and the ports of its containers and native sidecars (policy.md N19). */
function podOf(pod: KubernetesObject): OraclePod {
  const { spec, status } = pod as PodFields;
  const { namespace = 'default', name, labels = {} } = pod.metadata;
  const listed = (status?.podIPs ?? []).map(({ ip }) => ip);
  const ips = listed.length > 0 ? listed : status?.podIP === undefined || status.podIP === '' ? [] : [status.podIP];
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...(spec?.containers ?? []), ...sidecars].flatMap((container) => container.ports ?? []);
  return {
    key: `${namespace}/${name}`,
    ips,
    endpoint: { namespace, labels, ports, hostNetwork: spec?.hostNetwork === true },
  };
}

/**
 * Asks the specification, handing it only the policies of the two ends' namespaces: it reads no others, because a policy
 * applies to pods of its own namespace alone (policy.md N8).
 */
export class Specification {
  readonly #labels: SpecificationState['namespaceLabels'];
  readonly #byNamespace = new Map<string, NetworkPolicyObject[]>();
  readonly #states = new Map<string, SpecificationState>();

  constructor({ policies, namespaceLabels }: Pick<Oracle, 'policies' | 'namespaceLabels'>) {
    this.#labels = namespaceLabels;
    for (const policy of policies) {
      const namespace = policy.metadata.namespace ?? 'default';
      const own = this.#byNamespace.get(namespace);
      if (own === undefined) this.#byNamespace.set(namespace, [policy]);
      else own.push(policy);
    }
  }

  /** Policies of the namespace. */
  policiesOf(namespace: string | undefined): readonly NetworkPolicyObject[] {
    return this.#byNamespace.get(namespace ?? '') ?? [];
  }

  /** Whether the flow may be opened. */
  allows(flow: Parameters<typeof specificationAllows>[1]): boolean {
    return specificationAllows(this.#stateOf(flow.source.namespace, flow.destination.namespace), flow);
  }

  #stateOf(a: string | undefined, b: string | undefined): SpecificationState {
    const key = `${a ?? ''}\n${b ?? ''}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const policies = a === b ? this.policiesOf(a) : [...this.policiesOf(a), ...this.policiesOf(b)];
    const state = { namespaceLabels: this.#labels, policies };
    this.#states.set(key, state);
    return state;
  }
}
