import { setTimeout as delay } from 'node:timers/promises';
import type { KubeMock } from '#kube-mock';
import { readPod, viewKey } from '#model/kubernetes';
import { isPolicyEndpoint } from '#policy';
import type { GatewayProcess } from '../gateway-process.js';
import type { Progress } from '../progress.js';

/** How the waiting ended. */
export type Convergence =
  | { readonly kind: 'converged' }
  | { readonly kind: 'timeout'; readonly waitingFor: readonly string[] };

/** What is waited for, and how long. */
export interface ConvergenceInput {
  readonly gateway: GatewayProcess;
  readonly kube: KubeMock;
  readonly seconds: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 20;

/**
 * Waits until the gateway says that nothing is left to do, and knows every pod that the API server has: a gateway that
 * has not heard of the last pod yet believes itself done. Ends early when aborted; rejects when the gateway fails.
 */
export async function awaitConvergence(input: ConvergenceInput): Promise<Convergence> {
  const { gateway, seconds, progress, signal } = input;
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const waitingFor = openPoints(input);
    if (waitingFor.length === 0 || signal.aborted) return { kind: 'converged' };
    if (Date.now() > deadline) return { kind: 'timeout', waitingFor };
    progress.waiting(waitingFor.join('; '));
    await Promise.race([delay(LOOK_EVERY_MS), gateway.done]);
  }
}

function openPoints({ gateway, kube }: ConvergenceInput): readonly string[] {
  const { waitingFor } = gateway.state.status();
  if (waitingFor.length > 0) return waitingFor;
  const known = new Set(gateway.state.groups().flatMap((group) => group.pods));
  const missing = endpointKeys(kube).filter((key) => !known.has(key));
  return missing.length === 0 ? [] : [`pod ${missing[0]} to be seen`];
}

function endpointKeys(kube: KubeMock): readonly string[] {
  return kube.objects('pods').flatMap((object) => {
    const { view } = readPod(object);
    return view !== undefined && isPolicyEndpoint(view) ? [viewKey(view)] : [];
  });
}
