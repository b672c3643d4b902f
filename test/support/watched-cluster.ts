import type { KubernetesObject, PolicyInputs } from '#model/kubernetes';
import { type ClusterSink, TIERED_RESOURCES, WATCHED_RESOURCES, type WatchedResource } from '#ports';

/** One object that a watch tells of. */
export interface WatchEvent {
  readonly resource: WatchedResource;
  readonly key: string;
  readonly object: KubernetesObject;
  readonly isGone: boolean;
}

type ObjectsByKey = ReadonlyMap<string, KubernetesObject>;

/** Objects of an API server, and what its lists and watches tell a sink of them. */
export class WatchedCluster {
  readonly #objects: Map<WatchedResource, ObjectsByKey>;

  constructor(inputs: Partial<PolicyInputs>) {
    const tiered = [...(inputs.tieredPolicies ?? [])];
    const given: Readonly<Record<WatchedResource, Iterable<KubernetesObject>>> = {
      namespaces: inputs.namespaces ?? [],
      nodes: inputs.nodes ?? [],
      pods: inputs.pods ?? [],
      networkpolicies: inputs.policies ?? [],
      adminnetworkpolicies: tiered.filter(({ kind }) => kind === 'AdminNetworkPolicy'),
      baselineadminnetworkpolicies: tiered.filter(({ kind }) => kind === 'BaselineAdminNetworkPolicy'),
      clusternetworkpolicies: tiered.filter(({ kind }) => kind === 'ClusterNetworkPolicy'),
      fabricpolicies: [],
    };
    this.#objects = new Map(WATCHED_RESOURCES.map((resource) => [resource, byKey([...given[resource]])]));
  }

  /** The objects in the order of their keys. */
  get inputs(): PolicyInputs {
    const tieredPolicies = TIERED_RESOURCES.flatMap((resource) => this.#sorted(resource));
    return {
      namespaces: this.#sorted('namespaces'),
      nodes: this.#sorted('nodes'),
      pods: this.#sorted('pods'),
      policies: this.#sorted('networkpolicies'),
      tieredPolicies,
    };
  }

  /** Tells the sink the list of every resource. */
  list(sink: ClusterSink): void {
    for (const resource of WATCHED_RESOURCES) this.relist(resource, sink);
  }

  /** Tells the sink the list of one resource. */
  relist(resource: WatchedResource, sink: ClusterSink): void {
    sink.replaced(resource, this.#sorted(resource));
  }

  /** What has to be told until everything is as in the other cluster. */
  eventsTo(target: WatchedCluster): readonly WatchEvent[] {
    return WATCHED_RESOURCES.flatMap((resource) => {
      const [from, to] = [this.#of(resource), target.#of(resource)];
      return [...new Set([...from.keys(), ...to.keys()])].flatMap((key) => {
        const object = to.get(key) ?? from.get(key);
        return object === undefined ? [] : [{ resource, key, object, isGone: !to.has(key) }];
      });
    });
  }

  /** Takes the event in, and tells the sink of it if there is one. */
  take({ resource, key, object, isGone }: WatchEvent, sink?: ClusterSink): void {
    const objects = new Map(this.#of(resource));
    if (isGone) objects.delete(key);
    else objects.set(key, object);
    this.#objects.set(resource, objects);
    if (isGone) sink?.removed(resource, object);
    else sink?.changed(resource, object);
  }

  #of(resource: WatchedResource): ObjectsByKey {
    return this.#objects.get(resource) ?? new Map();
  }

  #sorted(resource: WatchedResource): readonly KubernetesObject[] {
    return [...this.#of(resource)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }
}

const byKey = (objects: readonly KubernetesObject[]): ObjectsByKey =>
  new Map(objects.map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]));
