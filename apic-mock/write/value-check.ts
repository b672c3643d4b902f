import { isIP } from 'node:net';
import { canonicalBySpec, type PropertySpec } from '#model/aci';
import { failedValidation, unknownValue } from '../apic-error.js';
import { defaultValue } from '../tree/index.js';

/** Where a value stands, for the texts of errors. */
export interface ValuePlace {
  readonly className: string;
  readonly property: string;
  readonly dn: string;
}

/** Largest numbers of the APIC's number types: what exceeds them is no value at all, not a value out of range. */
const TYPE_LIMITS: readonly number[] = [0xff, 0xffff, 0xffff_ffff];

const MAC = /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/;
const ENCAP = /^(unknown|unspecified|0|(vlan|vxlan|nvgre)-\d+|qinq-\d+-\d+)$/;

/**
 * The canonical form of a value, if it is one of its property's. An empty text resets a typed property to its default, but
 * takes all bits from a bitmask (the integration tests of cisco.aci read `bgpCtxPol.grCtrl` back as it).
 * Throws code 120 for a value outside of the type, 801 for one outside of length, range or regular expression
 * (apic-protocol.md §3.4).
 */
export function checkedValue(spec: PropertySpec, value: string, place: ValuePlace): string {
  if (value === '' && isTyped(spec)) return spec.type === 'bitmask' ? '' : defaultValue(spec);
  const canonical = canonicalBySpec(spec, value);
  if (canonical === defaultValue(spec) || canonical === spec.default) return canonical;
  if (!fitsType(spec, canonical)) throw unknownValue(place.className, place.property, value, place.dn);
  if (!fitsLimits(spec, canonical)) throw failedValidation(place.property, place.dn, value);
  return canonical;
}

const isTyped = (spec: PropertySpec): boolean =>
  spec.type !== undefined && !['string', 'ref', 'password'].includes(spec.type);

function fitsType(spec: PropertySpec, value: string): boolean {
  switch (spec.type) {
    case 'enum':
      return spec.values?.includes(value) ?? true;
    case 'bool':
      return value === 'yes' || value === 'no';
    case 'bitmask':
      return spec.values === undefined || value === '' || value.split(',').every((bit) => spec.values?.includes(bit));
    case 'number':
      return isNumber(spec, value);
    case 'ip':
      return isAddressOrPrefix(value);
    case 'mac':
      return MAC.test(value);
    case 'encap':
      return ENCAP.test(value);
    default:
      return true;
  }
}

function isNumber(spec: PropertySpec, value: string): boolean {
  if (isNamedNumber(spec, value)) return true;
  if (!/^-?\d+(\.\d+)?$/.test(value)) return false;
  const max = spec.range?.[1];
  return typeof max !== 'number' || !TYPE_LIMITS.includes(max) || (Number(value) <= max && Number(value) >= 0);
}

const isNamedNumber = (spec: PropertySpec, value: string): boolean =>
  spec.named !== undefined && Object.values(spec.named).includes(value);

/** An IPv4 or IPv6 address, alone or with a prefix length. */
export function isAddressOrPrefix(value: string): boolean {
  const [address = '', length, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

function fitsLimits(spec: PropertySpec, value: string): boolean {
  if (spec.type === 'number' && !isNamedNumber(spec, value) && !within(spec.range, Number(value))) return false;
  if (spec.type === undefined && !within(spec.length, value.length)) return false;
  return spec.regex === undefined || value === '' || (patternOf(spec.regex)?.test(value) ?? true);
}

function within(limits: readonly (number | null)[] | undefined, value: number): boolean {
  const [min, max] = limits ?? [];
  return (typeof min !== 'number' || value >= min) && (typeof max !== 'number' || value <= max);
}

const patterns = new Map<string, RegExp | undefined>();

/** The compiled expression; undefined for one that is not JavaScript's, which then checks nothing. */
function patternOf(source: string): RegExp | undefined {
  if (!patterns.has(source)) patterns.set(source, compiled(source));
  return patterns.get(source);
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source);
  } catch {
    return undefined;
  }
}
