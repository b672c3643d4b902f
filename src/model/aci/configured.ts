import { classRow, propertySpec } from './classes.js';
import type { FlatObject } from './managed-object.js';

/** `uid` of what the APIC made by itself (apic-protocol.md §6.4: elsewhere it is the number of the user who made it). */
const MADE_BY_APIC = '0';

/** `lcOwn` of what was configured where it stands; everything else was derived from something, or resolved. */
const CONFIGURED_HERE = 'local';

/**
 * Whether the attribute tells that nobody configured the object where it stands. What it says of all others is no news: a number of a
 * user, or `local`.
 */
export const tellsOfDerived = (attribute: string, value: string): boolean =>
  attribute === 'uid' ? value === MADE_BY_APIC : attribute === 'lcOwn' && value !== CONFIGURED_HERE;

/**
 * Whether somebody configured the object as one by itself: its class has an `annotation` for whoever makes it, and the APIC
 * made it neither together with its parent nor out of what it found (back relations, faults, health, endpoints). A tag is none: it
 * says something of the object that it is on. An object of a class that the model does not know counts by what it says.
 */
export function isConfigured({ className, attributes }: FlatObject): boolean {
  const row = classRow(className);
  const isAnnotated =
    row === undefined ? 'annotation' in attributes : propertySpec(className, 'annotation') !== undefined;
  if (!isAnnotated || row?.creatable === 'never') return false;
  return attributes['uid'] !== MADE_BY_APIC && (attributes['lcOwn'] ?? CONFIGURED_HERE) === CONFIGURED_HERE;
}
