import { randomBytes } from 'node:crypto';
import { rnOfDn } from '#model/aci';
import {
  accountInactive,
  challengeMissing,
  cookieOf,
  isSigned,
  noToken,
  type Session,
  signedBy,
  tokensOf,
  tokenTimeout,
} from '../session/index.js';
import type { ApiRequest } from './api-request.js';
import type { ApicParts } from './apic-parts.js';

/** Who asks, and by how many tokens: with two of them pushes stay away (apic-protocol.md §1.1). */
export interface Caller {
  readonly session: Session;
  readonly tokens: number;
}

/** Who sends a request: by token or by signature. Throws the texts of apic-protocol.md §1.3 and §1.4. */
export function authenticate(parts: ApicParts, request: ApiRequest): Caller {
  const tokens = tokensOf(request.headers);
  if (tokens.length === 0) return isSigned(request.headers) ? signer(parts, request) : refuse();
  for (const token of tokens) {
    const session = parts.sessions.find(token);
    if (session === undefined) continue;
    requireChallenge(session, request);
    return { session, tokens: tokens.length };
  }
  throw tokenTimeout();
}

function refuse(): never {
  throw noToken();
}

/** A session that began with a challenge token wants it in each request, in the header or in the URL (§1.2). */
function requireChallenge(session: Session, request: ApiRequest): void {
  if (session.challenge === undefined) return;
  const given = request.headers['apic-challenge'] ?? request.url.query.get('challenge');
  if (given !== session.challenge) throw challengeMissing();
}

/**
 * The caller of a signed request. It has no session of its own; its subscriptions belong to the one that
 * `APIC-WebSocket-Session` names (§1.3), else to none with a socket.
 */
function signer(parts: ApicParts, request: ApiRequest): Caller {
  const name = userName(signedBy(parts.fabric.store, request));
  if (!parts.users.isUsable(name)) throw accountInactive(name);
  const token = cookieOf(request.headers, 'APIC-WebSocket-Session');
  const session = token === undefined ? undefined : parts.sessions.find(token);
  if (session !== undefined && session.user.name === name) return { session, tokens: 1 };
  const id = randomBytes(12).toString('base64');
  return { session: { id, user: parts.users.user(name), createdAt: parts.now() }, tokens: 1 };
}

/** `uni/userext/user-admin` → `admin`; users of apps alike. */
export const userName = (dn: string): string => rnOfDn(dn).replace(/^(?:user|appuser)-/, '');
