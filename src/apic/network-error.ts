import { GatewayError } from '#errors';
import { networkFailure } from '#runtime';
import { ApicTlsUntrustedError, ApicUnreachableError } from './errors.js';
import { NOT_PINNED } from './tls.js';

/** Translates what axios and ws throw when no answer came. The URL in messages is the base URL, without any token. */
export function networkError(url: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const { reason, code, untrusted, slow } = networkFailure(error);
  if (code === NOT_PINNED) return new ApicTlsUntrustedError(url, reason, { pinned: true });
  if (untrusted) return new ApicTlsUntrustedError(url, code ?? reason);
  return new ApicUnreachableError(url, reason, { down: !slow });
}
