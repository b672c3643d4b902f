import { ApicError } from '../apic-error.js';

/** A wrong name or password (apic-protocol.md §1.1). */
export const badLogin = (): ApicError =>
  new ApicError(401, 401, 'Username or password is incorrect - FAILED local authentication');

/** A login in a domain whose TACACS+ server says no (apic-protocol.md §1.1). */
export const deniedByTacacs = (): ApicError => new ApicError(401, 401, 'TACACS+ Server Authentication DENIED');

/** A signature of somebody whose account is not active or has expired; the APIC's text is not known. */
export const accountInactive = (name: string): ApicError =>
  new ApicError(403, 403, `User ${name} is inactive or has expired`);

/** An app token for somebody who is no app (apic-protocol.md §1.2; the text is not known). */
export const noApp = (): ApicError =>
  new ApicError(403, 403, 'An app token is only given to the user of an app, by a request that its certificate signs');

/** A request without any token (apic-protocol.md §1.4). */
export const noToken = (): ApicError =>
  new ApicError(
    403,
    403,
    'Need a valid webtoken cookie (named APIC-Cookie) or a signed request with signature in the cookie APIC-Request-Signature for all REST API requests',
  );

/** A token that has expired or never was; clients compare this very text (apic-protocol.md §1.4). */
export const tokenTimeout = (): ApicError => new ApicError(403, 403, 'Token was invalid (Error: Token timeout)');

/** A token without the challenge that its session asked for (apic-protocol.md §1.2; the text is not known). */
export const challengeMissing = (): ApicError =>
  new ApicError(403, 403, 'Token was invalid (Error: Challenge token is missing or wrong)');
