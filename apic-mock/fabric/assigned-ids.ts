import type { Attributes } from '#model/aci';
import {
  type Change,
  childOfClass,
  IdPool,
  isLost,
  type ObjectStore,
  type StoredObject,
  type Transaction,
} from '../tree/index.js';
import { isGuest } from '../zoning/index.js';
import { possibleGuests } from './guests.js';

/** First numbers of the ranges that an APIC hands out (apic-protocol.md §6.4; ranges are inferred there). */
const FIRST_VRF_VNID = 2_097_152;
const FIRST_BD_VNID = 14_680_064;
const FIRST_LOCAL_TAG = 16_386;
/** Groups by selector, and guests in other VRFs, have numbers that all VRFs share (policy.md A1). */
const FIRST_GLOBAL_TAG = 16;

/** The relation of a group that leads toward its VRF. */
const WAY_TO_VRF: Readonly<Record<string, string>> = { fvBD: 'fvRsCtx', fvAEPg: 'fvRsBd', fvESg: 'fvRsScope' };

/** VRFs first, then bridge domains, then what lives in them: each takes its scope from the one before. */
const RANK: Readonly<Record<string, number>> = { fvCtx: 0, fvBD: 1, fvAEPg: 2, fvESg: 2, l3extInstP: 2 };

/**
 * Assigns `pcTag`, `scope`, `seg` and `bcastP`, and says `configSt: applied`, the way an APIC does: a moment after the
 * write, so that a `modified` event follows the `created` one (apic-protocol.md §6.4, §5.2).
 */
export class AssignedIds {
  readonly #vrfVnids = new IdPool(FIRST_VRF_VNID);
  readonly #bdVnids = new IdPool(FIRST_BD_VNID);
  readonly #multicast = new IdPool(1);
  /** Group numbers are unique within a VRF: one pool per scope. */
  readonly #tags = new Map<string, IdPool>();
  readonly #globalTags = new IdPool(FIRST_GLOBAL_TAG);

  /** Numbers what the changes of a committed transaction concern, in a transaction of its own. */
  follow(changes: readonly Change[], transaction: Transaction): void {
    for (const change of changes) if (isLost(change)) this.#giveBack(change.object, change.before);
    const concerned = concernedBy(changes, transaction.store);
    for (const object of concerned) this.#assign(object, transaction);
    const moved = concerned
      .filter((object) => object.className === 'fvBD')
      .flatMap((bd) => [...groupsOf(bd, transaction.store)]);
    for (const object of moved) this.#assign(object, transaction);
    const guests = possibleGuests([...changes, ...transaction.changes()], transaction.store);
    for (const object of guests) this.#assign(object, transaction);
  }

