/** A request below `/mock`, the control plane for tests. */
export interface ControlRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Its answer; the body is sent as JSON. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers requests of the control plane. Rejects for nothing but faults of the simulator. */
export type ControlHandler = (request: ControlRequest) => Promise<ControlAnswer>;
