import { isIP } from 'node:net';
import { InvalidInputError } from '#errors';

/**
 * The one spelling of an address that an APIC stores: IPv6 in lower case with the longest run of zeros left out
 * (RFC 5952). Throws {@link InvalidInputError} for what is no address.
 */
export function canonicalAddress(text: string): string {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) throw new InvalidInputError(`ip: expected an address, found '${text}'`);
  return family === 4 ? text : new URL(`http://[${text}]/`).hostname.slice(1, -1);
}
