import type { KubernetesObject } from '#model/kubernetes';
import { specificationAllows, specifiedCluster, specifiedObjects } from '#policy';
import { type Forecast, keyOf } from './weather.js';

/** A TCP connection between two pods. */
export interface KeptFlow {
  /** `namespace/name` of both. */
  readonly source: string;
  readonly destination: string;
  readonly port: number;
}

const PORTS = [80, 8080, 5432, 22];

/**
 * Connections that the policies have allowed without a break since the fabric was last known to be as desired: whatever is on its
 * way, they must pass at every moment (DESIGN.md §6, invariant 1). It is told of a change before the change is made.
 */
export class KeptFlows {
  #objects = new Map<string, KubernetesObject>();
  #kept = new Map<string, KeptFlow>();

  /** Begins anew: the fabric is as these objects want it. */
  settle(objects: readonly KubernetesObject[]): void {
    this.#objects = new Map(objects.map((object) => [keyOf(object), object]));
    this.#kept = allowed([...this.#objects.values()]);
  }

  /** Nothing is known to be kept until the next {@link settle}. */
  suspend(): void {
    this.#kept = new Map();
  }

  /** Takes in what is about to happen: what is not allowed afterwards is kept no longer. */
  coming(forecast: Forecast): void {
    for (const [key, object] of forecast) {
      const known = this.#objects.get(key);
      if (object === undefined) this.#objects.delete(key);
      // A pod keeps the addresses that the API gave it.
      else this.#objects.set(key, known?.kind === 'Pod' ? { ...known, metadata: object.metadata } : object);
    }
    if (this.#kept.size === 0) return;
    const now = allowed([...this.#objects.values()]);
    for (const key of this.#kept.keys()) if (!now.has(key)) this.#kept.delete(key);
  }

  flows(): Iterable<KeptFlow> {
    return this.#kept.values();
  }

  get size(): number {
    return this.#kept.size;
  }
}

/** Every connection that the policies allow between two pods, by a text for it. */
export function allowed(objects: readonly KubernetesObject[]): Map<string, KeptFlow> {
  const { state, pods } = specifiedCluster(specifiedObjects(objects));
  const flows = new Map<string, KeptFlow>();
  const placed = pods.filter(({ ips, finished }) => ips.length > 0 && !finished);
  for (const source of placed) {
    for (const destination of placed) {
      if (source === destination) continue;
      for (const port of PORTS) {
        const question = {
          source: source.endpoint,
          sourceIp: source.ips[0] ?? '',
          destination: destination.endpoint,
          destinationIp: destination.ips[0] ?? '',
          protocol: 'TCP' as const,
          port,
        };
        if (!specificationAllows(state, question)) continue;
        flows.set(`${source.key} ${destination.key} ${port}`, {
          source: source.key,
          destination: destination.key,
          port,
        });
      }
    }
  }
  return flows;
}

/** Every connection between two of these pods, allowed or not. */
export const every = (pods: readonly string[]): readonly KeptFlow[] =>
  pods.flatMap((source) =>
    pods.flatMap((destination) => (source === destination ? [] : PORTS.map((port) => ({ source, destination, port })))),
  );
