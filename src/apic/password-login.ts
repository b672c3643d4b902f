import { managedObject } from '#model/aci';
import { type Renewed, textNow } from '#runtime';
import type { Authentication } from './authentication.js';
import { ApicLoginRefusedError, ApicRejectedError, ApicSessionError } from './errors.js';
import { grantOf } from './grant.js';
import type { ApicHttp, OutgoingRequest } from './http.js';
import { readReply } from './reply.js';
import type { ApicSession, SessionGrant } from './session.js';

/** Who logs in. */
export interface Credentials {
  readonly user: string;
  /** Asked for at each login. */
  readonly password: Renewed;
  readonly domain?: string | undefined;
}

/** User and password, then a token (apic-protocol.md §1.1, §1.2). */
export class PasswordLogin implements Authentication {
  readonly user: string;
  readonly #password: Renewed;

  constructor({ user, password, domain }: Credentials) {
    this.user = domain === undefined ? user : `apic:${domain}\\${user}`;
    this.#password = password;
  }

  cookie({ token }: OutgoingRequest): string | undefined {
    return token === undefined ? undefined : `APIC-cookie=${token}`;
  }

  socketCookie(): undefined {
    return undefined;
  }

  async logIn(http: ApicHttp, url: string, signal: AbortSignal): Promise<SessionGrant> {
    const body = managedObject('aaaUser', { name: this.user, pwd: textNow(this.#password) });
    const reply = await http.send({ url }, { kind: 'logins', method: 'POST', path: '/api/aaaLogin', body }, signal);
    try {
      return grantOf(readReply(reply, { url, about: 'the login' }), url);
    } catch (error) {
      if (!(error instanceof ApicSessionError || error instanceof ApicRejectedError)) throw error;
      throw ApicLoginRefusedError.password(url, this.user, error.text);
    }
  }

  /** The answer of `aaaRefresh` is an `aaaLogin` as well. */
  async refresh(http: ApicHttp, { url, token }: ApicSession, signal: AbortSignal): Promise<SessionGrant> {
    const reply = await http.send(
      { url, token },
      { kind: 'refreshes', method: 'GET', path: '/api/aaaRefresh' },
      signal,
    );
    return grantOf(readReply(reply, { url, about: 'a refresh of the session' }), url);
  }

  async logOut(http: ApicHttp, { url, token }: ApicSession, signal: AbortSignal): Promise<void> {
    const body = managedObject('aaaUser', { name: this.user });
    await http.send({ url, token }, { kind: 'logins', method: 'POST', path: '/api/aaaLogout', body }, signal);
  }
}
