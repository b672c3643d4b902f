import type { Attributes } from '#model/aci';
import { type Fabric, SYSTEM } from '../fabric/index.js';
import { type ObjectStore, type StoredObject, subtreeOf, type Transaction } from '../tree/index.js';
import { isZoningClass, ZONING_CLASSES } from '../zoning/index.js';

interface Saved {
  readonly className: string;
  readonly parentDn: string;
  readonly rn: string;
  readonly attributes: Attributes;
}

/** All objects of a fabric at one moment. It stays as it is, whatever happens to the fabric. */
export interface Snapshot {
  /** By Dn, parents before their children. */
  readonly objects: ReadonlyMap<string, Saved>;
  /** Attributes of the zoning rules, which follow from the objects: only their times are restored. */
  readonly rules: ReadonlyMap<string, Attributes>;
}

/** Keeps the fabric's objects as they are, but for zoning rules, which follow from the others. Costs a reference and a table entry an object: attributes are never changed in place. */
export function takeSnapshot(fabric: Fabric): Snapshot {
  fabric.settle();
  const objects = new Map<string, Saved>();
  const rules = new Map<string, Attributes>();
  for (const root of fabric.store.roots()) {
    for (const { className, dn, rn, parent, attributes } of subtreeOf(root)) {
      if (isZoningClass(className)) rules.set(dn, attributes);
      else objects.set(dn, { className, parentDn: parent?.dn ?? '', rn, attributes });
    }
  }
  return { objects, rules };
}

/** Transactions that a restore may need: the first one's consequences (back relations, numbers) may need taking back. */
const MAX_ROUNDS = 4;

/**
 * Makes the fabric equal to a snapshot, as transactions of the fabric itself: subscriptions hear of what differs, as they
 * do when an APIC rolls its configuration back. In the end times (`modTs`) are those of the snapshot, too.
 */
export function restoreSnapshot(fabric: Fabric, snapshot: Snapshot): void {
  for (let round = 0; round < MAX_ROUNDS && differs(fabric.store, snapshot); round += 1) {
    fabric.commit(SYSTEM, (transaction) => makeEqual(transaction, snapshot));
  }
  for (const [dn, saved] of snapshot.objects) {
    const object = fabric.store.get(dn);
    if (object !== undefined) fabric.store.replace(object, saved.attributes);
  }
  fabric.settle();
  for (const [dn, attributes] of snapshot.rules) {
    const object = fabric.store.get(dn);
    if (object !== undefined)
      fabric.store.replace(object, { ...object.attributes, modTs: attributes.modTs ?? 'never' });
  }
}

function differs(store: ObjectStore, { objects }: Snapshot): boolean {
  const derived = ZONING_CLASSES.reduce((sum, name) => sum + store.ofClass(name).size, 0);
  if (store.size - derived !== objects.size) return true;
  for (const [dn, saved] of objects) {
    const object = store.get(dn);
    if (object === undefined || hasOtherValues(object, saved)) return true;
  }
  return false;
}

/** Times alone are no difference: a restore would never come to rest. */
const hasOtherValues = (object: StoredObject, saved: Saved): boolean =>
  object.attributes !== saved.attributes &&
  Object.entries(saved.attributes).some(([name, value]) => name !== 'modTs' && object.attributes[name] !== value);

function makeEqual(transaction: Transaction, { objects }: Snapshot): void {
  const { store } = transaction;
  for (const root of store.roots()) {
    for (const object of subtreeOf(root)) {
      if (isZoningClass(object.className)) continue;
      if (!objects.has(object.dn) && store.get(object.dn) === object) transaction.remove(object);
    }
  }
  for (const [dn, { className, parentDn, rn, attributes }] of objects) {
    const object = store.get(dn);
    if (object === undefined) transaction.create(className, store.get(parentDn), rn, attributes);
    else if (hasOtherValues(object, { className, parentDn, rn, attributes })) transaction.update(object, attributes);
  }
}
