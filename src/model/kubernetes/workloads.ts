import { textAt } from './fields.js';
import type { KubernetesObject } from './object.js';
import { Ownership } from './ownership.js';
import { isNode, lacksNameLabel, NAMESPACE_NAME_LABEL, namespaceObject, nodeObject } from './workload-cluster.js';
import { offlineUid } from './workload-names.js';
import {
  desiredReplicas,
  podOfDaemonSet,
  podOfReplicaSet,
  podOfStatefulSet,
  replicaSetOf,
} from './workload-objects.js';
import { flattenLists, identityOf, replicaSetOfTemplate, withNamespace } from './workload-owners.js';
import {
  assignAddress,
  chooseNode,
  type NodeSlot,
  nodeSlot,
  podRangeOf,
  withAddress,
  withPod,
} from './workload-placement.js';
import { isCompletedPod, podAddresses, runningStatus, usesHostNetwork } from './workload-status.js';

/** Nodes of a cluster whose manifests name none. */
const DEFAULT_NODES = 3;

/**
 * The given objects plus what a cluster would make of them, without a cluster: ReplicaSets and Pods of Deployments,
 * ReplicaSets, StatefulSets and DaemonSets, pods placed on nodes, Running and with an IP, Nodes (`node-1` to `node-3`
 * where none are given) and missing Namespaces. The same rules as kube-mock's controllers, in the order of the objects.
 * Lists are flattened; objects without a namespace get `default`; pods that have a status are kept as they are, and what they
 * belong to gets no others: a cluster runs it, with as many as it has. Two objects of one name are both kept, the later one is expanded. Jobs and CronJobs make no pods.
 */
export function expandWorkloads(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const given = flattenLists(objects).map(withNamespace).map(labelled);
  const nodes = given.some(isNode) ? [] : Array.from({ length: DEFAULT_NODES }, (_, index) => nodeObject(index));
  const expansion = new Expansion(given, [...given.filter(isNode), ...nodes]);
  const expanded = given.flatMap((object) => expansion.expand(object));
  return [...missingNamespaces(expanded), ...nodes, ...expanded];
}

/** One run over a set of objects: the placement so far, and which objects were there from the start. */
class Expansion {
  readonly #ownership: Ownership;
  readonly #latest: ReadonlyMap<string, KubernetesObject>;
  readonly #reserved: ReadonlySet<string>;
  readonly #slots: Map<string, NodeSlot>;

