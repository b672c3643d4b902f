import { BlockList, isIP } from 'node:net';

/** A prefix as written: address, family and length. */
export interface Cidr {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly length: number;
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
