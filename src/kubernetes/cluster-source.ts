import {
  type Clock,
  type ClusterSink,
  type ClusterSource,
  FABRIC_POLICIES,
  type Logger,
  WATCHED_RESOURCES,
  type WatchedResource,
} from '#ports';
import { connectTo } from './connect.js';
import { REFLECTOR_TIMING, Reflector, type ReflectorTiming } from './reflector.js';
import type { ClusterTarget } from './target.js';

/** What {@link clusterSource} needs. */
export interface ClusterSourceOptions {
  readonly target: ClusterTarget;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether FabricPolicies are watched beside what every gateway watches. */
  readonly fabricPolicies?: boolean;
  /** Times and sizes that differ from the usual ones. */
  readonly timing?: Partial<ReflectorTiming>;
}

/**
 * The cluster behind an API server: one reflector for each watched resource. Each `run` has connections of its own. Where one
 * finds that the store was restored, all list anew.
 */
export function clusterSource(options: ClusterSourceOptions): ClusterSource {
  return { run: (sink, signal) => reflectAll(options, sink, signal) };
}

const watched = ({ fabricPolicies = false }: ClusterSourceOptions): readonly WatchedResource[] =>
  fabricPolicies ? [...WATCHED_RESOURCES, FABRIC_POLICIES] : WATCHED_RESOURCES;

async function reflectAll(options: ClusterSourceOptions, sink: ClusterSink, signal: AbortSignal): Promise<void> {
  const { target, log, clock, random } = options;
  const timing = { ...REFLECTOR_TIMING, ...options.timing };
  const transport = connectTo(target);
  try {
    const shared = { transport, sink, timing, log, clock, random };
    const reflectors: readonly Reflector[] = watched(options).map((resource) => {
      const restored = (): void => {
        for (const other of reflectors) if (other.resource !== resource) other.listAnew();
      };
      return new Reflector({ ...shared, resource, restored });
    });
    // Each has a signal of its own: many listeners on one look like a leak to Node.
    await Promise.all(reflectors.map((reflector) => reflector.run(AbortSignal.any([signal]))));
  } finally {
    transport.close();
  }
}
