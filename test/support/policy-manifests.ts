import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A pod of a workload of its own, as it would come from a cluster. */
export const podManifest = (
  key: string,
  ip: string,
  more: { readonly node?: string; readonly hostNetwork?: boolean; readonly phase?: string } = {},
): string => {
  const [namespace = '', name = ''] = key.split('/');
  const { node = `node-${name}`, hostNetwork = false, phase = 'Running' } = more;
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: { app: ${name} }
  ownerReferences: [{ apiVersion: apps/v1, kind: StatefulSet, name: ${name}, uid: ${name}, controller: true }]
spec: { nodeName: ${node}, hostNetwork: ${hostNetwork}, containers: [{ name: c, image: none, ports: [{ name: http, containerPort: 80 }] }] }
status: { phase: ${phase}, podIP: ${ip}, podIPs: [{ ip: ${ip} }] }
`;
};

/** A NetworkPolicy, its spec as YAML. */
export const policyManifest = (key: string, spec: string): string => {
  const [namespace = '', name = ''] = key.split('/');
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
};

const node = (name: string, ip: string): string => `
apiVersion: v1
kind: Node
metadata: { name: ${name} }
status: { addresses: [{ type: InternalIP, address: ${ip} }] }
`;

/**
 * A shop: only `client` may reach `web`, on TCP 80 by the port's name; `web` may open only DNS at `dns`, and TCP 443
 * in 192.0.2.0/24 but for its upper half. Everything else is open.
 */
export const SHOP: readonly string[] = [
  podManifest('shop/web', '10.244.0.10'),
  podManifest('shop/client', '10.244.0.11'),
  podManifest('shop/dns', '10.244.0.12', { node: 'node-web' }),
  podManifest('shop/ended', '10.244.0.13', { phase: 'Succeeded' }),
  podManifest('shop/agent', '172.16.0.1', { node: 'node-web', hostNetwork: true }),
  node('node-web', '172.16.0.1'),
  policyManifest(
    'shop/web',
    `{ podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress, Egress],
       ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }], ports: [{ port: http }] }],
       egress: [{ to: [{ podSelector: { matchLabels: { app: dns } } }], ports: [{ protocol: UDP, port: 53 }] },
                { to: [{ ipBlock: { cidr: 192.0.2.0/24, except: [192.0.2.128/25] } }], ports: [{ port: 443 }] }] }`,
  ),
];

/** A policy of a tier around NetworkPolicy by `Kind/name`, its spec as YAML. */
export const tieredManifest = (key: string, spec: string): string => {
  const [kind = '', name = ''] = key.split('/');
  return `
apiVersion: policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}
kind: ${kind}
metadata: { name: ${name} }
spec: ${spec}
`;
};

/**
 * Tiers around the shop: everybody may fetch metrics of `web` at TCP 9100; nobody reaches TCP 5000 to 6000 of a pod of the
 * shop; DNS toward 198.51.100.0/24 is left to NetworkPolicies; what no NetworkPolicy isolates may not open TCP 25 outside.
 */
export const TIERS: readonly string[] = [
  tieredManifest(
    'ClusterNetworkPolicy/metrics',
    `{ tier: Admin, priority: 10,
       subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: web } } } },
       ingress: [{ action: Accept, from: [{ namespaces: {} }], protocols: [{ tcp: { destinationPort: { number: 9100 } } }] }] }`,
  ),
  tieredManifest(
    'AdminNetworkPolicy/closed',
    `{ priority: 20, subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } },
       ingress: [{ action: Deny, from: [{ namespaces: {} }], ports: [{ portRange: { protocol: TCP, start: 5000, end: 6000 } }] }],
       egress: [{ action: Pass, to: [{ networks: [198.51.100.0/24] }], ports: [{ portNumber: { protocol: UDP, port: 53 } }] }] }`,
  ),
  tieredManifest(
    'BaselineAdminNetworkPolicy/default',
    `{ subject: { namespaces: {} },
       egress: [{ action: Deny, to: [{ networks: [0.0.0.0/0] }], ports: [{ portNumber: { protocol: TCP, port: 25 } }] }] }`,
  ),
];

/** Writes documents into one file of the folder; gives its path. */
export function writeManifests(folder: string, documents: readonly string[], name = 'cluster.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, documents.join('---'));
  return file;
}
