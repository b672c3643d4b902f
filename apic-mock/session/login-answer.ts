import { timestamp } from '../fabric/index.js';
import type { ReplyObject } from '../query/index.js';
import { replyObject } from '../wire/index.js';
import type { Session, SessionTimes } from './sessions.js';

/** What an `aaaLogin` answer says beside the session. */
export interface LoginContext {
  readonly token: string;
  readonly session: Session;
  readonly times: SessionTimes;
  readonly version: string;
  readonly now: number;
}

const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));

/** The `aaaLogin` object that answers aaaLogin and aaaRefresh alike (apic-protocol.md §1.1, §1.2). */
export function loginAnswer(context: LoginContext): ReplyObject {
  const { token, session, times, version, now } = context;
  const attributes = {
    token,
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
    lastName: '',
    firstName: '',
    changePassword: 'no',
    version,
    buildTime: timestamp(0),
    node: 'topology/pod-1/node-1',
  };
  return { className: 'aaaLogin', attributes, children: [userDomain()] };
}

/** Everybody is admin of all domains: read-only roles are not simulated yet. */
function userDomain(): ReplyObject {
  const attributes = { name: 'all', rolesR: 'admin', rolesW: 'admin' };
  return {
    className: 'aaaUserDomain',
    attributes,
    children: [
      replyObject('aaaReadRoles', {}),
      { className: 'aaaWriteRoles', attributes: {}, children: [adminRole()] },
    ],
  };
}

const adminRole = (): ReplyObject => replyObject('role', { name: 'admin' });
