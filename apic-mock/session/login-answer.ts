import type { Attributes } from '#model/aci';
import { timestamp } from '../fabric/index.js';
import type { ReplyObject } from '../query/index.js';
import { replyObject } from '../wire/index.js';
import type { DomainRoles } from './roles.js';
import type { Session, SessionTimes } from './sessions.js';

/** What an `aaaLogin` answer says beside the session. */
export interface LoginContext {
  readonly token: string;
  readonly session: Session;
  readonly roles: readonly DomainRoles[];
  /** Attributes of the user's object. */
  readonly about: Attributes;
  readonly times: SessionTimes;
  readonly version: string;
  readonly now: number;
}

const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));

/** The `aaaLogin` object that answers aaaLogin and aaaRefresh alike (apic-protocol.md §1.1, §1.2). */
export function loginAnswer(context: LoginContext): ReplyObject {
  const { token, session, roles, about, times, version, now } = context;
  const attributes = {
    token,
    ...(session.challenge === undefined ? {} : { urlToken: session.challenge }),
    siteFingerprint: 'acigwmockfabric0',
    refreshTimeoutSeconds: String(times.tokenSeconds),
    maximumLifetimeSeconds: String(times.lifetimeSeconds),
    guiIdleTimeoutSeconds: '1200',
    restTimeoutSeconds: '90',
    creationTime: seconds(now),
    firstLoginTime: seconds(session.createdAt),
    userName: session.user.name,
    remoteUser: 'false',
    unixUserId: session.user.unixUserId,
    sessionId: session.id,
    lastName: about.lastName ?? '',
    firstName: about.firstName ?? '',
    changePassword: 'no',
    version,
    buildTime: timestamp(0),
    node: 'topology/pod-1/node-1',
  };
  return { className: 'aaaLogin', attributes, children: roles.map(userDomain) };
}

/** What the user may do in one security domain (apic-protocol.md §1.1). */
function userDomain(roles: DomainRoles): ReplyObject {
  const attributes = { name: roles.domain, rolesR: roles.readable.join(','), rolesW: roles.writable.join(',') };
  const listed = (className: string, names: readonly string[]): ReplyObject => ({
    className,
    attributes: {},
    children: names.map((name) => replyObject('role', { name })),
  });
  return {
    className: 'aaaUserDomain',
    attributes,
    children: [listed('aaaReadRoles', roles.readable), listed('aaaWriteRoles', roles.writable)],
  };
}
