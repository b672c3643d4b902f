import { type Attributes, classRow, propertySpec } from '#model/aci';
import { badRequest, implicitProperty } from '../apic-error.js';
import { ENVELOPE_PROPERTIES } from '../tree/index.js';
import { checkedValue } from './value-check.js';
import type { Authority } from './write-node.js';

/** The attributes of one object of a request, with the names that its place gives it. */
export interface GivenAttributes {
  readonly className: string;
  readonly dn: string;
  readonly naming: Attributes;
  readonly given: Attributes;
}

/**
 * Canonical values of what a request sets. Throws code 400 for a property that the class does not have, 170 for one that
 * only the APIC sets, and what {@link checkedValue} throws for values (apic-protocol.md §3.4).
 */
export function checkedAttributes(object: GivenAttributes, authority: Authority): Attributes {
  const { className, dn, naming, given } = object;
  const values: Record<string, string> = {};
  for (const [property, value] of Object.entries({ ...given, ...naming })) {
    if (ENVELOPE_PROPERTIES.has(property)) continue;
    const spec = propertySpec(className, property);
    if (spec === undefined) throw badRequest(`unknown attribute '${property}' in element '${className}'`);
    const isNaming = Object.hasOwn(naming, property);
    if (authority === 'user' && spec.readonly === true && !isNaming) throw implicitProperty(className);
    values[property] = checkedValue(spec, value, { className, property, dn });
  }
  return values;
}

/** Whether a user may write objects of the class at all. */
export const isConfigurable = (className: string): boolean => classRow(className)?.configurable !== false;
