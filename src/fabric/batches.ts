import { classRow, type ManagedObject, namingFromRn, parentDn, resolveDn, rnOfDn, splitDn, topDn } from '#model/aci';
import type { Change } from './diff.js';
import { once } from './once.js';
import { unitOf } from './units.js';

/** One POST: a tree for the object at the Dn, applied by the APIC as one transaction. */
export interface Batch {
  readonly dn: string;
  /** Made when somebody asks: of a first plan the first batch is on its way before the last one is made. */
  readonly tree: ManagedObject;
  readonly changes: readonly Change[];
}

/**
 * Bounds of one POST: an APIC takes much more, but answers small transactions quickly (aci-model.md §6: a few hundred objects,
 * well under 1 MB). Only what must be one transaction may be larger.
 */
export interface BatchLimits {
  /** Objects in the body, the steps on the way to them among them. */
  readonly objects: number;
  /** Bytes of the body; no bound where it is left out. */
  readonly bytes?: number | undefined;
}

/** Cuts changes, in their order, into batches within the limits, never through one owned object. */
export function batchesOf(changes: readonly Change[], limits: BatchLimits): readonly Batch[] {
  const batches: Batch[] = [];
  let current = new Filling();
  const close = (): void => {
    if (current.changes.length > 0) batches.push(batchOf(commonDn(current.changes), current.changes));
    current = new Filling();
  };
  for (const unit of unitsOf(changes)) {
    let size = current.sizeOf(unit);
    if (!current.takes(unit, size, limits)) {
      close();
      size = current.sizeOf(unit);
    }
    current.add(unit, size);
  }
  close();
  return batches;
}

/** Runs of changes that must be in one POST. */
function unitsOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const units: Change[][] = [];
  let last: string | undefined;
  for (const change of changes) {
    const unit = unitOf(change);
    if (unit === last) units.at(-1)?.push(change);
    else units.push([change]);
    last = unit;
  }
  return units;
}

interface Size {
  readonly objects: number;
  readonly bytes: number;
}

/** A batch that is being filled, with the size of its body: at most that, as the steps down from the top are counted in. */
class Filling {
  readonly changes: Change[] = [];
  #objects = 0;
  #bytes = 0;
  readonly #known = new Set<string>();

  /** Whether there is room for the unit; there always is in an empty one. */
  takes(unit: readonly Change[], size: Size, { objects, bytes = Infinity }: BatchLimits): boolean {
    const [first] = this.changes;
    const [next] = unit;
    if (first === undefined || next === undefined) return true;
    // No POST spans two of them, which an old APIC refuses (apic-protocol.md §3.3).
    if (topDn(first.object.dn) !== topDn(next.object.dn)) return false;
    return this.#objects + size.objects <= objects && this.#bytes + size.bytes <= bytes;
  }

