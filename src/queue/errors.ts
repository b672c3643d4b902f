import { GatewayError } from '#errors';

/** Redis cannot be reached, does not answer in time, or refuses commands: tried again. */
export class QueueUnreachableError extends GatewayError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('QUEUE_UNREACHABLE', message, { disposition: 'retry', ...options });
  }
}
