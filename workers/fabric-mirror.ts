import { type Change, canonicalObject, DnTree, FAULT_CLASSES, type ObjectMap } from '#fabric';
import type { FlatObject } from '#model/aci';
import { isWithin } from '#model/aci';
import type { FabricChange, FabricSink, Logger } from '#ports';

/** The fabric's objects that matter to us, canonical, kept up to date by websocket events and by our own writes. */
export class FabricMirror implements FabricSink {
  #objects = new Map<string, FlatObject>();
  #tree = new DnTree();
  /** Dns that changed since somebody asked; undefined when everything may have. */
  #changedDns: Set<string> | undefined;
  /** Faults are no configuration: they change nothing that is planned, and are kept apart. */
  #faults = new Map<string, FlatObject>();
  #trusted = false;
  #version = 0;
  #trouble: string | undefined = 'not listed yet';
  readonly #changed: () => void;
  readonly #log: Logger;

  /** @param changed called after every change that the fabric reported. */
  constructor(changed: () => void, log: Logger) {
    this.#changed = changed;
    this.#log = log;
  }

  /** Objects by Dn. Read at once: the map changes in place. */
  get objects(): ObjectMap {
    return this.#objects;
  }

  /** Faults on these objects by Dn. Read at once: the map changes in place. */
  get faults(): ObjectMap {
    return this.#faults;
  }

  /** Whether the picture is complete and its subscriptions live. Nothing is planned against one that is not. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Counts changes: equal versions are equal contents. */
  get version(): number {
    return this.#version;
  }

  /** Why the picture cannot be trusted, in words; undefined when it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Dns of objects that came, went or changed since the last call; undefined when all may have, as after a new list. */
  takeChanged(): ReadonlySet<string> | undefined {
    const changed = this.#changedDns;
    this.#changedDns = new Set();
    return changed;
  }

  replaced(objects: readonly FlatObject[]): void {
    const byDn = (some: readonly FlatObject[]): Map<string, FlatObject> =>
      new Map(some.map((object) => [object.dn, canonicalObject(object)]));
    this.#objects = byDn(objects.filter(({ className }) => !FAULT_CLASSES.has(className)));
    this.#faults = byDn(objects.filter(({ className }) => FAULT_CLASSES.has(className)));
    this.#tree = new DnTree();
    for (const dn of this.#objects.keys()) this.#tree.add(dn);
    this.#changedDns = undefined;
    this.#trusted = true;
    this.#trouble = undefined;
    this.#log.info({ objects: objects.length }, 'listed the fabric');
    this.#bump();
  }

  changed(change: FabricChange): void {
    if (FAULT_CLASSES.has(change.className)) {
      if (change.kind === 'deleted') this.#faults.delete(change.dn);
      else merge(this.#faults, change);
      return;
    }
    if (change.kind === 'deleted') {
      if (this.#remove(change.dn)) this.#bump();
      return;
    }
    if (this.#merge(change)) this.#bump();
  }

  lost(reason: string): void {
    this.#trusted = false;
    if (this.#trouble !== reason) this.#log.warn({ reason }, 'lost the picture of the fabric');
    this.#trouble = reason;
  }

  /** Notes what the APIC accepted, before its events confirm it. */
  applied(changes: readonly Change[]): void {
    for (const { kind, object } of changes) {
      if (kind === 'delete') this.#remove(object.dn);
      else this.#merge(object);
    }
    this.#version += 1;
  }

  #merge(object: FlatObject): boolean {
    const isNews = merge(this.#objects, object);
    if (isNews) {
      this.#tree.add(object.dn);
      this.#changedDns?.add(object.dn);
    }
    return isNews;
  }

  /** Removes an object and everything below it; whether there was anything. */
  #remove(dn: string): boolean {
    const gone = [dn, ...this.#tree.below(dn)].filter((other) => this.#objects.delete(other));
    for (const other of gone) {
      this.#tree.remove(other, this.#isThere);
      this.#changedDns?.add(other);
    }
    for (const fault of this.#faults.keys()) if (isWithin(fault, dn)) this.#faults.delete(fault);
    return gone.length > 0;
  }

  readonly #isThere = (dn: string): boolean => this.#objects.has(dn);

  #bump(): void {
    this.#version += 1;
    this.#changed();
  }
}

/** Takes what a change tells into the map; whether anything is different. */
function merge(map: Map<string, FlatObject>, { className, dn, attributes }: FlatObject): boolean {
  const known = map.get(dn);
  const merged = canonicalObject({ className, dn, attributes: { ...known?.attributes, ...attributes } });
  map.set(dn, merged);
  return (
    known === undefined || Object.entries(merged.attributes).some(([key, value]) => known.attributes[key] !== value)
  );
}
