import { badRequest } from '../apic-error.js';
import { classTarget, objectTarget } from '../query/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import { authenticate, type Caller } from './authentication.js';
import { read, remove, write } from './object-routes.js';
import { changeCertificate, changePassword } from './self-service.js';
import { appToken, listDomains, login, logout, refresh, websocketToken } from './session-routes.js';
import { answerTags, TAG_PATH } from './tag-routes.js';
import { uploadedFile } from './uploaded-file.js';

/** Where files are uploaded that hold a tree (apic-protocol.md §2.1). */
const UPLOAD_PATH = /^\/api\/ppi(?:\/node)?\/mo(?:\/(.*))?$/s;

/** `/api/mo/<dn>`, `/api/node/mo/<dn>`, `/api/mo` alone; the same for classes (apic-protocol.md §2.1). */
const OBJECT_PATH = /^\/api\/(?:node\/)?(mo|class)(?:\/(.*))?$/s;

/** Answers one request of the API. Throws {@link ApicError} for everything that is not a success. */
export function answer(parts: ApicParts, request: ApiRequest): ApiReply {
  const { method, url } = request;
  if (url.path === '/api/aaaLogin' && method === 'POST') return login(parts, request);
  if (url.path === '/api/aaaListDomains' && method === 'GET') return listDomains(parts, request);
  if (url.path === '/api/requestAppToken' && method === 'POST') return appToken(parts, request);
  const caller = authenticate(parts, request);
  switch (url.path) {
    case '/api/aaaRefresh':
      return refresh(parts, caller.session);
    case '/api/aaaLogout':
      return logout(parts, caller.session);
    case '/api/changeSelfX509Cert':
      return changeCertificate(parts, request, caller);
    case '/api/changeSelfPassword':
      return changePassword(parts, request, caller);
    case '/api/webtokenSession':
      return websocketToken(parts, caller.session);
    case '/api/checkRequestState':
      parts.accepted.check(url.query.get('id') ?? '');
      return EMPTY_REPLY;
    case '/api/subscriptionRefresh':
      return refreshSubscription(parts, request, caller);
    default:
      return answerOthers(parts, request, caller);
  }
}

function answerOthers(parts: ApicParts, request: ApiRequest, caller: Caller): ApiReply {
  const { path } = request.url;
  if (TAG_PATH.test(path)) return answerTags(parts, request, caller);
  const upload = request.method === 'POST' ? UPLOAD_PATH.exec(path) : null;
  if (upload === null) return answerObjects(parts, request, caller);
  return write(parts, { ...request, body: uploadedFile(request.body) }, upload[1] ?? '', caller);
}

function refreshSubscription(parts: ApicParts, request: ApiRequest, caller: Caller): ApiReply {
  const { query } = request.url;
  const seconds = query.get('refresh-timeout') ?? '';
  const wanted = /^\d{1,9}$/.test(seconds) ? Number(seconds) : undefined;
  parts.subscriptions.refresh(caller.session, query.get('id') ?? '', wanted);
  parts.tally.subscriptionRefreshes += 1;
  return EMPTY_REPLY;
}

function answerObjects(parts: ApicParts, request: ApiRequest, caller: Caller): ApiReply {
  const [, form, rest = ''] = OBJECT_PATH.exec(request.url.path) ?? [];
  if (form === undefined) throw badRequest(`Request failed, unsupported URL ${request.url.path}`);
  const path = rest.replace(/\/$/, '');
  switch (request.method) {
    case 'GET':
      return read(parts, request, form === 'mo' ? objectTarget(path) : classTarget(path), caller);
    case 'POST':
      requireObjectForm(form);
      return write(parts, request, path, caller);
    case 'DELETE':
      requireObjectForm(form);
      return remove(parts, request, path, caller);
    default:
      throw badRequest(`Request failed, method ${request.method} is not supported`);
  }
}

function requireObjectForm(form: string): void {
  if (form !== 'mo') throw badRequest('Invalid request. Objects are written at /api/mo/<dn>, not at a class');
}
