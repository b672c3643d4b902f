import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { type ClusterSink, type Logger, TIERED_RESOURCES, WATCHED_RESOURCES, type WatchedResource } from '#ports';

/** Kubernetes objects as the watches told them, and whether every resource was listed once. */
export class ClusterMirror implements ClusterSink {
  readonly #objects: Readonly<Record<WatchedResource, Map<string, KubernetesObject>>> = {
    namespaces: new Map(),
    nodes: new Map(),
    pods: new Map(),
    networkpolicies: new Map(),
    adminnetworkpolicies: new Map(),
    baselineadminnetworkpolicies: new Map(),
    clusternetworkpolicies: new Map(),
  };
  readonly #listed = new Set<WatchedResource>();
  readonly #troubles = new Map<WatchedResource, string>();
  readonly #changed: () => void;
  readonly #log: Logger;
  #revision = 0;

  /** @param changed called after every change, once everything was listed. */
  constructor(changed: () => void, log: Logger) {
    this.#changed = changed;
    this.#log = log;
  }

  /** Counts changes: equal revisions are equal contents. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether every watched resource was listed in full. */
  get synced(): boolean {
    return this.#listed.size === WATCHED_RESOURCES.length;
  }

  /** What is wrong with the watches, in words. */
  get troubles(): readonly string[] {
    return [...this.#troubles].map(([resource, reason]) => `watch of ${resource}: ${reason}`);
  }

  /** The state now, as narrow views. */
  snapshot(): ClusterSnapshot {
    const { namespaces, nodes, pods, networkpolicies } = this.#objects;
    return snapshotOf(
      {
        namespaces: namespaces.values(),
        nodes: nodes.values(),
        pods: pods.values(),
        policies: networkpolicies.values(),
        tieredPolicies: TIERED_RESOURCES.flatMap((resource) => [...this.#objects[resource].values()]),
      },
      this.#revision,
    );
  }

  replaced(resource: WatchedResource, objects: readonly KubernetesObject[]): void {
    const map = this.#objects[resource];
    map.clear();
    for (const object of objects) map.set(keyOf(object), object);
    this.#listed.add(resource);
    this.#bump();
  }

  changed(resource: WatchedResource, object: KubernetesObject): void {
    this.#objects[resource].set(keyOf(object), object);
    this.#bump();
  }

  removed(resource: WatchedResource, object: KubernetesObject): void {
    this.#objects[resource].delete(keyOf(object));
    this.#bump();
  }

  trouble(resource: WatchedResource, reason: string | undefined): void {
    if (reason === undefined) {
      if (this.#troubles.delete(resource)) this.#log.info({ resource }, 'watching Kubernetes again');
      return;
    }
    // All watches of an API server that is away fail alike: one line says it.
    const known = [...this.#troubles.values()].includes(reason);
    if (!known) this.#log.warn({ resource, reason }, 'cannot watch Kubernetes');
    this.#troubles.set(resource, reason);
  }

  #bump(): void {
    this.#revision += 1;
    if (this.synced) this.#changed();
  }
}

const keyOf = (object: KubernetesObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
