import { compileFlows } from '#datapath';
import { GatewayError, messageOf } from '#errors';
import type { NodePolicy } from '#model/node';
import type { Bridge, Clock, Logger, PolicyStore } from '#ports';
import { type AgentStatus, sortPods, startingStatus } from './status.js';
import { Wake } from './wake.js';

/** The agent's node and its parts. */
export interface AgentOptions {
  readonly node: string;
  readonly store: PolicyStore;
  readonly bridge: Bridge;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Aborted to stop: the bridge is left as it is and goes on forwarding. */
  readonly signal: AbortSignal;
  /** How often the flows are asserted though nothing seems to have changed; someone else may have touched them. */
  readonly resyncMs?: number;
}

/** An agent at work. */
export interface RunningAgent {
  status(): AgentStatus;
  /** Resolves when the agent has stopped; rejects when a part of it failed for good. */
  readonly stopped: Promise<void>;
}

const RESYNC_MS = 30_000;
const RETRY_BASE_MS = 200;
const RETRY_MAX_MS = 10_000;

/**
 * Follows the node's policy in the store and the pods on the bridge, and keeps the bridge's flows equal to both. Before the
 * first policy is known, and when the store has none any more, the flows stay as they are: a restart of the agent or an
 * outage of the store interrupts nothing, and a bridge without flows forwards nothing.
 */
export function runAgent(options: AgentOptions): RunningAgent {
  const agent = new Agent(options);
  return { status: () => agent.status, stopped: agent.run() };
}

class Agent {
  status: AgentStatus;
  readonly #options: AgentOptions;
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  readonly #wake: Wake;
  #policy: NodePolicy | undefined;
  /** Text of the flows on the bridge as far as we know; undefined when that may no longer be so. */
  #applied: string | undefined;
  #failures = 0;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#failed.signal]);
    this.#wake = new Wake(options.clock, this.#signal);
    this.status = startingStatus(options.node);
  }

  async run(): Promise<void> {
    const { node, store, bridge } = this.#options;
    const parts = [
      store.watch(
        node,
        { policy: (policy) => this.#takePolicy(policy), trouble: (reason) => this.#takeTrouble(reason) },
        this.#signal,
      ),
      bridge.watch(() => this.#takeBridgeChange(), this.#signal),
      this.#loop(),
    ];
    try {
      await Promise.all(parts);
    } finally {
      this.#failed.abort();
      await Promise.allSettled(parts);
    }
  }

  #takePolicy(policy: NodePolicy | undefined): void {
    if (policy === undefined) {
      this.#options.log.warn(
        { node: this.#options.node },
        'the store has no policy for this node; flows stay as they are',
      );
    } else {
      this.#policy = policy;
    }
    this.#update({ storeRevision: policy?.revision });
    this.#wake.call();
  }

  #takeTrouble(storeTrouble: string | undefined): void {
    this.#update({ storeTrouble });
    const { log, node } = this.#options;
    if (storeTrouble === undefined) log.info({ node }, 'the policy store is followed again');
    else
      log.warn({ node, reason: storeTrouble }, 'the policy store cannot be followed; the last policy stays in force');
  }

  /** The switch may have been restarted, so what was loaded before may be gone. */
  #takeBridgeChange(): void {
    this.#applied = undefined;
    this.#wake.call();
  }

  async #loop(): Promise<void> {
    const { resyncMs = RESYNC_MS, clock } = this.#options;
    let nextResync = clock.uptime() + resyncMs;
    let waitMs = 0;
    while (!this.#signal.aborted) {
      await this.#wake.wait(waitMs);
      if (this.#signal.aborted) return;
      if (clock.uptime() >= nextResync) {
        this.#applied = undefined;
        nextResync = clock.uptime() + resyncMs;
      }
      const retryMs = await this.#trySync();
      waitMs = Math.min(retryMs ?? resyncMs, Math.max(0, nextResync - clock.uptime()));
    }
  }

  /** Gives the time after which to try again, or undefined when only a change can help. */
  async #trySync(): Promise<number | undefined> {
    try {
      await this.#sync();
      this.#failures = 0;
      return undefined;
    } catch (error) {
      this.#applied = undefined;
      const reason = messageOf(error);
      if (reason !== this.status.lastError) {
        this.#options.log.warn({ node: this.#options.node, reason }, 'the bridge does not enforce the latest policy');
      }
      this.#update({ lastError: reason });
      if (error instanceof GatewayError && error.disposition === 'park') return undefined;
      this.#failures += 1;
      return Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (this.#failures - 1));
    }
  }

  async #sync(): Promise<void> {
    const { bridge, clock, log, node } = this.#options;
    const policy = this.#policy;
    const before = this.#applied;
    const state = await bridge.state();
    this.#update(sortPods(policy, state));
    if (policy === undefined) {
      // Else it would be said for ever, and not again when it happens anew.
      this.#update({ lastError: undefined });
      return;
    }
    const flows = compileFlows(policy, state);
    const text = flows.join('\n');
    if (text !== before) {
      // Set first: a change told while the switch is busy clears it again.
      this.#applied = text;
      await bridge.replaceFlows(flows);
      log.info(
        { node, revision: policy.revision, flows: flows.length, pods: this.status.enforced.length },
        'flows loaded',
      );
    }
    this.#update({
      appliedRevision: policy.revision,
      appliedAt: clock.now(),
      flows: flows.length,
      lastError: undefined,
    });
  }

  #update(change: Partial<AgentStatus>): void {
    this.status = { ...this.status, ...change };
  }
}
