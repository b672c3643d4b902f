import { kubeconfigConnection } from './kubeconfig.js';
import { type ClusterTarget, plainConnection } from './target.js';
import { KubernetesTransport } from './transport.js';

/** A transport of its own to the API server; whoever asks for it closes it. */
export const connectTo = (target: ClusterTarget): KubernetesTransport =>
  new KubernetesTransport(
    target.url === undefined ? kubeconfigConnection(target.kubeconfig, target.context) : plainConnection(target.url),
  );
