import type { KubernetesObject, PolicyInputs } from '#model/kubernetes';

/** A pod of a {@link servingCluster}. */
export interface ServingPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
}

const CONTAINER_PORTS = [80, 81].flatMap((containerPort) =>
  ['TCP', 'UDP', 'SCTP'].map((protocol) => ({
    containerPort,
    protocol,
    name: `serve-${containerPort}-${protocol.toLowerCase()}`,
  })),
);

/** A cluster as upstream's tests and cyclonus have it: every pod serves 80 and 81 on TCP, UDP and SCTP, by name too. */
export function servingCluster(given: {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly ServingPod[];
  readonly policies: readonly KubernetesObject[];
}): PolicyInputs {
  return {
    nodes: [],
    namespaces: Object.entries(given.namespaces).map(([name, labels]) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    pods: given.pods.map(({ namespace, name, labels, ip }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels },
      spec: { containers: [{ name: 'c', ports: CONTAINER_PORTS }] },
      status: { phase: 'Running', podIPs: [{ ip }] },
    })),
    policies: given.policies,
  };
}
