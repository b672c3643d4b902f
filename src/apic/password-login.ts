import { ApicBusyError, ApicLoginRefusedError, ApicRejectedError, ApicSessionError } from './errors.js';
import type { ApicHttp } from './http.js';
import { type ApicReply, readReply } from './reply.js';
import type { ApicSession, SessionGrant } from './session.js';

/** Who logs in. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly domain?: string;
}

/** Lives of tokens and sessions where the answer names none (apic-protocol.md §1.1). */
const DEFAULT_REFRESH_SECONDS = 600;
const DEFAULT_LIFETIME_SECONDS = 86_400;

/** Logs in (`aaaLogin`, apic-protocol.md §1.1). Rejects with {@link ApicLoginRefusedError} when the APIC says no. */
export async function logIn(
  http: ApicHttp,
  url: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<SessionGrant> {
  const name = loginName(credentials);
  const body = JSON.stringify({ aaaUser: { attributes: { name, pwd: credentials.password } } });
  const reply = await http.send({ url }, { kind: 'logins', method: 'POST', path: '/api/aaaLogin.json', body }, signal);
  try {
    return grantOf(readReply(reply, { url, about: 'the login' }), url);
  } catch (error) {
    if (!(error instanceof ApicSessionError || error instanceof ApicRejectedError)) throw error;
    throw new ApicLoginRefusedError(url, name, error.text);
  }
}

/** A new token for the session (`aaaRefresh`, apic-protocol.md §1.2); the answer is an `aaaLogin` as well. */
export async function refreshToken(http: ApicHttp, session: ApicSession, signal: AbortSignal): Promise<SessionGrant> {
  const { url, token } = session;
  const reply = await http.send(
    { url, token },
    { kind: 'refreshes', method: 'GET', path: '/api/aaaRefresh.json' },
    signal,
  );
  return grantOf(readReply(reply, { url, about: 'a refresh of the session' }), url);
}

/** Ends the session on the APIC, so that it does not count against the user's limit of sessions. */
export async function logOut(
  http: ApicHttp,
  session: ApicSession,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<void> {
  const { url, token } = session;
  const body = JSON.stringify({ aaaUser: { attributes: { name: loginName(credentials) } } });
  await http.send({ url, token }, { kind: 'logins', method: 'POST', path: '/api/aaaLogout.json', body }, signal);
}

const loginName = ({ user, domain }: Credentials): string => (domain === undefined ? user : `apic:${domain}\\${user}`);

function grantOf(reply: ApicReply, url: string): SessionGrant {
  const login = reply.objects.find(({ className }) => className === 'aaaLogin');
  const token = login?.attributes['token'];
  if (login === undefined || token === undefined || token === '') {
    throw new ApicBusyError(url, 'its answer to the login holds no token');
  }
  return {
    token,
    refreshTimeoutMs: seconds(login.attributes['refreshTimeoutSeconds'], DEFAULT_REFRESH_SECONDS) * 1000,
    lifetimeMs: seconds(login.attributes['maximumLifetimeSeconds'], DEFAULT_LIFETIME_SECONDS) * 1000,
  };
}

function seconds(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : fallback;
}
