import { InvalidInputError } from '../errors.js';
import { addressBits, formatAddress, type IpAddress, type IpFamily, maxAddress, parseAddress } from './address.js';

/** A masked IP prefix: `first` has no host bits. */
export interface Prefix {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly length: number;
}

/**
 * Parses `address/length`. Host bits are masked away, not refused: stored NetworkPolicies hold them (policy.md N15).
 * Throws {@link InvalidInputError} naming the text.
 */
export function parsePrefix(text: string): Prefix {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || length === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) {
    throw new InvalidInputError(`'${text}' is not a CIDR: expected address/length, e.g. 10.0.0.0/8`);
  }
  const { family, value } = parseAddress(address);
  const bits = Number(length);
  if (bits > addressBits(family)) {
    throw new InvalidInputError(`'${text}' is not a CIDR: an IPv${family} prefix is at most /${addressBits(family)}`);
  }
  return { family, first: value & maskOf(family, bits), length: bits };
}

/** The prefix in canonical text, e.g. `10.0.0.0/8`. */
export const formatPrefix = (prefix: Prefix): string =>
  `${formatAddress({ family: prefix.family, value: prefix.first })}/${prefix.length}`;

/** Last address of the prefix. */
export const lastOf = (prefix: Prefix): bigint =>
  prefix.first | (maxAddress(prefix.family) ^ maskOf(prefix.family, prefix.length));

/** Whether the prefix contains the address (never across families). */
export const containsAddress = (prefix: Prefix, address: IpAddress): boolean =>
  prefix.family === address.family && (address.value & maskOf(prefix.family, prefix.length)) === prefix.first;

/** Whether `outer` contains `inner`, equal prefixes included. */
export const containsPrefix = (outer: Prefix, inner: Prefix): boolean =>
  outer.length <= inner.length && containsAddress(outer, { family: inner.family, value: inner.first });

/** The prefix of one address: /32 or /128. */
export const hostPrefix = (address: IpAddress): Prefix => ({
  family: address.family,
  first: address.value,
  length: addressBits(address.family),
});

/** Order for stable output: family, first address, then shorter prefixes first. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.length - b.length;
}

const maskOf = (family: IpFamily, length: number): bigint =>
  maxAddress(family) ^ (maxAddress(family) >> BigInt(length));
