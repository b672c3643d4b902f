import type { TopologySize } from './default-objects/index.js';
import type { TlsOption } from './http/index.js';
import type { UserCredentials } from './session/index.js';

/** How an APIC simulator is to be started. Everything has a default. */
export interface ApicMockOptions {
  /** Port to listen on; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** HTTPS with a certificate made at start by default; plain HTTP has to be asked for. */
  readonly tls?: TlsOption;
  /** Who may log in; `admin` with a random password by default. */
  readonly users?: readonly UserCredentials[];
  /** Release that the controllers say they run; 6.0(9c) by default. */
  readonly version?: string;
  /** Life of a token (`refreshTimeoutSeconds`); 600 by default. */
  readonly tokenSeconds?: number;
  /** Life of a session (`maximumLifetimeSeconds`); a day by default. */
  readonly sessionSeconds?: number;
  /** Whether any request lengthens its token's life; no by default. */
  readonly trafficExtendsSession?: boolean;
  /** Life of a subscription that asks for none; 60 by default. */
  readonly subscriptionSeconds?: number;
  /** Largest answer before the APIC calls it too big; 100,000 by default. */
  readonly maxAnswerObjects?: number;
  /** Number of controllers, each with an address of its own; 1 by default. They share everything. */
  readonly controllers?: number;
  /** How many leaves, spines and controllers the fabric has; two, one, and as many controllers as have an address. */
  readonly topology?: TopologySize;
  /** Whether the control plane is served below `/mock`; no by default. It asks for no password. */
  readonly control?: boolean;
  /** The clock, in milliseconds; `Date.now` by default. */
  readonly now?: () => number;
}
