import { type Attributes, childDn, classRow, isKindOf, type RelationSpec } from '#model/aci';
import type { Change, StoredObject, Transaction } from '../tree/index.js';
import { nameProperty, resolveRelation, searchSpaces, targetDn } from './relation-target.js';

/** The forward relation that objects of the class are, if they are one. */
export function forwardRelation(className: string): RelationSpec | undefined {
  const relation = classRow(className)?.relation;
  return relation?.type === 'named' || relation?.type === 'explicit' ? relation : undefined;
}

/**
 * Keeps every relation's `tDn`, `tCl`, `state` and `stateQual`, and the back relations below the targets, true
 * (apic-protocol.md §6.3). Each relation watches the Dns that could become its target, so that a change costs as much
 * as the relations it concerns.
 */
export class Relations {
  /** Relations by the Dns at which their target is, or could appear. */
  readonly #watchers = new Map<string, Map<string, StoredObject>>();

  /** Brings the relations that the transaction's changes concern up to date, within the same transaction. */
  settle(transaction: Transaction): void {
    const concerned = new Map<string, StoredObject>();
    for (const change of transaction.changes()) this.#note(transaction, change, concerned);
    for (const relation of concerned.values()) this.#resolve(transaction, relation);
  }

  #note(transaction: Transaction, change: Change, concerned: Map<string, StoredObject>): void {
    const { object } = change;
    const relation = forwardRelation(object.className);
    if (relation !== undefined) {
      this.#rewatch(transaction, change, relation);
      if (change.kind === 'deleted') removeBackRelation(transaction, object, change.before);
      else concerned.set(object.dn, object);
    }
    if (change.kind === 'modified' && !change.recreated) return;
    for (const watcher of this.#watchers.get(object.dn)?.values() ?? []) concerned.set(watcher.dn, watcher);
  }

  #resolve(transaction: Transaction, object: StoredObject): void {
    const relation = forwardRelation(object.className);
    if (relation === undefined || transaction.store.get(object.dn) !== object) return;
    const before = transaction.before(object.dn);
    const resolution = resolveRelation(transaction.store, object, relation);
    transaction.update(object, resolution.attributes);
    if (before !== undefined && before.tDn !== resolution.tDn) removeBackRelation(transaction, object, before);
    if (resolution.attributes.state === 'formed') addBackRelation(transaction, object, resolution.tDn);
  }

  #rewatch(transaction: Transaction, change: Change, relation: RelationSpec): void {
    const { object } = change;
    const before = change.kind === 'created' ? undefined : change.before;
    const after = change.kind === 'deleted' ? undefined : change.after;
    if (before !== undefined) this.#unwatch(object, relation, before);
    if (after !== undefined) this.#watch(object, relation, after);
    transaction.onRollback(() => {
      if (after !== undefined) this.#unwatch(object, relation, after);
      if (before !== undefined) this.#watch(object, relation, before);
    });
  }

  #watch(object: StoredObject, relation: RelationSpec, attributes: Attributes): void {
    for (const dn of possibleTargets(object, relation, attributes)) {
      const watchers = this.#watchers.get(dn);
      if (watchers === undefined) this.#watchers.set(dn, new Map([[object.dn, object]]));
      else watchers.set(object.dn, object);
    }
  }

  #unwatch(object: StoredObject, relation: RelationSpec, attributes: Attributes): void {
    for (const dn of possibleTargets(object, relation, attributes)) {
      const watchers = this.#watchers.get(dn);
      watchers?.delete(object.dn);
      if (watchers?.size === 0) this.#watchers.delete(dn);
    }
  }
}

/** Dns at which an object, if there was one, would be the relation's target. */
function possibleTargets(object: StoredObject, relation: RelationSpec, attributes: Attributes): readonly string[] {
  if (relation.type === 'explicit') return [attributes.tDn ?? ''];
  const property = nameProperty(object.className);
  const name = property === undefined ? '' : (attributes[property] ?? '');
  const spaces = searchSpaces(object.dn, relation.to);
  const named = name === '' ? [] : spaces.map((space) => targetDn(space, relation.to, name));
  const fallback = relation.many ? [] : [targetDn(spaces.at(-1) ?? '', relation.to, 'default')];
  return [...named, ...fallback].filter((dn) => dn !== undefined);
}

/** `uni/tn-common/BD-default` + fvRsBd of an EPG → its fvRtBd's RN; undefined when the model has no back relation. */
function backRelationRn(relationObject: StoredObject): { readonly className: string; readonly rn: string } | undefined {
  const className = classRow(relationObject.className)?.relation?.reverse;
  const row = className === undefined ? undefined : classRow(className);
  const owner = relationObject.parent;
  if (className === undefined || row === undefined || owner === undefined) return undefined;
  return { className, rn: row.rn.replace(/\{\w+\}/, () => owner.dn) };
}

function addBackRelation(transaction: Transaction, relationObject: StoredObject, tDn: string): void {
  const back = backRelationRn(relationObject);
  const target = transaction.store.get(tDn);
  const owner = relationObject.parent;
  if (back === undefined || target === undefined || owner === undefined) return;
  if (!classRow(back.className)?.in.some((name) => isKindOf(target.className, name))) return;
  if (target.children.has(back.rn)) return;
  transaction.create(back.className, target, back.rn, { tDn: owner.dn, tCl: owner.className });
}

function removeBackRelation(transaction: Transaction, relationObject: StoredObject, before: Attributes): void {
  const back = backRelationRn(relationObject);
  if (back === undefined || before.tDn === undefined) return;
  const object = transaction.store.get(childDn(before.tDn, back.rn));
  if (object !== undefined) transaction.remove(object);
}
