import { badRequest } from '../apic-error.js';
import { badLogin, loginAnswer, type Session } from '../session/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import { requestNodes } from './request-nodes.js';

/** `POST /api/aaaLogin` (apic-protocol.md §1.1). Throws 401 for a wrong name or password. */
export function login(parts: ApicParts, request: ApiRequest): ApiReply {
  const { name, pwd } = readUser(request);
  const user = parts.users.verify(name, pwd);
  if (user === undefined) {
    parts.tally.failedLogins += 1;
    throw badLogin();
  }
  parts.tally.logins += 1;
  const { session, token } = parts.sessions.login(user);
  return tokenReply(parts, session, token);
}

/** `GET` or `POST /api/aaaRefresh`: a new token, said by an `aaaLogin` object (apic-protocol.md §1.2). */
export function refresh(parts: ApicParts, session: Session): ApiReply {
  parts.tally.refreshes += 1;
  return tokenReply(parts, session, parts.sessions.refresh(session));
}

/** `POST /api/aaaLogout` (apic-protocol.md §1.2). */
export function logout(parts: ApicParts, session: Session): ApiReply {
  parts.sessions.end(session);
  return EMPTY_REPLY;
}

/** `GET /api/aaaListDomains`, for anybody: plain objects, not managed ones (apic-protocol.md §1.2). */
export function listDomains(request: ApiRequest): ApiReply {
  const domains = ['local', 'DefaultAuth'];
  if (request.format === 'xml') {
    const body = domains.map((name) => `<aaaDomain name="${name}" type="OTHER"/>`).join('');
    return verbatim(`<?xml version="1.0" encoding="UTF-8"?><imdata totalCount="${domains.length}">${body}</imdata>`);
  }
  const imdata = domains.map((name) => ({ name, type: 'OTHER' }));
  return verbatim(JSON.stringify({ totalCount: String(domains.length), imdata }));
}

const verbatim = (text: string): ApiReply => ({ ...EMPTY_REPLY, verbatim: text });

function tokenReply(parts: ApicParts, session: Session, token: string): ApiReply {
  const { times, version } = parts.settings;
  const answer = loginAnswer({ token, session, times, version, now: parts.now() });
  return { totalCount: 1, objects: [answer], token };
}

function readUser(request: ApiRequest): { readonly name: string; readonly pwd: string } {
  const [node] = requestNodes(request);
  if (node?.className !== 'aaaUser') {
    throw badRequest('Invalid request. aaaLogin takes one aaaUser object with name and pwd');
  }
  return { name: node.attributes.name ?? '', pwd: node.attributes.pwd ?? '' };
}
