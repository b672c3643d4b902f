import type { Clock, Logger } from '#ports';
import type { Renewed } from '#runtime';
import type { ApicTls } from './tls.js';

/** What {@link createApicClient} needs. */
export interface ApicClientOptions {
  /** Base URLs of the APICs of one fabric, e.g. `https://apic1.example.com`; tried in order, the next one when one fails. */
  readonly urls: readonly string[];
  readonly user: string;
  /** The user's password, asked for at each login; either this or `certificate`. */
  readonly password?: Renewed;
  /** Login domain of the user, when it is not the default one; goes with a password. */
  readonly domain?: string;
  /** Signs every request instead of logging in: the name of a certificate of the local user, and PEM of its private key. */
  readonly certificate?: { readonly name: string; readonly key: Renewed };
  readonly tls?: ApicTls;
  /** Spelling of requests, answers and events; JSON when left out. */
  readonly format?: 'json' | 'xml';
  /** Time for one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Life of a subscription without a refresh, in seconds (`refresh-timeout`, apic-protocol.md §5.3). */
  readonly refreshTimeoutSeconds: number;
  /** Asked right before each write is sent; throws the error with which it is not to be. */
  readonly mayWrite?: () => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** Objects a page of a listing; 2000 when left out. */
  readonly pageSize?: number;
  /** Milliseconds between pings on the websocket; 20 s when left out. */
  readonly pingMs?: number;
  /** Milliseconds between full listings while all is well, since losses are silent (§5.5 item 6); an hour when left out. */
  readonly relistMs?: number;
  /**
   * Milliseconds from a listing to one that is made because an event shows that another was lost; 10 s when left out. It
   * doubles each time, up to `relistMs`.
   */
  readonly doubtMs?: number;
}
