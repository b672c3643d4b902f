import { GatewayError } from '#errors';

/** The policy store cannot be reached or does not answer: tried again, and what was read last stays in force. */
export class StoreUnreachableError extends GatewayError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('STORE_UNREACHABLE', message, { disposition: 'retry', ...options });
  }
}
