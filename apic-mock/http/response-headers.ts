import type { OutgoingHttpHeaders } from 'node:http';
import type { WireFormat } from '../wire/index.js';

/**
 * Headers of every answer of the API (seen on real ones, apic-protocol.md §0). The age in `Strict-Transport-Security` is
 * a guess; over plain HTTP browsers would ignore the header, and it is left out.
 */
export function responseHeaders(format: WireFormat, secure: boolean): OutgoingHttpHeaders {
  return {
    Server: 'Cisco APIC',
    'Content-Type': format === 'json' ? 'application/json' : 'text/xml',
    'Cache-Control': 'no-cache="Set-Cookie, Set-Cookie2"',
    'Client-Cert-Enabled': 'false',
    'Access-Control-Allow-Headers':
      'Origin, X-Requested-With, Content-Type, Accept, DevCookie, APIC-challenge, Request-Tag',
    'Access-Control-Allow-Methods': 'POST,GET,OPTIONS,DELETE',
    'Access-Control-Allow-Credentials': 'false',
    'X-Frame-Options': 'SAMEORIGIN',
    ...(secure ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
}

/** The cookie that carries a token. It must be the first Set-Cookie of its answer (apic-protocol.md §1.1). */
export const tokenCookie = (token: string, secure: boolean): string =>
  `APIC-cookie=${token}; path=/; HttpOnly;${secure ? ' Secure' : ''}`;
