import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** Who may approve deletions. */
export interface Approvers {
  /** Whoever has it; without one whoever asks from this machine. */
  readonly token?: string | undefined;
}

/**
 * Why a request may not approve anything; undefined when it may. With a token it must carry it (`Authorization: Bearer …`),
 * wherever it comes from. Without one it must come from the machine itself: over a loopback address, not handed on by a
 * proxy, and under a loopback name, so that a web page of somebody else's, in a browser there, can not do it either.
 */
export function mayApprove(request: FastifyRequest, { token }: Approvers): string | undefined {
  const { headers, socket } = request;
  if (token !== undefined) {
    const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (given !== undefined && isEqual(given, token)) return undefined;
    return "approving needs the token of the gateway's api.tokenFile (Authorization: Bearer …)";
  }
  const isLocal = isLoopback(socket.remoteAddress ?? '') && isLoopback(hostOf(headers.host));
  const isHandedOn = 'forwarded' in headers || 'x-forwarded-for' in headers;
  if (isLocal && !isHandedOn) return undefined;
  return 'approving is for this machine (127.0.0.1) only, unless the gateway has api.tokenFile';
}

/** Compares in a time that does not tell how much is equal. */
const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The name in a Host header, without port and brackets. */
const hostOf = (header = ''): string => header.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  const ipv4 = host.replace(/^::ffff:/, '');
  return isIP(ipv4) === 4 && ipv4.startsWith('127.');
}
