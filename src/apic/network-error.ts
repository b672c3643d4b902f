import { type GatewayError, messageOf } from '#errors';
import { ApicTlsUntrustedError, ApicUnreachableError } from './errors.js';

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

/** Connection codes in words; the code itself follows in brackets. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'no answer in time',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve now',
  EPROTO: 'the server does not speak TLS as expected; is it http:// instead of https://?',
};

/** A request may have been served slowly behind these; behind all others there was no connection. */
const SLOW = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);

/** The Node.js or OpenSSL code of an error of axios, ws, http or tls. */
export function networkCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Translates what axios and ws throw when no answer came. The URL in messages is the base URL, without any token. */
export function networkError(url: string, error: unknown): GatewayError {
  const code = networkCode(error);
  if (code !== undefined && UNTRUSTED.has(code)) return new ApicTlsUntrustedError(url, code);
  const words = code === undefined ? undefined : WORDS[code];
  const reason = words === undefined ? messageOf(error) || String(code) : `${words} (${code})`;
  return new ApicUnreachableError(url, reason, { down: code === undefined || !SLOW.has(code) });
}
