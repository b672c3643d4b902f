// A namespace `shop` that no traffic leaves or enters but what a FabricPolicy opens.

/** Pods `web` and `batch` on node-1, and a NetworkPolicy that isolates both. */
export const CLOSED_SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: c, image: none }] }
---
apiVersion: v1
kind: Pod
metadata: { name: batch, namespace: shop, labels: { app: batch } }
spec: { nodeName: node-1, containers: [{ name: c, image: none }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
`;

/** The FabricPolicy `web-out`, by which `web` asks for a TCP port of a group. */
export const webAsks = (group: string, port: number): string => `
apiVersion: aci-gateway.io/v1alpha1
kind: FabricPolicy
metadata: { name: web-out, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  egress: [{ to: [{ group: ${group} }], ports: [{ port: ${port} }] }]
`;
