import { GatewayError } from '#errors';

/** Redis cannot be reached, does not answer in time, or refuses commands: tried again. */
export class QueueUnreachableError extends GatewayError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('QUEUE_UNREACHABLE', message, { disposition: 'retry', ...options });
  }
}

/** Another gateway of the same cluster id has taken over the delegated work: this one must not go on giving orders. */
export class WorkTakenOverError extends GatewayError {
  constructor(prefix: string) {
    super(
      'WORK_TAKEN_OVER',
      `Redis prefix ${prefix}: another gateway has taken over the work of this cluster; run one gateway for each clusterId, ` +
        'or give one of them another queue.redis.prefix',
      { disposition: 'wait', retryAfterMs: 30_000 },
    );
  }
}
