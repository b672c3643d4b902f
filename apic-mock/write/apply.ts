import { type Attributes, classRow, propertySpec } from '#model/aci';
import {
  alreadyExists,
  cannotBeDeleted,
  configuredObjectNotFound,
  createOnlyProperty,
  implicitProperty,
} from '../apic-error.js';
import { defaultAttributes, type StoredObject, type Transaction } from '../tree/index.js';
import { isConfigurable } from './attribute-check.js';
import { surplusChildren } from './child-action.js';
import { withFollowed } from './followed-values.js';
import { createImplicitChildren, implicitChildClasses, MADE_BY_APIC } from './implicit-children.js';
import { checkRules } from './rules.js';
import type { Authority, WriteNode } from './write-node.js';

/**
 * Does to the store what a placed request asks for, object by object, parents first (apic-protocol.md §3.2). Throws
 * {@link ApicError}; the caller then takes the transaction back as a whole.
 */
export function applyNode(transaction: Transaction, node: WriteNode, authority: Authority): void {
  const existing = transaction.store.get(node.dn);
  if (node.status === 'deleted') {
    if (existing !== undefined) deleteObject(transaction, existing, authority);
    return;
  }
  const object =
    existing === undefined ? create(transaction, node, authority) : modify(transaction, existing, node, authority);
  for (const surplus of surplusChildren(object, node.childAction, node.children)) {
    deleteObject(transaction, surplus, authority);
  }
  for (const child of node.children) applyNode(transaction, child, authority);
  if (authority === 'user') checkRules(object);
}

function create(transaction: Transaction, node: WriteNode, authority: Authority): StoredObject {
  if (node.status === 'modified') throw configuredObjectNotFound(node.dn);
  if (authority === 'user') requireCreatable(node);
  const parent = node.parentDn === '' ? undefined : transaction.store.get(node.parentDn);
  if (parent === undefined && node.parentDn !== '') throw configuredObjectNotFound(node.parentDn);
  const object = transaction.create(
    node.className,
    parent,
    node.rn,
    withFollowed(node.className, node.values, undefined),
  );
  createImplicitChildren(transaction, object);
  return object;
}

function requireCreatable(node: WriteNode): void {
  const isNever = classRow(node.className)?.creatable === 'never';
  const isImplicit = implicitChildClasses(node.parentClass).includes(node.className);
  if (!isConfigurable(node.className) || (isNever && !isImplicit)) throw implicitProperty(node.className);
}

function modify(transaction: Transaction, object: StoredObject, node: WriteNode, authority: Authority): StoredObject {
  const { className } = node;
  const values = withFollowed(className, node.values, object.attributes);
  if (node.status === 'created') throw alreadyExists(classRow(className)?.label ?? className, className, object.dn);
  if (authority === 'user') requireModifiable(object, values);
  const isFirstWrite = object.attributes.uid === MADE_BY_APIC && !sameValues(object, values);
  transaction.update(object, isFirstWrite ? { uid: transaction.uid, ...values } : values);
  return object;
}

const sameValues = (object: StoredObject, values: Attributes): boolean =>
  Object.entries(values).every(([property, value]) => object.attributes[property] === value);

function requireModifiable(object: StoredObject, values: Attributes): void {
  const { className, attributes } = object;
  const changed = Object.keys(values).filter((property) => attributes[property] !== values[property]);
  if (changed.length === 0) return;
  if (!isConfigurable(className)) throw implicitProperty(className);
  const fixed = changed.find((property) => propertySpec(className, property)?.createOnly === true);
  if (fixed !== undefined) throw createOnlyProperty(className, fixed);
}

/**
 * Deletes an object with all below it. What the APIC makes with its parent is set back to its defaults instead; what
 * lives as long as the APIC cannot be deleted (apic-protocol.md §3.2). The fabric itself may delete anything.
 */
export function deleteObject(transaction: Transaction, object: StoredObject, authority: Authority): void {
  const row = classRow(object.className);
  const isOurs = row?.creatable !== 'never' && isConfigurable(object.className);
  if (authority === 'system' || isOurs) {
    transaction.remove(object);
    return;
  }
  const parentClass = object.parent?.className ?? '';
  if (!implicitChildClasses(parentClass).includes(object.className)) {
    throw cannotBeDeleted(row?.label ?? object.className, object.dn);
  }
  transaction.update(object, configurableDefaults(object.className));
}

function configurableDefaults(className: string): Attributes {
  const writable = Object.entries(defaultAttributes(className)).filter(([property]) => {
    const spec = propertySpec(className, property);
    return spec?.readonly !== true && spec?.createOnly !== true;
  });
  return Object.fromEntries(writable);
}
