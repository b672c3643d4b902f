import { randomBytes } from 'node:crypto';
import { badRequest } from '../apic-error.js';
import { isSigned, loginAnswer, noApp, noToken, rolesOf, type Session, signedBy, type User } from '../session/index.js';
import { replyObject } from '../wire/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import { userName } from './authentication.js';
import { requestNodes } from './request-nodes.js';

/** What may stand in a Dn: anything else that somebody tries is not kept. */
const PLAIN_NAME = /^[\w.-]{1,64}$/;

/** `POST /api/aaaLogin` (apic-protocol.md §1.1). Throws 401 for a wrong name or password. */
export function login(parts: ApicParts, request: ApiRequest): ApiReply {
  const { name, pwd } = readUser(request);
  const user = verified(parts, name, pwd);
  parts.tally.logins += 1;
  const wantsChallenge = request.url.query.get('gui-token-request') === 'yes';
  const kind = wantsChallenge ? { challenge: randomBytes(32).toString('hex') } : {};
  const { session, token } = parts.sessions.login(user, kind);
  parts.fabric.recordSession(user.name, '[user login] client-type-REST-Success');
  return tokenReply(parts, session, token);
}

function verified(parts: ApicParts, name: string, password: string): User {
  try {
    return parts.users.verify(name, password);
  } catch (error) {
    parts.tally.failedLogins += 1;
    parts.fabric.recordSession(PLAIN_NAME.test(name) ? name : '', '[user login] client-type-REST-Failure');
    throw error;
  }
}

/** `GET` or `POST /api/aaaRefresh`: a new token, said by an `aaaLogin` object (apic-protocol.md §1.2). */
export function refresh(parts: ApicParts, session: Session): ApiReply {
  parts.tally.refreshes += 1;
  parts.fabric.recordSession(session.user.name, '[session refresh] client-type-REST-Success');
  return tokenReply(parts, session, parts.sessions.refresh(session));
}

/** `POST /api/aaaLogout` (apic-protocol.md §1.2). */
export function logout(parts: ApicParts, session: Session): ApiReply {
  parts.fabric.recordSession(session.user.name, '[user logout] client-type-REST-Success');
  parts.sessions.end(session);
  return EMPTY_REPLY;
}

/** `GET /api/webtokenSession`: a token for a websocket, for callers that sign (apic-protocol.md §1.2, §1.3). */
export function websocketToken(parts: ApicParts, caller: Session): ApiReply {
  const { token } = parts.sessions.login(caller.user, { signed: true });
  return { totalCount: 1, objects: [replyObject('webtokenSession', { token })] };
}

/**
 * `POST /api/requestAppToken`: the user of an app (`aaaAppUser`) begins a session by signing with its certificate. The
 * answer is an `aaaLogin` object, and no cookie is set (apic-protocol.md §1.2). Throws 403 for everybody else. Whether an
 * APIC compares `appName` with the user is not known: it has to be there.
 */
export function appToken(parts: ApicParts, request: ApiRequest): ApiReply {
  if (!isSigned(request.headers)) throw noToken();
  const dn = signedBy(parts.fabric.store, request);
  if (!dn.startsWith('uni/userext/appuser-')) throw noApp();
  const [node] = requestNodes(request);
  if (node?.className !== 'aaaAppToken' || !node.attributes.appName) {
    throw badRequest('Invalid request. requestAppToken takes one aaaAppToken object with appName');
  }
  const { session, token } = parts.sessions.login(parts.users.user(userName(dn)));
  parts.tally.logins += 1;
  return { ...tokenReply(parts, session, token), token: undefined };
}

/** `GET /api/aaaListDomains`, for anybody: plain objects, not managed ones (apic-protocol.md §1.2). */
export function listDomains(parts: ApicParts, request: ApiRequest): ApiReply {
  const domains = parts.users.domains();
  if (request.format === 'xml') {
    const objects = domains.map((name) => replyObject('aaaDomain', { name, type: 'OTHER' }));
    return { totalCount: objects.length, objects };
  }
  const imdata = domains.map((name) => ({ name, type: 'OTHER' }));
  return verbatim(JSON.stringify({ totalCount: String(domains.length), imdata }));
}

const verbatim = (text: string): ApiReply => ({ ...EMPTY_REPLY, verbatim: text });

function tokenReply(parts: ApicParts, session: Session, token: string): ApiReply {
  const { times, version } = parts.settings;
  const object = parts.users.objectOf(session.user.name);
  const about = object?.attributes ?? {};
  const answer = loginAnswer({ token, session, roles: rolesOf(object), about, times, version, now: parts.now() });
  return { totalCount: 1, objects: [answer], token };
}

function readUser(request: ApiRequest): { readonly name: string; readonly pwd: string } {
  const [node] = requestNodes(request);
  if (node?.className !== 'aaaUser') {
    throw badRequest('Invalid request. aaaLogin takes one aaaUser object with name and pwd');
  }
  return { name: node.attributes.name ?? '', pwd: node.attributes.pwd ?? '' };
}
