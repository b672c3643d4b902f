import { badRequest } from '../apic-error.js';
import { badLogin } from '../session/index.js';
import { applyNode, placeOf, placeRequest } from '../write/index.js';
import { type ApiReply, type ApiRequest, EMPTY_REPLY } from './api-request.js';
import type { ApicParts } from './apic-parts.js';
import type { Caller } from './authentication.js';
import { actorOf } from './object-routes.js';
import { requestNodes } from './request-nodes.js';
import { commitWrite, type PreparedWrite } from './slow-commit.js';

/**
 * `POST /api/changeSelfX509Cert`: whoever has logged in gives himself a certificate, whatever his roles
 * (apic-protocol.md §1.2; the object `aaaChangeX509Cert` with `userName`, `name`, `data` is pyaci's). Throws code 400 for
 * another user's name; an APIC's answer to that is not known.
 */
export function changeCertificate(parts: ApicParts, request: ApiRequest, caller: Caller): ApiReply {
  const { name = '', data = '' } = ownChange(request, caller, 'aaaChangeX509Cert');
  if (name === '' || data === '') throw badRequest('Invalid request. aaaChangeX509Cert takes name and data');
  return changeSelf(parts, caller, { className: 'aaaUserCert', attributes: { name, data } });
}

/**
 * `POST /api/changeSelfPassword` with `aaaChangePassword` (`userName`, `oldPassword`, `newPassword`; Cisco's REST API
 * configuration guide). Throws 401 for a wrong old password, which is a guess.
 */
export function changePassword(parts: ApicParts, request: ApiRequest, caller: Caller): ApiReply {
  const { oldPassword = '', newPassword = '' } = ownChange(request, caller, 'aaaChangePassword');
  if (newPassword === '') throw badRequest('Invalid request. aaaChangePassword takes oldPassword and newPassword');
  parts.users.verify(caller.session.user.name, oldPassword);
  return changeSelf(parts, caller, { className: 'aaaUser', attributes: { pwd: newPassword } });
}

function ownChange(request: ApiRequest, caller: Caller, className: string): Readonly<Record<string, string>> {
  const [node] = request.method === 'POST' ? requestNodes(request) : [];
  if (node?.className !== className) throw badRequest(`Invalid request. ${request.url.path} takes one ${className}`);
  if (node.attributes.userName !== caller.session.user.name) {
    throw badRequest(`Invalid request. ${className} is for the user who has logged in`);
  }
  return node.attributes;
}

interface SelfChange {
  readonly className: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function changeSelf(parts: ApicParts, caller: Caller, change: SelfChange): ApiReply {
  const user = parts.users.objectOf(caller.session.user.name);
  if (user === undefined) throw badLogin();
  const node = placeRequest(placeOf(user.dn), { ...change, children: [] }, 'user');
  const write: PreparedWrite['write'] = (transaction) => applyNode(transaction, node, 'user');
  commitWrite(parts, { actor: actorOf(caller), classes: () => [change.className], write });
  return EMPTY_REPLY;
}
