import type { IncomingHttpHeaders } from 'node:http';

/**
 * Tokens that a request carries: every `APIC-cookie` in any spelling, else the `DevCookie` header (apic-protocol.md
 * §1.1, §1.2). Other cookies, also the attributes that some clients send back as cookies, mean nothing.
 */
export function tokensOf(headers: IncomingHttpHeaders): readonly string[] {
  const cookies = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => /^apic-cookie=/i.test(pair))
    .map((pair) => pair.slice(pair.indexOf('=') + 1));
  if (cookies.length > 0) return cookies;
  const header = headers.devcookie;
  return typeof header === 'string' && header !== '' ? [header] : [];
}