  add(unit: readonly Change[], { objects, bytes }: Size): void {
    this.#objects += objects;
    this.#bytes += bytes;
    for (const change of unit) {
      this.changes.push(change);
      this.#known.add(change.object.dn);
      for (const step of stepsTo(change.object.dn, this.#known)) this.#known.add(step);
    }
  }

  /** What the unit adds to the body. */
  sizeOf(unit: readonly Change[]): Size {
    const own = new Set(unit.map(({ object }) => object.dn));
    const steps = new Set<string>();
    let [objects, bytes] = [0, 0];
    for (const change of unit) {
      const { dn, className } = change.object;
      objects += this.#known.has(dn) ? 0 : 1;
      bytes += nodeBytes(className, attributesOf(change));
      for (const step of stepsTo(dn, this.#known)) {
        if (own.has(step) || steps.has(step)) continue;
        steps.add(step);
        objects += 1;
        bytes += nodeBytes(classOf(step), namingFromRn(classOf(step), rnOfDn(step)) ?? {});
      }
    }
    return { objects, bytes };
  }
}

/** The steps above a Dn, below `uni`, from the nearest up to one that is known: what is above that is known, too. */
function stepsTo(dn: string, known: ReadonlySet<string>): readonly string[] {
  const steps: string[] = [];
  let above = parentDn(dn);
  while (above !== undefined && above !== ROOT && !known.has(above)) {
    steps.push(above);
    above = parentDn(above);
  }
  return steps;
}

const ROOT = 'uni';

/** `{"":{"attributes":{},"children":[]}},` */
const FRAME = 38;

/** Bytes of an object in the body without its children, as JSON. */
function nodeBytes(className: string, attributes: Readonly<Record<string, string>>): number {
  let bytes = FRAME + className.length;
  for (const name in attributes) bytes += 6 + jsonBytes(name) + jsonBytes(attributes[name] ?? '');
  return bytes;
}

/** Bytes that a text takes between its quotes in JSON and UTF-8. */
function jsonBytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) bytes += charBytes(text.charCodeAt(index));
  return bytes;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** At most: half of a surrogate pair takes two bytes, one that stands alone is written as \\uXXXX. */
function charBytes(code: number): number {
  if (code < 0x20) return 6;
  if (code === QUOTE || code === BACKSLASH) return 2;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code >= 0xd800 && code < 0xe000 ? 6 : 3;
}

/** The functions of an AEP: nobody makes them by themselves, and an APIC takes no POST to what is below before they are there. */
const BARE_STEP = /^gen-/;

/** The nearest object at or above all of the changes that is there, or is made by the POST. */
function commonDn(changes: readonly Change[]): string {
  let common: readonly string[] | undefined;
  for (const { object } of changes) {
    const steps = splitDn(object.dn);
    const known: readonly string[] = common ?? steps;
    const differs = known.findIndex((step, index) => step !== steps[index]);
    common = differs === -1 ? known : known.slice(0, differs);
  }
  const steps = common ?? [];
  const bare = steps.findIndex((step) => BARE_STEP.test(step));
  return (bare === -1 ? steps : steps.slice(0, bare + 1)).join('/');
}

/** Class of the object at a Dn, as the model reads it. */
function classOf(dn: string): string {
  const resolved = resolveDn(dn);
  return (resolved.ok ? resolved.steps.at(-1)?.className : undefined) ?? '';
}

/** Makes the batch of a list of changes at or below one object. */
export function batchOf(top: string, changes: readonly Change[]): Batch {
  const tree = once(() => treeOf(top, changes));
  return {
    dn: top,
    get tree() {
      return tree();
    },
    changes,
  };
}

function treeOf(top: string, changes: readonly Change[]): ManagedObject {
  const nodes = new Map<string, MutableObject>();
  const known = changes.find(({ object }) => object.dn === top)?.object.className;
  const root = stepAt(nodes, { top, dn: top, className: known ?? classOf(top) });
  for (const change of changes) {
    const { dn, className } = change.object;
    const step = nodes.get(dn);
    if (step === undefined) place(nodes, { top, dn }, { className, attributes: attributesOf(change), children: [] });
    else step.attributes = { ...step.attributes, ...attributesOf(change) };
  }
  return root;
}

/** What a change says of its object: its name, and what is to be different. All of one that is made has its name in it. */
function attributesOf(change: Change): Readonly<Record<string, string>> {
  const { className, dn, attributes } = change.object;
  if (change.kind === 'create' && isWhole(change, change.fields)) return attributes;
  const said: Record<string, string> = { ...namingFromRn(className, rnOfDn(dn)) };
  if (change.kind === 'delete') said['status'] = 'deleted';
  else for (const field of change.fields) said[field] = attributes[field] ?? '';
  return said;
}

function isWhole({ object: { className, attributes } }: Change, fields: readonly string[]): boolean {
  if (fields.length !== Object.keys(attributes).length) return false;
  return classRow(className)?.naming.every((name) => attributes[name] !== undefined) === true;
}

interface MutableObject {
  readonly className: string;
  attributes: Readonly<Record<string, string>>;
  readonly children: MutableObject[];
}

interface Place {
  /** Dn of the topmost object of the tree. */
  readonly top: string;
  readonly dn: string;
}

/** Puts the node into the tree, with the steps above it down from the top. */
function place(nodes: Map<string, MutableObject>, { top, dn }: Place, node: MutableObject): MutableObject {
  nodes.set(dn, node);
  const parent = dn === top ? undefined : parentDn(dn);
  if (parent === undefined) return node;
  const above = nodes.get(parent) ?? stepAt(nodes, { top, dn: parent, className: classOf(parent) });
  above.children.push(node);
  return node;
}

/** Makes the node of an object that says nothing but its name. */
const stepAt = (
  nodes: Map<string, MutableObject>,
  { className, ...at }: Place & { readonly className: string },
): MutableObject =>
  place(nodes, at, { className, attributes: { ...namingFromRn(className, rnOfDn(at.dn)) }, children: [] });
