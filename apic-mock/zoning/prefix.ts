import { BlockList, isIP } from 'node:net';

/** Whether a prefix such as `10.1.0.0/16` holds the address; never for one of the other family or no prefix at all. */
export function addressIn(prefix: string, address: string): boolean {
  const [base = '', length = ''] = prefix.split('/');
  const family = isIP(base);
  if (family === 0 || family !== isIP(address)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(base, length === '' ? fullLength(base) : Number(length), type);
  return list.check(address, type);
}

/** Number of bits that a prefix names: all of them for an address alone. */
export function prefixLength(prefix: string): number {
  const [base = '', length = ''] = prefix.split('/');
  return length === '' ? fullLength(base) : Number(length);
}

/** Whether a prefix is a single address. */
export const isHost = (prefix: string): boolean => prefixLength(prefix) === fullLength(prefix.split('/')[0] ?? '');

const fullLength = (address: string): number => (isIP(address) === 6 ? 128 : 32);

/** The one with the longest prefix among those whose prefix holds the address; the first of equals. */
export function longestMatch<Item>(
  items: Iterable<Item>,
  prefixOf: (item: Item) => string,
  address: string,
): Item | undefined {
  let best: Item | undefined;
  for (const item of items) {
    if (!addressIn(prefixOf(item), address)) continue;
    if (best === undefined || prefixLength(prefixOf(item)) > prefixLength(prefixOf(best))) best = item;
  }
  return best;
}
