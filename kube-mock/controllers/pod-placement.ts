import {
  assignAddress,
  chooseNode,
  isCompletedPod,
  type KubernetesObject,
  type NodeSlot,
  nodeSlot,
  podAddresses,
  podRangeOf,
  textAt,
  usesHostNetwork,
  withAddress,
  withoutPod,
  withPod,
} from '#model/kubernetes';
import type { ObjectStore, StoreEvent } from '../storage/object-store.js';

/** What lies on which node and who holds which address, kept true by the store's changes. */
export class PodPlacement {
  readonly #slots = new Map<string, NodeSlot>();
  /** How many live pods hold an address: pods that were loaded with a status may share one, or lie on no known node. */
  readonly #holders = new Map<string, number>();
  readonly #reserved = new Set<string>();

  constructor(store: ObjectStore) {
    store.onChange((event) => this.#follow(event));
  }

  /** Names of the nodes, in the order in which they came. */
  nodes(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** Address of a node; undefined for a node that is not there. */
  addressOf(node: string): string | undefined {
    return this.#slots.get(node)?.address;
  }

  /** The node for a pod that names none; undefined when no node takes pods. */
  choose(): string | undefined {
    return chooseNode([...this.#slots.values()]);
  }

  /** A pod address of a node; undefined when its range is exhausted. */
  assign(node: string): string | undefined {
    const slot = this.#slots.get(node);
    const assigned = slot === undefined ? undefined : assignAddress(slot, this.#reserved);
    if (assigned === undefined) return undefined;
    this.#slots.set(node, assigned.slot);
    return assigned.address;
  }

  /** Never hands these addresses out: pods that are about to be loaded hold them. */
  reserve(addresses: readonly string[]): void {
    for (const address of addresses) this.#reserved.add(address);
  }

  #follow(event: StoreEvent): void {
    if (event.resource === 'nodes') this.#followNode(event);
    if (event.resource !== 'pods') return;
    if (event.previous !== undefined) this.#count(event.previous, -1);
    if (event.type !== 'DELETED') this.#count(event.object, 1);
  }

  #followNode({ type, object }: StoreEvent): void {
    const { name } = object.metadata;
    if (type === 'DELETED') {
      this.#slots.delete(name);
      return;
    }
    const fresh = nodeSlot(object, podRangeOf(this.#slots.size));
    const { pods = 0, used = new Set<string>(), last = fresh.last, base = fresh.base } = this.#slots.get(name) ?? {};
    this.#slots.set(name, { ...fresh, pods, used, last, base });
  }

  #count(pod: KubernetesObject, change: 1 | -1): void {
    if (isCompletedPod(pod)) return;
    const node = textAt(pod, 'spec', 'nodeName') ?? '';
    const addresses = usesHostNetwork(pod) ? [] : podAddresses(pod);
    for (const address of addresses) this.#hold(address, change);
    const slot = this.#slots.get(node);
    if (slot === undefined) return;
    if (change === 1) {
      this.#slots.set(node, addresses.reduce<NodeSlot>(withAddress, withPod(slot)));
      return;
    }
    const [first, ...rest] = addresses.filter((address) => !this.#holders.has(address));
    const freed = withoutPod(slot, first);
    this.#slots.set(
      node,
      rest.reduce<NodeSlot>((current, address) => withPod(withoutPod(current, address)), freed),
    );
  }

  #hold(address: string, change: 1 | -1): void {
    const holders = (this.#holders.get(address) ?? 0) + change;
    if (holders > 0) {
      this.#holders.set(address, holders);
      this.#reserved.add(address);
    } else {
      this.#holders.delete(address);
      this.#reserved.delete(address);
    }
  }
}
