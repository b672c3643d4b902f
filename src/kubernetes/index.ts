export { type ClusterSourceOptions, clusterSource } from './cluster-source.js';
export {
  KubernetesConfigError,
  KubernetesExpiredError,
  KubernetesStatusError,
  KubernetesStreamError,
  KubernetesUnreachableError,
  KubernetesWriteError,
} from './errors.js';
export {
  type ClosableClusterEvents,
  EVENT_RATES,
  type EventRates,
  type EventWriterOptions,
  eventWriter,
} from './event-writer.js';
export { kubernetesLease, type LeasePlace } from './lease-store.js';
export { type ClosableClusterWriter, clusterWriter, FIELD_MANAGER } from './object-writer.js';
export { REFLECTOR_TIMING, type ReflectorTiming } from './reflector.js';
export type { ClusterTarget } from './target.js';
