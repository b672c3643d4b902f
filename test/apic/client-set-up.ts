import { type ApicClientOptions, createApicClient } from '#apic';
import { managedObject } from '#model/aci';
import type { ApicPort, LogFields, Logger } from '#ports';
import { createLogger, systemClock } from '#runtime';
import { ScriptedApic } from './scripted-apic.js';

export const forever: AbortSignal = new AbortController().signal;
export const TENANT = managedObject('fvTenant', { name: 'a' });
export const TENANTS = { dn: 'uni', classes: ['fvTenant'] };

/** Options of a client; `password: undefined` is one without. */
export type ClientOptions = Partial<Omit<ApicClientOptions, 'password'>> & {
  readonly password?: ApicClientOptions['password'] | undefined;
};

/** Servers and clients of one suite, all closed after each test, and everything that was logged. */
export class SetUp {
  /** Lines as they would be written. */
  readonly logged: string[] = [];
  readonly #log: Logger;
  #servers: ScriptedApic[] = [];
  #clients: ApicPort[] = [];

  constructor() {
    this.#log = createLogger({ level: 'debug', pretty: false, write: (line) => this.logged.push(line) });
  }

  async server(tls?: { readonly key: string; readonly cert: string }, port?: number): Promise<ScriptedApic> {
    const server = await new ScriptedApic(tls).start(port);
    this.#servers.push(server);
    return server;
  }

  /** A client; with a certificate it has no password unless the options say one. */
  client(urls: string | readonly string[], options: ClientOptions = {}): ApicPort {
    const { password = 'right', ...more } = options;
    const client = createApicClient({
      urls: typeof urls === 'string' ? [urls] : urls,
      user: 'gateway',
      ...('password' in options && options.password === undefined ? {} : { password }),
      timeoutMs: 2000,
      refreshTimeoutSeconds: 60,
      log: this.#log,
      clock: systemClock(),
      random: () => 0,
      ...more,
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
  }
}

/** A logger that keeps fields and messages. */
export function keepingLogger(): { readonly log: Logger; readonly lines: [LogFields, string][] } {
  const lines: [LogFields, string][] = [];
  const keep = (fields: LogFields, message: string): void => void lines.push([fields, message]);
  return { log: { debug: keep, info: keep, warn: keep, error: keep }, lines };
}
