import type { PropertySpec } from './class-row.js';
import { propertySpec } from './classes.js';

/**
 * The APIC's own spelling of a value: numbers that have a name become the name (80 → http), booleans become yes/no,
 * the bits of a bitmask stand in the order of the alphabet (what the integration tests of cisco.aci, written against
 * APICs, read back: `ack,fin`, `export,import`), MACs are upper-cased (apic-protocol.md §3.4, aci-model.md §5). Both sides of every
 * comparison go through here, or a diff never rests. Values that do not fit the type are returned unchanged.
 */
export function canonicalValue(className: string, property: string, value: string): string {
  const spec = propertySpec(className, property);
  return spec === undefined ? value : canonicalBySpec(spec, value);
}

/** {@link canonicalValue} for a known property. */
export function canonicalBySpec(spec: PropertySpec, value: string): string {
  switch (spec.type) {
    case 'number':
    case 'enum':
      return nameOfNumber(spec, value);
    case 'float':
      return /^\d+(\.\d+)?$/.test(value) ? Number(value).toFixed(FLOAT_DIGITS) : value;
    case 'bool':
      return YES_NO.get(value) ?? value;
    case 'bitmask':
      return bitmaskInOrder(value);
    case 'date':
      return dateInUtc(value);
    case 'mac':
      return /^[0-9a-fA-F:]+$/.test(value) ? value.toUpperCase() : value;
    default:
      return value;
  }
}

/** `80.0` is stored as `80.000000` (apic-protocol.md §3.4). */
const FLOAT_DIGITS = 6;

/** A date and a time of day without a zone. */
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$/;

/** A time without a zone is stored with one, 24:00 as the next day's 00:00 (tests of cisco.aci: `trigAbsWindowP.date`). */
function dateInUtc(value: string): string {
  const time = LOCAL_TIME.test(value) ? Date.parse(`${value}Z`) : Number.NaN;
  return Number.isNaN(time) ? value : new Date(time).toISOString().replace('Z', '+00:00');
}

const YES_NO: ReadonlyMap<string, string> = new Map([
  ['true', 'yes'],
  ['false', 'no'],
]);

function nameOfNumber(spec: PropertySpec, value: string): string {
  if (spec.named === undefined || !/^(0x[0-9a-fA-F]+|\d+)$/.test(value)) return value;
  return spec.named[String(Number(value))] ?? String(Number(value));
}

/** Names for no bit at all, which may be written; an APIC shows nothing (the same tests: `fvSubnet.ctrl`, `configIssues`). */
const NO_BIT: ReadonlySet<string> = new Set(['', 'unspecified', 'none', 'None', 'undefined']);

function bitmaskInOrder(value: string): string {
  const bits = value
    .split(',')
    .map((bit) => bit.trim())
    .filter((bit) => !NO_BIT.has(bit));
  return [...new Set(bits)].sort().join(',');
}
