import { BlockList, isIP } from 'node:net';

/** A prefix as written: address, family and length. */
export interface Cidr {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly length: number;
}

/**
 * What is wrong with a prefix, in the words of the API server, which (1.37) refuses leading zeros and host bits in
 * new objects; undefined when it is right.
 */
export function cidrFault(text: string): string | undefined {
  if (/(^|[./])0\d/.test(text) && !text.includes(':')) return 'must not have leading 0s in IP or prefix length';
  const cidr = parseCidr(text);
  if (cidr === undefined) return 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  return hasHostBits(cidr) ? 'must not have bits set beyond the prefix length' : undefined;
}

const hasHostBits = ({ address, family, length }: Cidr): boolean =>
  (family === 'ipv4' ? bitsOfIpv4(address) : bitsOfIpv6(address)).slice(length).includes('1');

const bitsOfIpv4 = (address: string): string =>
  address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');

/** The bits of an IPv6 address; URL parsing writes it in one form (RFC 5952). */
function bitsOfIpv6(address: string): string {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: zeros }, () => '0'), ...groups(tail ?? '')]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

/** Parses `<address>/<length>`; undefined when it is not one. Host bits may be set, as in Go's `net.ParseCIDR`. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/%]+)\/(\d{1,3})$/.exec(text);
  const [, address = '', bits = ''] = match ?? [];
  const version = isIP(address);
  const length = Number(bits);
  if (version === 0 || length > (version === 4 ? 32 : 128)) return undefined;
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', length };
}

/** True when every address of the inner prefix lies in the outer one. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  if (outer.family !== inner.family || inner.length < outer.length) return false;
  const list = new BlockList();
  list.addSubnet(outer.address, outer.length, outer.family);
  return list.check(inner.address, inner.family);
}
