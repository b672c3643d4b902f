import { GatewayError } from '#errors';

/** The switch or its database cannot be reached or went away: tried again. */
export class SwitchUnreachableError extends GatewayError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('OVS_UNREACHABLE', message, { disposition: 'retry', ...options });
  }
}

/** The switch refused what it was told, or did something else: tried again, as its state may be in between. */
export class SwitchRefusedError extends GatewayError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('OVS_REFUSED', message, { disposition: 'retry', ...options });
  }
}
