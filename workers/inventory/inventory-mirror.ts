import { inventoryAttributes } from '#mappers';
import { type FlatObject, isWithin, splitDn } from '#model/aci';
import type { FabricChange, FabricSink, Logger } from '#ports';

/** What a mirror keeps, and whom it tells. */
export interface InventoryMirrorOptions {
  /** Whether an object is kept; `holder` is the Dn of the group, bridge domain or other object that it belongs to. */
  readonly keeps: (object: FlatObject, holder: string) => boolean;
  /** Called after every change of what is kept, and when the picture is lost or complete again. */
  readonly changed: () => void;
  readonly log: Logger;
}

/** Steps of a Dn that name a group: `uni`, the tenant, a profile or L3Out, the group. */
const GROUP_STEPS = 4;

/**
 * What the inventory needs of the fabric: selected groups, endpoints and how they do, with the few attributes that are read,
 * kept up to date by a watch of its own. Kept by the group that it belongs to, so that a change costs what its group holds.
 */
export class InventoryMirror implements FabricSink {
  readonly #options: InventoryMirrorOptions;
  #holders = new Map<string, Map<string, FlatObject>>();
  #changed = new Set<string>();
  #trusted = false;
  #trouble: string | undefined = 'not listed yet';

  constructor(options: InventoryMirrorOptions) {
    this.#options = options;
  }

  /** Whether the picture is complete and its subscriptions live. Nothing is deleted by one that is not. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Why the picture cannot be trusted, in words; undefined when it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Number of objects that are kept. */
  get size(): number {
    let size = 0;
    for (const held of this.#holders.values()) size += held.size;
    return size;
  }

  /** Dns of groups and of other objects that something is kept of. */
  holders(): Iterable<string> {
    return this.#holders.keys();
  }

  /** The objects at and below a holder, by Dn. Read at once: they change in place. */
  heldBy(holder: string): ReadonlyMap<string, FlatObject> {
    return this.#holders.get(holder) ?? NOTHING;
  }

  /** Holders that changed since the last time that somebody asked. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  replaced(objects: readonly FlatObject[]): void {
    const before = this.#holders;
    this.#holders = new Map();
    for (const object of objects) this.#put(object);
    for (const holder of new Set([...before.keys(), ...this.#holders.keys()])) {
      if (!isSame(before.get(holder), this.#holders.get(holder))) this.#changed.add(holder);
    }
    this.#trusted = true;
    this.#trouble = undefined;
    this.#options.log.info({ kept: this.size }, 'listed the inventory of the fabric');
    this.#options.changed();
  }

  changed(change: FabricChange): void {
    const { kind, dn } = change;
    const isNew = kind === 'deleted' ? this.#remove(dn) : this.#put(change);
    if (isNew && kind !== 'deleted') this.#changed.add(holderOf(dn));
    if (isNew) this.#options.changed();
  }

  lost(reason: string): void {
    this.#trusted = false;
    // Whoever follows the fabric says the same at the same time; a loss that lasts is said by whoever misses it.
    if (this.#trouble !== reason) this.#options.log.debug({ reason }, 'lost the inventory of the fabric');
    this.#trouble = reason;
    this.#options.changed();
  }

  /** Takes an object in, or what a change says of it; whether anything is different. */
  #put({ className, dn, attributes }: FlatObject): boolean {
    const holder = holderOf(dn);
    const held = this.#holders.get(holder);
    const known = held?.get(dn);
    const next = { ...known?.attributes, ...inventoryAttributes(className, attributes) };
    const object = { className, dn, attributes: next };
    if (!this.#options.keeps(object, holder)) return false;
    if (known !== undefined && isSameText(known.attributes, next)) return false;
    if (held === undefined) this.#holders.set(holder, new Map([[dn, object]]));
    else held.set(dn, object);
    return true;
  }

  /** Removes an object and everything below it; whether there was anything. */
  #remove(dn: string): boolean {
    const holder = holderOf(dn);
    if (holder !== dn && splitDn(dn).length > splitDn(holder).length) return this.#removeFrom(holder, dn);
    let removed = false;
    for (const other of this.#holders.keys()) {
      if (!isWithin(other, dn)) continue;
      this.#holders.delete(other);
      this.#changed.add(other);
      removed = true;
    }
    return removed;
  }

  #removeFrom(holder: string, dn: string): boolean {
    const held = this.#holders.get(holder);
    if (held === undefined) return false;
    let removed = false;
    for (const other of held.keys()) if (isWithin(other, dn)) removed = held.delete(other) || removed;
    if (held.size === 0) this.#holders.delete(holder);
    if (removed) this.#changed.add(holder);
    return removed;
  }
}

const NOTHING: ReadonlyMap<string, FlatObject> = new Map();

/** The group that an object belongs to; of what is in none, the object below the tenant. */
function holderOf(dn: string): string {
  const steps = splitDn(dn);
  const isGroup = /^(?:epg|esg|instP)-/.test(steps[GROUP_STEPS - 1] ?? '');
  return steps.slice(0, isGroup ? GROUP_STEPS : GROUP_STEPS - 1).join('/');
}

function isSame(
  a: ReadonlyMap<string, FlatObject> | undefined,
  b: ReadonlyMap<string, FlatObject> | undefined,
): boolean {
  if (a?.size !== b?.size) return false;
  for (const [dn, { attributes }] of a ?? []) {
    const other = b?.get(dn);
    if (other === undefined || !isSameText(attributes, other.attributes)) return false;
  }
  return true;
}

const isSameText = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};
