import type { Clock, Logger } from '#ports';

/** How far the APIC's certificate is trusted. Verified against the system's CAs when nothing is given. */
export interface ApicTls {
  /** Certificates of the CAs (or the APIC's own self-signed one), PEM. */
  readonly ca?: string;
  /** True accepts any certificate: for labs only. */
  readonly insecure?: boolean;
}

/** What {@link createApicClient} needs. */
export interface ApicClientOptions {
  /** Base URLs of the APICs of one fabric, e.g. `https://apic1.example.com`; tried in order, the next one when one fails. */
  readonly urls: readonly string[];
  readonly user: string;
  readonly password: string;
  /** Login domain of the user, when it is not the default one. */
  readonly domain?: string;
  readonly tls?: ApicTls;
  /** Time for one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Life of a subscription without a refresh, in seconds (`refresh-timeout`, apic-protocol.md §5.3). */
  readonly refreshTimeoutSeconds: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** Objects a page of a listing; 2000 when left out. */
  readonly pageSize?: number;
  /** Milliseconds between pings on the websocket; 20 s when left out. */
  readonly pingMs?: number;
  /** Milliseconds between full listings while all is well, since losses are silent (§5.5 item 6); an hour when left out. */
  readonly relistMs?: number;
}
