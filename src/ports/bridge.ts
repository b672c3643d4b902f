import type { BridgeState } from '#model/node';

export type { BridgeEndpoint, BridgeState } from '#model/node';

/** The switch on the node. */
export interface Bridge {
  /** What is plugged in now. */
  state(): Promise<BridgeState>;
  /** Calls `changed` whenever ports come or go or the switch was restarted, until aborted. */
  watch(changed: () => void, signal: AbortSignal): Promise<void>;
  /** Makes these the bridge's flows in one transaction; flows already there keep their counters and connections. */
  replaceFlows(flows: readonly string[]): Promise<void>;
}
