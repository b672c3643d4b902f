import { formatAddress, parseAddress } from '../net/index.js';
import { fieldAt, listAt, textAt } from './fields.js';
import type { KubernetesObject } from './object.js';

/** Where pods can run: one node, its range of pod addresses and what already lies on it. */
export interface NodeSlot {
  readonly name: string;
  /** `InternalIP` of the node. */
  readonly address: string;
  /** First address of the node's /24, e.g. `10.244.0.0`. */
  readonly base: string;
  readonly schedulable: boolean;
  /** Pods on the node that have not completed. */
  readonly pods: number;
  readonly used: ReadonlySet<string>;
  /** Host number that was handed out last: an address that was just given back is not handed out again at once. */
  readonly last: number;
}

/** Host numbers for pods: .0 is the network, .1 the node's bridge, .255 the broadcast address. */
const FIRST_HOST = 2;
const LAST_HOST = 254;

/** The pod range of node number `index` in a cluster with the range 10.244.0.0/16. */
export function podRangeOf(index: number): string {
  const value = parseAddress('10.244.0.0').value + BigInt(index) * 256n;
  return `${formatAddress({ family: 4, value })}/24`;
}

/** An empty slot of a Node object; `range` is used where the Node has no `spec.podCIDR`. */
export function nodeSlot(node: KubernetesObject, range: string): NodeSlot {
  const addresses = listAt(node, 'status', 'addresses');
  const internal = addresses.find((address) => textAt(address, 'type') === 'InternalIP');
  return {
    name: node.metadata.name,
    address: textAt(internal, 'address') ?? '',
    base: (textAt(node, 'spec', 'podCIDR') ?? range).replace(/\/\d+$/, ''),
    schedulable: fieldAt(node, 'spec', 'unschedulable') !== true,
    pods: 0,
    used: new Set(),
    last: FIRST_HOST - 1,
  };
}

/** The node for a pod without one: the least loaded that may take pods, the first of equals; undefined when none may. */
export function chooseNode(slots: readonly NodeSlot[]): string | undefined {
  let best: NodeSlot | undefined;
  for (const slot of slots) {
    if (!slot.schedulable || nextHost(slot, new Set()) === undefined) continue;
    if (best === undefined || slot.pods < best.pods) best = slot;
  }
  return best?.name;
}

/** A pod counted on its node. */
export const withPod = (slot: NodeSlot): NodeSlot => ({ ...slot, pods: slot.pods + 1 });

/** A slot with an address marked as held. */
export const withAddress = (slot: NodeSlot, address: string): NodeSlot => ({
  ...slot,
  used: new Set(slot.used).add(address),
});

/** A slot after a pod has gone: its address is free again. */
export function withoutPod(slot: NodeSlot, address: string | undefined): NodeSlot {
  const used = new Set(slot.used);
  if (address !== undefined) used.delete(address);
  return { ...slot, pods: Math.max(0, slot.pods - 1), used };
}

/**
 * The next free pod address of a node, and the slot that holds it; undefined when the /24 is full. `reserved` are
 * addresses that pods hold elsewhere.
 */
export function assignAddress(
  slot: NodeSlot,
  reserved: ReadonlySet<string>,
): { readonly slot: NodeSlot; readonly address: string } | undefined {
  const host = nextHost(slot, reserved);
  if (host === undefined) return undefined;
  const address = hostAddress(slot, host);
  return { slot: { ...withAddress(slot, address), last: host }, address };
}

function nextHost(slot: NodeSlot, reserved: ReadonlySet<string>): number | undefined {
  const size = LAST_HOST - FIRST_HOST + 1;
  for (let step = 1; step <= size; step += 1) {
    const host = FIRST_HOST + ((slot.last - FIRST_HOST + step) % size);
    const address = hostAddress(slot, host);
    if (!slot.used.has(address) && !reserved.has(address)) return host;
  }
  return undefined;
}

const hostAddress = (slot: NodeSlot, host: number): string => {
  const cut = slot.base.lastIndexOf('.');
  return `${slot.base.slice(0, cut)}.${host}`;
};
