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
  /** MAC of the node's own interface on the bridge (its LOCAL port), or undefined while it is not there. */
  readonly hostMac: string | undefined;
  readonly endpoints: readonly BridgeEndpoint[];
}
