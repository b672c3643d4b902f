import { constants, createPublicKey, type KeyObject, publicDecrypt, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApicError } from '../apic-error.js';
import type { ObjectStore } from '../tree/index.js';
import { noToken } from './session-errors.js';
import { cookieOf } from './tokens.js';

/** What was signed, as it came. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query byte for byte. */
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The certificate that a request names, and its signature. */
interface Claim {
  readonly certificateDn: string;
  readonly signature: Buffer;
}

/** Whether the request carries a signature, right or wrong. */
export const isSigned = (headers: IncomingHttpHeaders): boolean =>
  cookieOf(headers, 'APIC-Request-Signature') !== undefined;

/**
 * Verifies a signed request (RSA PKCS#1 v1.5 over SHA-256, apic-protocol.md §1.3) and gives the Dn of the user. Throws
 * 403 with the APIC's texts: `bad signature`, or `invalid padding` where the signature is not one of that key at all.
 */
export function signedBy(store: ObjectStore, request: SignedRequest): string {
  const claim = claimOf(request.headers);
  const certificate = store.get(claim.certificateDn);
  const key = keyFrom(certificate?.attributes.data ?? '');
  const owner = certificate?.parent;
  if (key === undefined || owner === undefined) throw forbidden('bad signature');
  const isGood = [...candidates(request)].some((text) => verify('sha256', Buffer.from(text), key, claim.signature));
  if (isGood) return owner.dn;
  throw forbidden(hasPadding(key, claim.signature) ? 'bad signature' : 'invalid padding');
}

const forbidden = (text: string): ApicError => new ApicError(403, 403, text);

function claimOf(headers: IncomingHttpHeaders): Claim {
  const signature = cookieOf(headers, 'APIC-Request-Signature');
  const certificateDn = cookieOf(headers, 'APIC-Certificate-DN');
  const algorithm = cookieOf(headers, 'APIC-Certificate-Algorithm');
  const fingerprint = cookieOf(headers, 'APIC-Certificate-Fingerprint');
  if (signature === undefined || certificateDn === undefined || fingerprint === undefined) throw noToken();
  if (algorithm !== 'v1.0') throw forbidden('bad signature');
  return { certificateDn, signature: Buffer.from(signature, 'base64') };
}

/** The key of a PEM certificate or public key; undefined for anything else. Blanks may have been lost on the way. */
function keyFrom(data: string): KeyObject | undefined {
  const [, label, body] = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/.exec(data) ?? [];
  if (label === undefined || body === undefined) return undefined;
  try {
    const key = createPublicKey(`-----BEGIN ${label}-----\n${body.replace(/\s+/g, '')}\n-----END ${label}-----\n`);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Texts that clients sign for one request: the variations of apic-protocol.md §1.3. */
function candidates(request: SignedRequest): ReadonlySet<string> {
  const { method, rawUrl, body } = request;
  const spelled = [rawUrl, unquoted(rawUrl)];
  const urls = spelled.flatMap((url) => [
    url,
    collapsed(url),
    url.replace(/\?$/, ''),
    collapsed(url).replace(/\?$/, ''),
  ]);
  const bodies = method === 'GET' || body === '{}' ? [body, ''] : [body];
  return new Set(urls.flatMap((url) => bodies.map((text) => `${method}${url}${text}`)));
}

const collapsed = (url: string): string => url.replace(/\/{2,}/g, '/');

function unquoted(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function hasPadding(key: KeyObject, signature: Buffer): boolean {
  try {
    publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    return true;
  } catch {
    return false;
  }
}
