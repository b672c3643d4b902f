import { GatewayError } from '#errors';

/** A wrong password is not tried more often than this: five refusals in five minutes may lock the account. */
const REFUSED_AGAIN_MS = 75_000;
const UNTRUSTED_AGAIN_MS = 30_000;
const FORBIDDEN_AGAIN_MS = 30_000;

const CA_ADVICE =
  'set apic.caFile to the PEM certificate of its CA, or of the APIC itself when it is self-signed; when apic.caFile, apic.ca ' +
  'or --ca is set, none of the certificates there is that one (apic.insecureSkipTlsVerify: true accepts any, for labs only)';
const PIN_ADVICE =
  'it is none of apic.pinnedSha256. If the APIC got a new certificate, compare the fingerprint on the APIC itself and add it';

/** No connection, or no answer in time. */
export class ApicUnreachableError extends GatewayError {
  /** False when a connection stood and only the answer was missing: the APIC may be well and merely slow. */
  readonly down: boolean;

  constructor(url: string, reason: string, { down }: { readonly down: boolean }) {
    super('APIC_UNREACHABLE', `APIC ${url} cannot be reached: ${reason}`, { disposition: 'retry' });
    this.down = down;
  }
}

/** The certificate is not trusted. Waits for an operator, so the tries are slow. */
export class ApicTlsUntrustedError extends GatewayError {
  constructor(url: string, reason: string, { pinned = false }: { readonly pinned?: boolean } = {}) {
    super(
      'APIC_TLS_UNTRUSTED',
      `APIC ${url} shows a certificate that is not trusted (${reason}): ${pinned ? PIN_ADVICE : CA_ADVICE}`,
      { disposition: 'wait', retryAfterMs: UNTRUSTED_AGAIN_MS },
    );
  }
}

/** The APIC does not accept user and password, or the signature. */
export class ApicLoginRefusedError extends GatewayError {
  private constructor(message: string) {
    super('APIC_LOGIN_REFUSED', message, { disposition: 'wait', retryAfterMs: REFUSED_AGAIN_MS });
  }

  /** @param text what the APIC said. */
  static password(url: string, user: string, text: string): ApicLoginRefusedError {
    return new ApicLoginRefusedError(
      `APIC ${url} refused the login of user ${user}: ${text}; check apic.user, apic.passwordFile (or ACIGW_APIC_PASSWORD) and apic.domain`,
    );
  }

  /** @param text what the APIC said. */
  static signature(url: string, certificateDn: string, text: string): ApicLoginRefusedError {
    return new ApicLoginRefusedError(
      `APIC ${url} refused a request signed for ${certificateDn}: ${text}; check that apic.user is a local user, that ` +
        'apic.certificateName is a certificate of that user on the APIC, and that apic.keyFile is the key of that certificate',
    );
  }
}

/** The APIC is there and cannot serve now: 429, 5xx, 202, an HTML page of the proxy in front of it, half an answer. */
export class ApicBusyError extends GatewayError {
  constructor(url: string, reason: string, retryAfterMs?: number) {
    super(
      'APIC_BUSY',
      `APIC ${url} cannot answer now: ${reason}`,
      retryAfterMs === undefined ? { disposition: 'retry' } : { disposition: 'wait', retryAfterMs },
    );
  }
}

/** The APIC refused a request for what it says: the input must change first (apic-protocol.md §4). */
export class ApicRejectedError extends GatewayError {
  /** The APIC's own code, e.g. `103`; not an HTTP status. */
  readonly apicCode: string;
  readonly dn: string;
  /** What the APIC said. */
  readonly text: string;

  constructor(dn: string, apicCode: string, text: string) {
    // 102 says that an object to be modified is not there: the mirror was behind, and a new look may cure it.
    super('APIC_REJECTED', `APIC rejected ${dn}: ${text} (code ${apicCode})`, {
      disposition: apicCode === '102' ? 'reread' : 'park',
    });
    this.apicCode = apicCode;
    this.text = text;
    this.dn = dn;
  }
}

/** 401 or 403 outside a login: the token is not valid, or the user may not do this. */
export class ApicSessionError extends GatewayError {
  /** What the APIC said. */
  readonly text: string;

  constructor(url: string, about: string, text: string, options: { readonly afterRenewal?: boolean } = {}) {
    super(
      'APIC_SESSION',
      options.afterRenewal === true
        ? `APIC ${url} refused ${about} with a fresh session as well: ${text}; check the privileges of apic.user`
        : `APIC ${url} refused ${about}: ${text}`,
      options.afterRenewal === true
        ? { disposition: 'wait', retryAfterMs: FORBIDDEN_AGAIN_MS }
        : { disposition: 'retry' },
    );
    this.text = text;
  }
}

/** A websocket that did not open or ended, 405 on subscribing, a subscription that is lost: all of it begins anew. */
export class ApicSocketError extends GatewayError {
  constructor(url: string, reason: string, cause?: unknown) {
    super('APIC_SOCKET', `APIC ${url}: ${reason}`, { disposition: 'retry', cause });
  }
}
