import { messageOf } from '#errors';

/** Why no answer came from a server, told from what Node.js, axios or ws threw. */
export interface NetworkFailure {
  /** One line for people, the code in brackets. */
  readonly reason: string;
  /** Code of Node.js or OpenSSL, when there is one. */
  readonly code: string | undefined;
  /** The server's certificate does not pass. */
  readonly untrusted: boolean;
  /** The server may be well and merely slow; otherwise there was no connection, or it broke. */
  readonly slow: boolean;
}

/** Codes of Node.js (`tls`, OpenSSL's X509_V_ERR_*) for a peer certificate that does not pass. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Connection codes in words. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'no answer in time',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve now',
  EPROTO: 'the server does not speak TLS as expected; is it http:// instead of https://?',
};

/** Axios' code for its own time limit. A connection that did not stand in time is ETIMEDOUT, of the system or of our own limit. */
const SLOW = new Set(['ECONNABORTED']);

/** Reads what was thrown when no answer came. */
export function networkFailure(error: unknown): NetworkFailure {
  const code = codeOf(error);
  const words = code === undefined ? undefined : WORDS[code];
  return {
    reason: words === undefined ? messageOf(error) || String(code) : `${words} (${code})`,
    code,
    untrusted: code !== undefined && UNTRUSTED.has(code),
    slow: code !== undefined && SLOW.has(code),
  };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
