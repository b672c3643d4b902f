import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { InvalidInputError } from '#errors';
import { managedObject } from '#model/aci';
import { type Renewed, textNow } from '#runtime';
import type { Authentication } from './authentication.js';
import { ApicLoginRefusedError, ApicRejectedError, ApicSessionError } from './errors.js';
import { grantOf } from './grant.js';
import type { ApicHttp, OutgoingRequest } from './http.js';
import { readReply } from './reply.js';
import type { ApicSession, SessionGrant } from './session.js';

/** A user who signs. */
export interface SigningUser {
  readonly user: string;
  /** Name of the user's certificate on the APIC (`aaaUserCert`). */
  readonly certificateName: string;
  /** PEM of the certificate's private key, RSA; asked for at each login. */
  readonly key: Renewed;
}

/**
 * Signs each request with the key of a certificate that the APIC has of a local user (apic-protocol.md §1.3); there is no
 * login that could be throttled or locked, and no token that a request needs. A websocket needs one all the same: it is
 * asked for by `webtokenSession`, and the requests for its subscriptions name it in `APIC-WebSocket-Session`.
 */
export class CertificateLogin implements Authentication {
  readonly user: string;
  readonly #certificateName: string;
  readonly #certificateDn: string;
  readonly #pem: Renewed;
  #key: KeyObject;

  /** Throws {@link InvalidInputError} for a key that cannot sign. */
  constructor({ user, certificateName, key }: SigningUser) {
    this.user = user;
    this.#certificateName = certificateName;
    this.#certificateDn = `uni/userext/user-${user}/usercert-${certificateName}`;
    this.#pem = key;
    this.#key = rsaKey(textNow(key));
  }

  cookie({ method, target, body, token }: OutgoingRequest): string {
    const cookies = [
      `APIC-Request-Signature=${sign('sha256', Buffer.from(`${method}${target}${body}`), this.#key).toString('base64')}`,
      'APIC-Certificate-Algorithm=v1.0',
      // The literal word: what Cisco's own clients send.
      'APIC-Certificate-Fingerprint=fingerprint',
      `APIC-Certificate-DN=${this.#certificateDn}`,
    ];
    return [...cookies, ...(token === undefined ? [] : [`APIC-WebSocket-Session=${token}`])].join('; ');
  }

  socketCookie(path: string, token: string): string {
    return this.cookie({ method: 'GET', target: path, body: '', token });
  }

  async logIn(http: ApicHttp, url: string, signal: AbortSignal): Promise<SessionGrant> {
    this.#renewKey();
    const reply = await http.send({ url }, { kind: 'logins', method: 'GET', path: '/api/webtokenSession' }, signal);
    try {
      return grantOf(readReply(reply, { url, about: 'the signature' }), url, 'webtokenSession');
    } catch (error) {
      if (!(error instanceof ApicSessionError || error instanceof ApicRejectedError)) throw error;
      throw ApicLoginRefusedError.signature(url, this.#certificateDn, error.text);
    }
  }

  /**
   * Whether an APIC prolongs the session of a signer's websocket is not known; clients that sign never ask, and their
   * sockets live on. So it is asked, and a no ends nothing: the session then counts as one that needs no refresh, and
   * its end shows at the socket. A signature that is not valid any more shows here, too, by the proof that follows a no.
   */
  async refresh(http: ApicHttp, session: ApicSession, signal: AbortSignal): Promise<SessionGrant> {
    const { url, token } = session;
    const request = { kind: 'refreshes', method: 'GET', path: '/api/aaaRefresh' } as const;
    const reply = await http.send({ url, token }, request, signal);
    try {
      return grantOf(readReply(reply, { url, about: 'a refresh of the session' }), url);
    } catch (error) {
      if (!(error instanceof ApicSessionError || error instanceof ApicRejectedError)) throw error;
      await this.#prove(http, url, signal);
      return { token, refreshTimeoutMs: Number.POSITIVE_INFINITY, lifetimeMs: session.lifetimeMs };
    }
  }

  async logOut(http: ApicHttp, { url, token }: ApicSession, signal: AbortSignal): Promise<void> {
    const body = managedObject('aaaUser', { name: this.user });
    await http.send({ url, token }, { kind: 'logins', method: 'POST', path: '/api/aaaLogout', body }, signal);
  }

  /** What cannot sign is no new key. */
  #renewKey(): void {
    try {
      this.#key = rsaKey(textNow(this.#pem));
    } catch {
      // The one of before is tried; the APIC says whether it still counts.
    }
  }

  /** A read that every user may make: its own certificate. Rejects with `ApicSessionError` when the signature is refused. */
  async #prove(http: ApicHttp, url: string, signal: AbortSignal): Promise<void> {
    const about = `certificate ${this.#certificateName} of user ${this.user}`;
    const path = `/api/mo/${this.#certificateDn}`;
    readReply(await http.send({ url }, { kind: 'refreshes', method: 'GET', path }, signal), { url, about });
  }
}

function rsaKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The parser's own words may show a part of the key.
    throw new InvalidInputError('apic.keyFile: expected a private key in PEM without a passphrase');
  }
  if (key.asymmetricKeyType === 'rsa') return key;
  throw new InvalidInputError(
    `apic.keyFile: holds a key of type ${key.asymmetricKeyType}; an APIC verifies signatures of RSA keys only`,
  );
}
