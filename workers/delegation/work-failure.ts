import { GatewayError, messageOf } from '#errors';
import type { WorkFailure } from '#ports';

/** An error as it travels to the caller of the work. What nobody raised on purpose is tried again. */
export function failureOf(error: unknown): WorkFailure {
  if (!(error instanceof GatewayError)) {
    return { code: 'UNFORESEEN', message: messageOf(error), disposition: 'retry' };
  }
  const { code, disposition, retryAfterMs } = error;
  return { code, message: messageOf(error), disposition, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A worker's error at its caller: the same code, message and disposition, so that it leads to the same. */
export class DelegatedWorkError extends GatewayError {
  constructor({ code, message, disposition, retryAfterMs }: WorkFailure) {
    super(code, message, { disposition, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}
