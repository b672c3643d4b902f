import type { PodView } from '#model/kubernetes';
import type { PodKey } from '#model/policy';
import type { Dirty } from './dirty.js';
import { FAMILY_BIT, type FamilyMask } from './family-mask.js';
import { type BlockSet, type NamedPorts, namedPortKey, type PodEntry, type Shape } from './parties.js';
import type { ShapeSource } from './policy-table.js';

/** Whether policy applies to the pod: it has its own address and is not finished (policy.md N1, N2). */
export const isPolicyEndpoint = (pod: PodView): boolean =>
  !pod.hostNetwork && !pod.completed && pod.addresses.length > 0;

/** The policy endpoints by key, and their shapes. */
export class PodTable implements ShapeSource {
  readonly pods = new Map<PodKey, PodEntry>();
  readonly #shapes = new Map<string, Shape>();
  readonly #byNamespace = new Map<string, Set<Shape>>();
  readonly #byPortName = new Map<string, Set<Shape>>();
  readonly #dirty: Dirty;
  readonly #families = { 4: 0, 6: 0 };

  constructor(dirty: Dirty) {
    this.#dirty = dirty;
  }

  inNamespace(name: string): Iterable<Shape> {
    return this.#byNamespace.get(name) ?? [];
  }

  /** Whether the namespace has pods. */
  hasNamespace(name: string): boolean {
    return this.#byNamespace.has(name);
  }

  declaring(portName: string): Iterable<Shape> {
    return this.#byPortName.get(portName) ?? [];
  }

  /** Whether some pod has an address of the family. */
  has(family: 4 | 6): boolean {
    return this.#families[family] > 0;
  }

  /** Adds the pod, or takes in its newer view. Gives the entry that the pod had when it has another one now. */
  put(key: PodKey, view: PodView, blocks: Readonly<Record<4 | 6, BlockSet>>): PodEntry | undefined {
    const shape = this.#shapeOf(view);
    const before = this.pods.get(key);
    if (before?.shape === shape && before.blocks[4] === blocks[4] && before.blocks[6] === blocks[6]) {
      before.view = view;
      return undefined;
    }
    const entry: PodEntry = { key, view, shape, blocks, party: undefined };
    shape.pods.add(entry);
    this.#count(shape.families, 1);
    this.take(key);
    this.pods.set(key, entry);
    this.#dirty.pods.add(entry);
    return before;
  }

  /** Takes the pod out; gives its entry. */
  take(key: PodKey): PodEntry | undefined {
    const entry = this.pods.get(key);
    if (entry === undefined) return undefined;
    this.pods.delete(key);
    const { shape } = entry;
    shape.pods.delete(entry);
    this.#count(shape.families, -1);
    this.#dirty.pods.delete(entry);
    if (shape.pods.size === 0) this.#forget(shape);
    return entry;
  }

  #count(families: FamilyMask, by: number): void {
    for (const family of [4, 6] as const) if ((families & FAMILY_BIT[family]) !== 0) this.#families[family] += by;
  }

  #shapeOf(view: PodView): Shape {
    const families = view.addresses.reduce((mask: FamilyMask, { family }) => mask | FAMILY_BIT[family], 0);
    const ports = portsOf(view);
    const key = shapeKey(view, families, ports);
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const shape: Shape = {
      key,
      namespace: view.namespace,
      labels: view.labels,
      families,
      workload: view.workload,
      ports,
      pods: new Set(),
      subjects: [],
      atoms: [],
      mentionedPorts: NO_PORTS,
      signature: '',
      single: false,
    };
    this.#shapes.set(key, shape);
    addTo(this.#byNamespace, shape.namespace, shape);
    for (const name of ports.keys()) addTo(this.#byPortName, name, shape);
    this.#dirty.shapes.add(shape);
    return shape;
  }

  #forget(shape: Shape): void {
    this.#shapes.delete(shape.key);
    deleteFrom(this.#byNamespace, shape.namespace, shape);
    for (const name of shape.ports.keys()) deleteFrom(this.#byPortName, name, shape);
    for (const policy of shape.subjects) policy.shapes.delete(shape);
    this.#dirty.shapes.delete(shape);
    this.#dirty.namespaces.add(shape.namespace);
  }
}

/** Numbers of the pod's named ports, by {@link namedPortKey}. */
function portsOf(view: PodView): NamedPorts {
  if (view.namedPorts.length === 0) return NO_PORTS;
  const ports = new Map<string, Set<number>>();
  for (const port of view.namedPorts) {
    const key = namedPortKey(port);
    ports.set(key, (ports.get(key) ?? new Set()).add(port.port));
  }
  const sorted = [...ports].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([key, numbers]) => [key, [...numbers].sort((a, b) => a - b)]));
}

/** No ports. */
export const NO_PORTS: NamedPorts = new Map();

function shapeKey(view: PodView, families: FamilyMask, ports: NamedPorts): string {
  let text = `${view.namespace}\n${families}\n${view.workload ?? ''}`;
  for (const label of sortedKeys(view.labels)) text += `\n${label}=${view.labels[label]}`;
  for (const [name, numbers] of ports) text += `\n:${name}=${numbers.join()}`;
  return text;
}

/** An API server writes labels in order: there is mostly nothing to sort. */
function sortedKeys(labels: PodView['labels']): readonly string[] {
  const keys = Object.keys(labels);
  return keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key) ? keys : keys.sort();
}

function addTo<Key, Item>(index: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = index.get(key);
  if (items === undefined) index.set(key, new Set([item]));
  else items.add(item);
}

function deleteFrom<Key, Item>(index: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = index.get(key);
  items?.delete(item);
  if (items?.size === 0) index.delete(key);
}
