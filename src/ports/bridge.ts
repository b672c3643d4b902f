/** A pod's interface on the bridge. */
export interface BridgeEndpoint {
  /** `namespace/name` of the pod. */
  readonly pod: string;
  /** OpenFlow port number that the switch gave. */
  readonly port: number;
  /** MAC of the pod's side of the interface. */
  readonly mac: string;
}

/** What is plugged into the bridge now. */
export interface BridgeState {
  /** OpenFlow port number of the uplink, or undefined while it is not there. */
  readonly uplink: number | undefined;
  readonly endpoints: readonly BridgeEndpoint[];
}

/** The switch on the node. */
export interface Bridge {
  /** What is plugged in now. */
  state(): Promise<BridgeState>;
  /** Calls `changed` whenever ports come or go or the switch was restarted, until aborted. */
  watch(changed: () => void, signal: AbortSignal): Promise<void>;
  /** Makes these the bridge's flows in one transaction; flows already there keep their counters and connections. */
  replaceFlows(flows: readonly string[]): Promise<void>;
}