  constructor(given: readonly KubernetesObject[], nodes: readonly KubernetesObject[]) {
    this.#ownership = new Ownership(given);
    this.#latest = new Map(given.map((object) => [identityOf(object), object]));
    this.#slots = new Map(nodes.map((node, index) => [node.metadata.name, nodeSlot(node, podRangeOf(index))]));
    this.#reserved = new Set(
      given.filter((object) => isPod(object) && !isCompletedPod(object)).flatMap((pod) => podAddresses(pod)),
    );
  }

  /** The object, completed, followed by what it makes. */
  expand(object: KubernetesObject): readonly KubernetesObject[] {
    if (isPod(object)) return [this.#run(object)];
    if (!object.apiVersion.startsWith('apps/') || this.#latest.get(identityOf(object)) !== object) return [object];
    const given = this.#ownership.of(object);
    const owner = withUid(object);
    switch (object.kind) {
      case 'Deployment':
        return [owner, ...this.#deployment(owner, given)];
      case 'ReplicaSet':
        return [owner, ...this.#pods(owner, given, (ordinal) => podOfReplicaSet(owner, ordinal))];
      case 'StatefulSet':
        return [owner, ...this.#pods(owner, given, (ordinal) => podOfStatefulSet(owner, ordinal))];
      case 'DaemonSet':
        return [owner, ...this.#daemonSet(owner, given)];
      default:
        return [object];
    }
  }

  #deployment(owner: KubernetesObject, sets: readonly KubernetesObject[]): readonly KubernetesObject[] {
    const given = [...sets.flatMap((set) => this.#ownership.of(set)), ...this.#ownership.withoutReplicaSet(owner)];
    if (given.some(isRun) || replicaSetOfTemplate(owner, sets) !== undefined) return [];
    const set = withUid(replicaSetOf(owner));
    return [set, ...this.#pods(set, given, (ordinal) => podOfReplicaSet(set, ordinal))];
  }

  /** As many pods as the owner lacks. Names that given pods have are passed over, as a StatefulSet's ordinals are. */
  #pods(
    owner: KubernetesObject,
    given: readonly KubernetesObject[],
    make: (ordinal: number) => KubernetesObject,
  ): readonly KubernetesObject[] {
    if (given.some(isRun)) return [];
    const present = given.filter((pod) => isPod(pod) && !isCompletedPod(pod));
    const names = new Set(present.map((pod) => pod.metadata.name));
    const made: KubernetesObject[] = [];
    for (let ordinal = 0; present.length + made.length < desiredReplicas(owner); ordinal += 1) {
      const pod = make(ordinal);
      if (!names.has(pod.metadata.name)) made.push(this.#run(pod));
    }
    return made;
  }

  #daemonSet(owner: KubernetesObject, given: readonly KubernetesObject[]): readonly KubernetesObject[] {
    if (given.some(isRun)) return [];
    const present = given.map((pod) => textAt(pod, 'spec', 'nodeName'));
    return [...this.#slots.keys()]
      .filter((node) => !present.includes(node))
      .map((node, ordinal) => this.#run(podOfDaemonSet(owner, ordinal, node)));
  }

  /** The pod on its node, Running; as it is when it has a status, has ended, or no node takes it. */
  #run(pod: KubernetesObject): KubernetesObject {
    const place = textAt(pod, 'spec', 'nodeName');
    if (isCompletedPod(pod)) return pod;
    if (hasStatus(pod)) {
      const slot = this.#slots.get(place ?? '');
      if (slot !== undefined) this.#slots.set(slot.name, withPod(heldBy(slot, pod)));
      return pod;
    }
    const name = place ?? chooseNode([...this.#slots.values()]);
    const slot = this.#slots.get(name ?? '');
    if (slot === undefined) return withUid({ ...pod, status: { phase: 'Pending' } });
    return this.#start({ ...pod, spec: { ...(pod.spec as object), nodeName: slot.name } }, withPod(slot));
  }

  #start(pod: KubernetesObject, slot: NodeSlot): KubernetesObject {
    const assigned = usesHostNetwork(pod) ? { slot, address: slot.address } : assignAddress(slot, this.#reserved);
    this.#slots.set(slot.name, assigned?.slot ?? slot);
    if (assigned === undefined) return withUid({ ...pod, status: { phase: 'Pending' } });
    const status = runningStatus(pod, { hostAddress: slot.address, podAddress: assigned.address });
    return withUid({ ...pod, status });
  }
}

const isPod = (object: KubernetesObject): boolean => object.kind === 'Pod' && object.apiVersion === 'v1';

/** A pod that comes from a cluster says how it is, even when it has no address yet. */
const hasStatus = (pod: KubernetesObject): boolean =>
  podAddresses(pod).length > 0 || textAt(pod, 'status', 'phase') !== undefined;

/** A pod that a cluster runs. */
const isRun = (object: KubernetesObject): boolean => isPod(object) && hasStatus(object) && !isCompletedPod(object);

const heldBy = (slot: NodeSlot, pod: KubernetesObject): NodeSlot =>
  podAddresses(pod).reduce((current, address) => withAddress(current, address), slot);

const withUid = (object: KubernetesObject): KubernetesObject =>
  object.metadata.uid === undefined
    ? { ...object, metadata: { ...object.metadata, uid: offlineUid(identityOf(object)) } }
    : object;

const labelled = (object: KubernetesObject): KubernetesObject =>
  object.kind === 'Namespace' && object.apiVersion === 'v1' && lacksNameLabel(object)
    ? {
        ...object,
        metadata: {
          ...object.metadata,
          labels: { ...object.metadata.labels, [NAMESPACE_NAME_LABEL]: object.metadata.name },
        },
      }
    : object;

function missingNamespaces(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const present = new Set(
    objects.filter((object) => object.kind === 'Namespace').map((namespace) => namespace.metadata.name),
  );
  const used = objects.map((object) => object.metadata?.namespace ?? '').filter((name) => name !== '');
  return [...new Set(used)].filter((name) => !present.has(name)).map(namespaceObject);
}
