export { type ClusterSourceOptions, clusterSource } from './cluster-source.js';
export {
  KubernetesConfigError,
  KubernetesExpiredError,
  KubernetesStatusError,
  KubernetesStreamError,
  KubernetesUnreachableError,
} from './errors.js';
export { REFLECTOR_TIMING, type ReflectorTiming } from './reflector.js';
export type { ClusterTarget } from './target.js';
