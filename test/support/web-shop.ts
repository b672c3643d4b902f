import type { KubernetesObject } from '#model/kubernetes';

/** A pod of namespace `shop` that no node has taken yet, with its name for its app. */
export const shopPod = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [{ name: 'c', image: 'none' }] },
});

/** The policy that lets app `client` reach app `web` on a TCP port. */
export const allowWeb = (port: number): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'allow-web', namespace: 'shop' },
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port }] }],
  },
});
