import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { limitConnecting } from './connect-limit.js';

/** An agent for HTTP without TLS that gives up a connection that does not stand in time. */
export class PlainAgent extends Agent {
  readonly #connectMs: number;

  /** @param connectMs milliseconds until a connection must stand. */
  constructor(options: AgentOptions, connectMs: number) {
    super(options);
    this.#connectMs = connectMs;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    return socket && limitConnecting(socket, 'connect', this.#connectMs);
  }
}
