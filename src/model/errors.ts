/** What the reconcile loop does about an error: the class of an error says what happened, this says what follows. */
export type Disposition =
  /** Try again with exponential backoff and jitter. */
  | 'retry'
  /** Try again at a known time (a rate limit, a lease). */
  | 'wait'
  /** Our picture of the other side is out of date: read it again, then try. */
  | 'reread'
  /** Nothing changes until the input changes: show the reason to the user and go on with the rest. */
  | 'park'
  /** Going on would do harm: stop the process with the reason. */
  | 'crash';

/** Options of a {@link GatewayError}; `cause` is kept for the person who debugs. */
export interface GatewayErrorOptions extends ErrorOptions {
  readonly disposition: Disposition;
  /** For `wait`: milliseconds until the next try makes sense. */
  readonly retryAfterMs?: number;
}

/** Base of all errors that the gateway raises on purpose. `code` is stable and meant for dashboards and scripts. */
export class GatewayError extends Error {
  readonly code: string;
  readonly disposition: Disposition;
  /** For `wait`: milliseconds until the next try makes sense; undefined when the error does not know. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: GatewayErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.name = new.target.name;
    this.disposition = options.disposition;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The user's input cannot be used: names the object, the field, what was expected and what to do. Parked, never retried. */
export class InvalidInputError extends GatewayError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('INVALID_INPUT', message, { disposition: 'park', ...options });
  }
}

/** The message of anything thrown, on one line, without a stack trace. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ');
}
