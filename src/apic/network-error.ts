import type { GatewayError } from '#errors';
import { networkFailure } from '#runtime';
import { ApicTlsUntrustedError, ApicUnreachableError } from './errors.js';

/** Translates what axios and ws throw when no answer came. The URL in messages is the base URL, without any token. */
export function networkError(url: string, error: unknown): GatewayError {
  const { reason, code, untrusted, slow } = networkFailure(error);
  if (untrusted) return new ApicTlsUntrustedError(url, code ?? reason);
  return new ApicUnreachableError(url, reason, { down: !slow });
}
