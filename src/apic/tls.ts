import { X509Certificate } from 'node:crypto';
import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { InvalidInputError } from '#errors';
import { type Renewed, textNow } from '#runtime';
import { limitConnecting } from './connect-limit.js';

/** How far the APIC's certificate is trusted. Verified against the system's CAs when nothing is given. */
export interface ApicTls {
  /** Certificates of the CAs (or the APIC's own self-signed one), PEM; asked for at each connection. */
  readonly ca?: Renewed;
  /**
   * SHA-256 fingerprints of the certificates that the APICs may show, in hexadecimal, with colons or without. Alone they
   * decide, and neither CA nor host name nor dates are asked: whoever shows the certificate has proved that he has its
   * key. Together with `ca` both must hold.
   */
  readonly pinnedSha256?: readonly string[];
  /** True accepts any certificate: for labs only. */
  readonly insecure?: boolean;
}

/** Code of the error for a certificate that none of the fingerprints is of. */
export const NOT_PINNED = 'CERT_NOT_PINNED';

const FINGERPRINT = /^[0-9A-F]{64}$/;

/**
 * The trust with its fingerprints in one spelling. Throws {@link InvalidInputError} for a fingerprint or a CA that is
 * none: Node.js would pass over it in silence, and then trust nobody.
 */
export function checkedTls(tls: ApicTls): ApicTls {
  if (tls.ca !== undefined) checkCertificates(textNow(tls.ca));
  const pins = tls.pinnedSha256?.map(plain) ?? [];
  const bad = pins.findIndex((pin) => !FINGERPRINT.test(pin));
  if (bad !== -1) {
    throw new InvalidInputError(
      `apic.pinnedSha256: '${tls.pinnedSha256?.[bad]}' is no SHA-256 fingerprint; expected 64 hexadecimal digits, as ` +
        '`openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE` prints them',
    );
  }
  if (pins.length > 0 && tls.insecure === true) {
    throw new InvalidInputError('apic: pinnedSha256 and insecureSkipTlsVerify contradict each other; use one of them');
  }
  return { ...tls, pinnedSha256: pins };
}

const plain = (fingerprint: string): string => fingerprint.replace(/[:\s]/g, '').toUpperCase();

function checkCertificates(pem: string): void {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    found.map((one) => new X509Certificate(one));
  } catch (error) {
    throw new InvalidInputError('apic.caFile (or apic.ca): holds a certificate that cannot be read', { cause: error });
  }
  if (found.length > 0) return;
  throw new InvalidInputError(
    'apic.caFile (or apic.ca): holds no certificate; expected PEM, -----BEGIN CERTIFICATE-----',
  );
}

/** How an agent keeps and makes connections. */
export interface SecureAgentOptions extends Pick<AgentOptions, 'keepAlive' | 'maxSockets'> {
  /** Milliseconds until a connection must stand, with TLS. */
  readonly connectMs: number;
}

/** An agent for HTTPS, and for the handshake of a websocket over it, that trusts as far as was configured. */
export function httpsAgent(tls: ApicTls, { connectMs, ...options }: SecureAgentOptions): Agent {
  const pins = new Set(tls.pinnedSha256 ?? []);
  const isPinnedOnly = pins.size > 0 && tls.ca === undefined;
  const given = { ...options, rejectUnauthorized: tls.insecure !== true && !isPinnedOnly };
  const connecting = { connectMs, ca: tls.ca };
  return pins.size === 0 ? new SecureAgent(given, connecting) : new PinningAgent(given, { ...connecting, pins });
}

type ConnectionCallback = (error: Error | null, stream: Duplex) => void;

interface Connecting {
  readonly connectMs: number;
  readonly ca: Renewed | undefined;
}

const trusting = (options: RequestOptions, ca: Renewed | undefined): RequestOptions =>
  ca === undefined ? options : { ...options, ca: textNow(ca) };

/** Gives up a connection that does not stand in time. */
class SecureAgent extends Agent {
  readonly #connecting: Connecting;

  constructor(options: AgentOptions, connecting: Connecting) {
    super(options);
    this.#connecting = connecting;
  }

  override createConnection(options: RequestOptions, callback?: ConnectionCallback): Duplex | null | undefined {
    const { ca, connectMs } = this.#connecting;
    const socket = super.createConnection(trusting(options, ca), callback);
    return socket && limitConnecting(socket, 'secureConnect', connectMs);
  }
}

/**
 * Hands a connection out only after the certificate was compared: before that nothing is written to it, no password and
 * no token. Sessions of TLS are not resumed, so that each connection shows its certificate.
 */
class PinningAgent extends Agent {
  readonly #pins: ReadonlySet<string>;
  readonly #connecting: Connecting;

  constructor(options: AgentOptions, connecting: Connecting & { readonly pins: ReadonlySet<string> }) {
    super({ ...options, maxCachedSessions: 0 });
    this.#pins = connecting.pins;
    this.#connecting = connecting;
  }

  override createConnection(options: RequestOptions, callback?: ConnectionCallback): undefined {
    const { ca, connectMs } = this.#connecting;
    const socket = limitConnecting(connect(connectionOptions(trusting(options, ca))), 'secureConnect', connectMs);
    const fail = (error: Error): void => {
      socket.destroy();
      callback?.(error, socket);
    };
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      const shown = fingerprintOf(socket);
      if (!this.#pins.has(shown)) {
        fail(notPinned(shown));
        return;
      }
      socket.off('error', fail);
      callback?.(null, socket);
    });
  }
}

/** The agent's own options of a request are those of `tls.connect`; a name to ask for is one only when it is no address. */
function connectionOptions(options: RequestOptions): ConnectionOptions {
  const { host, port, ca, rejectUnauthorized, servername } = options;
  return {
    host: host ?? 'localhost',
    port: Number(port),
    ...(ca === undefined ? {} : { ca }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
  };
}

const fingerprintOf = (socket: TLSSocket): string => plain(socket.getPeerX509Certificate()?.fingerprint256 ?? '');

function notPinned(shown: string): Error {
  const spelled = shown.replace(/..(?=.)/g, '$&:');
  return Object.assign(new Error(`its SHA-256 fingerprint is ${spelled || 'missing'}`), { code: NOT_PINNED });
}
