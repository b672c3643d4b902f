import type { IncomingHttpHeaders } from 'node:http';

function cookiesOf(headers: IncomingHttpHeaders, name: string): readonly string[] {
  const prefix = `${name.toLowerCase()}=`;
  return (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.toLowerCase().startsWith(prefix))
    .map((pair) => pair.slice(prefix.length));
}

/** A cookie's value, its name in any spelling, quotes around it taken off; undefined when it is not there. */
export function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const [value] = cookiesOf(headers, name);
  return value?.replace(/^"(.*)"$/, '$1');
}

/**
 * Tokens that a request carries: every `APIC-cookie` in any spelling, else the `DevCookie` header (apic-protocol.md
 * §1.1, §1.2). Other cookies, also the attributes that some clients send back as cookies, mean nothing.
 */
export function tokensOf(headers: IncomingHttpHeaders): readonly string[] {
  const cookies = cookiesOf(headers, 'APIC-cookie');
  if (cookies.length > 0) return cookies;
  const header = headers.devcookie;
  return typeof header === 'string' && header !== '' ? [header] : [];
}
