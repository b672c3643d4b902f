import { isIP } from 'node:net';
import type { PropertySpec } from '#model/aci';

/**
 * Order of two canonical values by the type of their property: numbers (also those stored by name) and dates by size,
 * enums by rank, addresses by octets, everything else as text (apic-protocol.md §2.3, inferred there).
 */
export function compareValues(spec: PropertySpec, a: string, b: string): number {
  switch (spec.type) {
    case 'number':
    case 'float':
      return compareNumbers(numberOf(spec, a), numberOf(spec, b)) ?? compareTexts(a, b);
    case 'date':
      return compareNumbers(Date.parse(a), Date.parse(b)) ?? compareTexts(a, b);
    case 'enum':
      return (spec.values?.indexOf(a) ?? 0) - (spec.values?.indexOf(b) ?? 0) || compareTexts(a, b);
    case 'ip':
      return compareTexts(addressKey(a), addressKey(b));
    default:
      return compareTexts(a, b);
  }
}

function compareNumbers(a: number, b: number): number | undefined {
  return Number.isNaN(a) || Number.isNaN(b) ? undefined : a - b;
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const reverses = new WeakMap<object, ReadonlyMap<string, number>>();

/** The number that a canonical value stands for; NaN for no number. */
function numberOf(spec: PropertySpec, value: string): number {
  if (spec.named === undefined) return value === '' ? Number.NaN : Number(value);
  let reverse = reverses.get(spec.named);
  if (reverse === undefined) {
    reverse = new Map(Object.entries(spec.named).map(([number, name]) => [name, Number(number)]));
    reverses.set(spec.named, reverse);
  }
  return reverse.get(value) ?? (value === '' ? Number.NaN : Number(value));
}

/** A text that sorts as the address does: octets or groups padded, the prefix length last. */
function addressKey(value: string): string {
  const [address = '', length = ''] = value.split('/');
  if (isIP(address) === 0) return value;
  const digits = isIP(address) === 4 ? fourKey(address) : sixKey(address);
  return `${isIP(address)}:${digits}/${length.padStart(3, '0')}`;
}

const fourKey = (address: string): string =>
  address
    .split('.')
    .map((octet) => octet.padStart(3, '0'))
    .join('.');

function sixKey(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(':');
}
