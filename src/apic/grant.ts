import { ApicBusyError } from './errors.js';
import type { ApicReply } from './reply.js';
import type { SessionGrant } from './session.js';

/** Lives of tokens and sessions where the answer names none (apic-protocol.md §1.1). */
const DEFAULT_REFRESH_SECONDS = 600;
const DEFAULT_LIFETIME_SECONDS = 86_400;

/** What an answer grants: an `aaaLogin`, or a `webtokenSession`. Throws {@link ApicBusyError} when it holds no token. */
export function grantOf(reply: ApicReply, url: string, className = 'aaaLogin'): SessionGrant {
  const login = reply.objects.find((object) => object.className === className);
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
