import {
  type Attributes,
  childDn,
  classRow,
  type DnStep,
  mayContain,
  namingFromRn,
  parentDn,
  resolveDn,
  rnOfDn,
  splitDn,
} from '#model/aci';
import {
  alreadyAttached,
  badRequest,
  cannotContain,
  createOnlyProperty,
  invalidDn,
  invalidRn,
  namingNotSet,
  unknownManagedClass,
} from '../apic-error.js';
import { defaultValue } from '../tree/index.js';
import { checkedAttributes } from './attribute-check.js';
import { childActionOf } from './child-action.js';
import type { RequestNode } from './request-node.js';
import { statusOf } from './status.js';
import { isAddressOrPrefix } from './value-check.js';
import type { Authority, WriteNode } from './write-node.js';

/** A Dn read against the model: the class of the object and of its parent. The root of everything has the Dn ''. */
export interface Place {
  readonly dn: string;
  readonly className: string;
}

/** The place that no object has: parent of `uni` and `topology`. */
export const ROOT: Place = { dn: '', className: 'topRoot' };

/**
 * Reads a Dn; '' is the root. Throws code 107 when the model does not allow it (apic-protocol.md §2.1), and 104 when a
 * name in it would have to be an address and is none, also in a query (tests of aci_cloud_cidr in cisco.aci).
 */
export function placeOf(dn: string): Place {
  if (dn === '') return ROOT;
  const resolved = resolveDn(dn);
  if (!resolved.ok) throw invalidDn(dn, resolved.rn, resolved.position);
  for (const step of resolved.steps) if (!hasAddresses(step)) throw invalidRn(step.rn);
  const last = resolved.steps.at(-1);
  return last === undefined ? ROOT : { dn: last.dn, className: last.className };
}

/** Whether the names that are addresses by type are addresses. */
function hasAddresses({ className, naming }: DnStep): boolean {
  for (const property of classRow(className)?.naming ?? []) {
    const isAddress = classRow(className)?.properties[property]?.type === 'ip';
    if (isAddress && !isAddressOrPrefix(naming[property] ?? '')) return false;
  }
  return true;
}

/**
 * Places the root of a request: at the Dn in its own attributes, or at the Dn of the URL, or as a child of that
 * (apic-protocol.md §3.1, forms 1–5). Checks the whole tree against the model. Throws {@link ApicError}.
 */
export function placeRequest(url: Place, node: RequestNode, authority: Authority): WriteNode {
  const row = classRow(node.className);
  if (row === undefined) throw unknownManagedClass(node.className);
  const parent = parentOfRoot(url, node);
  const isAtUrl = parent !== url && node.attributes.dn === undefined && node.className === url.className;
  const named = isAtUrl ? { ...node, attributes: { dn: url.dn, ...node.attributes } } : node;
  return placeBelow(parent, named, authority);
}

function parentOfRoot(url: Place, node: RequestNode): Place {
  const { dn } = node.attributes;
  if (dn !== undefined && dn !== '') {
    if (url.dn !== '' && dn !== url.dn && !dn.startsWith(`${url.dn}/`)) throw cannotContain(dn, url.dn);
    return placeOf(parentDn(dn) ?? '');
  }
  const isOwnUrl =
    node.className === url.className && (!mayContain(url.className, node.className) || isNamed(url, node));
  return url.dn !== '' && isOwnUrl ? placeOf(parentDn(url.dn) ?? '') : url;
}

/** Whether the object is the one at the URL by its own naming properties: classes that contain themselves need to ask. */
function isNamed(url: Place, { className, attributes }: RequestNode): boolean {
  const fromUrl = Object.entries(namingFromRn(className, rnOfDn(url.dn)) ?? {});
  return fromUrl.every(([property, value]) => attributes[property] === undefined || attributes[property] === value);
}

function placeBelow(parent: Place, node: RequestNode, authority: Authority): WriteNode {
  const { className, attributes } = node;
  if (classRow(className) === undefined) throw unknownManagedClass(className);
  const naming = namingOf(node);
  const rn = rnFrom(className, naming);
  if (!mayContain(parent.className, className)) throw cannotContain(rn, parent.dn);
  const dn = childDn(parent.dn, rn);
  requireSameName(className, attributes, dn, rn);
  const status = statusOf(className, attributes.status, dn);
  const childAction = childActionOf(className, attributes.childAction, dn);
  const values = checkedAttributes({ className, dn, naming, given: attributes }, authority);
  const below = { dn, className };
  const children = status === 'deleted' ? [] : node.children.map((child) => placeBelow(below, child, authority));
  if (authority === 'user') requireDistinct(children);
  const place = { className, dn, rn, parentDn: parent.dn, parentClass: parent.className };
  return { ...place, status, childAction, values, children };
}

/**
 * A request may say one thing about an object, also when one of two objects of an RN is to be deleted and the other to
 * be made: modules of cisco.aci send two requests instead. Throws code 103 (apic-protocol.md §3.4).
 */
function requireDistinct(children: readonly WriteNode[]): void {
  if (children.length < 2) return;
  const seen = new Set<string>();
  for (const { rn, className } of children) {
    if (seen.has(rn)) throw alreadyAttached(className);
    seen.add(rn);
  }
}

/** Naming values: from the properties, else from `rn` or `dn`, else the default of the property. */
function namingOf(node: RequestNode): Attributes {
  const { className, attributes } = node;
  const row = classRow(className);
  const rn = attributes.rn || (attributes.dn ? rnOfDn(attributes.dn) : undefined);
  const fromRn = rn === undefined ? {} : namingFromRn(className, rn);
  if (fromRn === undefined) throw invalidRn(rn ?? '');
  return Object.fromEntries(
    (row?.naming ?? []).map((property) => {
      const value = attributes[property] ?? fromRn[property] ?? namingDefault(className, property);
      if (value === '') throw namingNotSet(className, property);
      return [property, value];
    }),
  );
}

function namingDefault(className: string, property: string): string {
  const spec = classRow(className)?.properties[property];
  return spec?.default === undefined ? '' : defaultValue(spec);
}

function rnFrom(className: string, naming: Attributes): string {
  const format = classRow(className)?.rn ?? '';
  const rn = format.replace(/\{(\w+)\}/g, (_, property: string) => naming[property] ?? '');
  if (!isOneStep(rn)) throw invalidRn(rn);
  return rn;
}

/** Whether the text is one step of a Dn: brackets in balance and no slash outside of them. */
function isOneStep(rn: string): boolean {
  let depth = 0;
  for (const char of rn) {
    if (char === '[') depth += 1;
    if (char === ']') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0 && splitDn(rn).length === 1;
}

/** `dn` and `rn` in the attributes must say the same as the naming properties. */
function requireSameName(className: string, attributes: Attributes, dn: string, rn: string): void {
  const [property = 'dn'] = classRow(className)?.naming ?? [];
  if (attributes.rn && canonicalRn(className, attributes.rn) !== rn) throw createOnlyProperty(className, property);
  if (!attributes.dn || attributes.dn === dn) return;
  if (canonicalRn(className, rnOfDn(attributes.dn)) !== rn) throw createOnlyProperty(className, property);
  const parent = parentDn(dn) ?? '';
  if (placeOf(parentDn(attributes.dn) ?? '').dn !== parent) {
    throw badRequest(`Invalid request. dn '${attributes.dn}' does not belong under parent '${parent}'`);
  }
}

function canonicalRn(className: string, rn: string): string | undefined {
  const naming = namingFromRn(className, rn);
  return naming === undefined ? undefined : rnFrom(className, naming);
}
