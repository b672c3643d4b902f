import { GatewayError } from '#errors';
import type { WorkQueue } from '#ports';

/** Makes a fresh, empty queue. `onParked` is called with each key that is set aside. */
export type WorkQueueFactory = (options: {
  readonly concurrency: number;
  readonly deadAfter?: number;
  readonly onParked?: (key: string) => void;
}) => Promise<WorkQueue>;

export const parking = (): GatewayError => new GatewayError('BAD', 'bad\ninput', { disposition: 'park' });
export const comeBack = (retryAfterMs: number): GatewayError =>
  new GatewayError('BUSY', 'come back later', { disposition: 'wait', retryAfterMs });
/** A door that the test opens. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
