import { BlockList, isIP } from 'node:net';

/** Whether a prefix such as `10.1.0.0/16` holds the address; never for one of the other family or no prefix at all. */
export function addressIn(prefix: string, address: string): boolean {
  const [base = '', length = ''] = prefix.split('/');
  const family = isIP(base);
  if (family === 0 || family !== isIP(address)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(base, length === '' ? (family === 4 ? 32 : 128) : Number(length), type);
  return list.check(address, type);
}
