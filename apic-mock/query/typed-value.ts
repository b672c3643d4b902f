import { isIP } from 'node:net';
import type { PropertySpec } from '#model/aci';

/** What stands for a value when it is compared: numbers by size, texts by their characters. */
export type SortKey = number | string;

/**
 * What a canonical value is compared by, by the type of its property: numbers (also those stored by name) and dates by
 * size, enums by rank, addresses by octets, everything else as text (apic-protocol.md §2.3, inferred there). What is no
 * number, no date or no value of the enum comes before all that is.
 */
export function sortKeyOf(spec: PropertySpec): (value: string) => SortKey {
  switch (spec.type) {
    case 'number':
      return (value) => orLowest(numberOf(spec, value));
    case 'date':
      return (value) => orLowest(Date.parse(value));
    case 'enum':
      return (value) => spec.values?.indexOf(value) ?? value;
    case 'ip':
      return addressKey;
    default:
      return (value) => value;
  }
}

/** Order of two keys of one property. */
export const compareKeys = (a: SortKey, b: SortKey): number => (a === b ? 0 : a < b ? -1 : 1);

const orLowest = (number: number): number => (Number.isNaN(number) ? Number.NEGATIVE_INFINITY : number);

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