  #assign(object: StoredObject, transaction: Transaction): void {
    switch (object.className) {
      case 'fvCtx':
        transaction.update(object, this.#vrfNumbers(object.attributes));
        break;
      case 'fvBD':
        transaction.update(object, this.#bdNumbers(object, transaction.store));
        break;
      case 'fvESg':
        transaction.update(object, this.#globalNumbers(object, transaction.store));
        break;
      default:
        transaction.update(object, this.#groupNumbers(object, transaction.store));
    }
  }

  #vrfNumbers(attributes: Attributes): Attributes {
    const vnid = isSet(attributes.scope) ? kept(this.#vrfVnids, attributes.scope) : String(this.#vrfVnids.take());
    return { scope: vnid, seg: vnid, pcTag: this.#tagIn(vnid, attributes) };
  }

  #bdNumbers(object: StoredObject, store: ObjectStore): Attributes {
    const { attributes } = object;
    const scope = scopeOf(object, store);
    return {
      scope,
      pcTag: this.#tagIn(scope, attributes),
      seg: isSet(attributes.seg) ? kept(this.#bdVnids, attributes.seg) : String(this.#bdVnids.take()),
      bcastP: isSet(attributes.bcastP) ? attributes.bcastP : multicastAddress(this.#multicast.take()),
    };
  }

  /** A group that is a guest in another VRF has a number that is unique everywhere, as long as it is one (a guess). */
  #groupNumbers(object: StoredObject, store: ObjectStore): Attributes {
    if (isGuest(store, object)) return this.#globalNumbers(object, store);
    const scope = scopeOf(object, store);
    return { scope, pcTag: this.#tagIn(scope, object.attributes), configSt: 'applied' };
  }

  #globalNumbers(object: StoredObject, store: ObjectStore): Attributes {
    return { scope: scopeOf(object, store), pcTag: this.#globalTag(object.attributes), configSt: 'applied' };
  }

  #globalTag({ pcTag, scope = '0' }: Attributes): string {
    if (isSet(pcTag) && isGlobal(pcTag)) return kept(this.#globalTags, pcTag);
    if (isSet(pcTag)) this.#pool(scope).giveBack(Number(pcTag));
    return String(this.#globalTags.take());
  }

  /** The tag that the object has already in this scope, else a new one. */
  #tagIn(scope: string, attributes: Attributes): string {
    const { pcTag, scope: before = '0' } = attributes;
    if (isSet(pcTag) && before === scope && !isGlobal(pcTag)) return kept(this.#pool(scope), pcTag);
    if (isSet(pcTag)) this.#poolOf(before, pcTag).giveBack(Number(pcTag));
    return String(this.#pool(scope).take());
  }

  #giveBack(object: StoredObject, before: Attributes): void {
    if (RANK[object.className] === undefined) return;
    const { pcTag, scope, seg } = before;
    if (isSet(pcTag)) this.#poolOf(scope ?? '0', pcTag).giveBack(Number(pcTag));
    if (object.className === 'fvCtx' && isSet(seg)) this.#vrfVnids.giveBack(Number(seg));
    if (object.className === 'fvBD' && isSet(seg)) this.#bdVnids.giveBack(Number(seg));
  }

  #poolOf(scope: string, pcTag: string): IdPool {
    return isGlobal(pcTag) ? this.#globalTags : this.#pool(scope);
  }

  #pool(scope: string): IdPool {
    const known = this.#tags.get(scope);
    if (known !== undefined) return known;
    const pool = new IdPool(FIRST_LOCAL_TAG);
    this.#tags.set(scope, pool);
    return pool;
  }
}

/** A number that the object has already: it must not be handed out again. */
function kept(pool: IdPool, id: string): string {
  pool.reserve(Number(id));
  return id;
}

const isGlobal = (pcTag: string): boolean => Number(pcTag) < FIRST_LOCAL_TAG;

const isSet = (value: string | undefined): value is string =>
  value !== undefined && value !== '' && value !== '0' && value !== 'any';

/** A bridge domain's flood address: the last octet leaves room for the trees of the multicast group. */
const multicastAddress = (number: number): string => {
  const value = number * 16;
  return `225.${(value >> 16) & 0xff}.${(value >> 8) & 0xff}.${value & 0xff}`;
};

/** Objects with numbers that the changes made or moved, in the order in which they must be numbered. */
function concernedBy(changes: readonly Change[], store: ObjectStore): readonly StoredObject[] {
  const concerned = new Set<StoredObject>();
  for (const { kind, object } of changes) {
    if (kind === 'deleted') continue;
    if (RANK[object.className] !== undefined) concerned.add(object);
    const owner = object.parent;
    if (owner === undefined) continue;
    if (WAY_TO_VRF[owner.className] === object.className) concerned.add(owner);
    if (object.className === 'l3extRsEctx') {
      for (const child of owner.children.values()) if (child.className === 'l3extInstP') concerned.add(child);
    }
  }
  const alive = [...concerned].filter((object) => store.get(object.dn) === object);
  return alive.sort((a, b) => (RANK[a.className] ?? 0) - (RANK[b.className] ?? 0));
}

/** EPGs of a bridge domain, by its back relations. */
function* groupsOf(bd: StoredObject, store: ObjectStore): Generator<StoredObject> {
  for (const child of bd.children.values()) {
    if (child.className !== 'fvRtBd') continue;
    const group = store.get(child.attributes.tDn ?? '');
    if (group !== undefined) yield group;
  }
}

/** Scope of the VRF that an object belongs to; `0` while a relation on the way is not formed. */
function scopeOf(object: StoredObject, store: ObjectStore): string {
  const holder = object.className === 'l3extInstP' ? object.parent : object;
  if (holder === undefined) return '0';
  const way = object.className === 'l3extInstP' ? 'l3extRsEctx' : (WAY_TO_VRF[object.className] ?? '');
  const relation = childOfClass(holder, way);
  const target = relation?.attributes.state === 'formed' ? store.get(relation.attributes.tDn ?? '') : undefined;
  return target?.attributes.scope ?? '0';
}
