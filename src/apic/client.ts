import { InvalidInputError } from '#errors';
import type { FlatObject, ManagedObject } from '#model/aci';
import type { ApicPort, ApicRequestCounts, AuditRecord, FabricListing, FabricScope, FabricSink } from '#ports';
import { withSignals } from '#runtime';
import { auditQuery, auditRecord } from './audit.js';
import type { Authentication } from './authentication.js';
import { CertificateLogin } from './certificate-login.js';
import { ApicHttp } from './http.js';
import { listObjects } from './listing.js';
import type { ApicClientOptions } from './options.js';
import type { PassOptions } from './pass.js';
import { PasswordLogin } from './password-login.js';
import { moPath, type Query } from './query.js';
import type { ApicReply } from './reply.js';
import { RequestLimiter } from './request-limiter.js';
import { ApicRequests } from './requests.js';
import { SessionKeeper } from './session-keeper.js';
import { checkedTls } from './tls.js';
import { follow } from './watch.js';
import { WIRE_FORMATS } from './wire/wire-formats.js';

const PAGE_SIZE = 2000;
const PING_MS = 20_000;
const RELIST_MS = 3_600_000;
const DOUBT_MS = 10_000;

/**
 * A client of the APICs of one fabric. Connects when first used. One session serves writes, reads and the first watch;
 * a session has one websocket for all its subscriptions, so that a further watch gets a session of its own.
 * Throws {@link InvalidInputError} when there is no usable URL, not exactly one way to say who it is, or a CA, a
 * fingerprint or a key that cannot be read.
 */
export function createApicClient(options: ApicClientOptions): ApicPort {
  return new ApicClient({ ...options, urls: options.urls.map(baseUrl), tls: checkedTls(options.tls ?? {}) });
}

function authenticationOf({ user, password, domain, certificate }: ApicClientOptions): Authentication {
  if ((password === undefined) === (certificate === undefined)) {
    throw new InvalidInputError('APIC: either a password or a certificate is needed, and not both');
  }
  if (certificate === undefined) return new PasswordLogin({ user, password: password ?? '', domain });
  if (domain !== undefined) {
    throw new InvalidInputError('APIC: a login domain goes with a password; certificates are those of local users');
  }
  return new CertificateLogin({ user, certificateName: certificate.name, key: certificate.key });
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw new InvalidInputError(
      'APIC URL: holds a user or a password; expected https://HOST[:PORT], and these by themselves',
    );
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidInputError(`APIC URL '${text}': expected https://HOST[:PORT]`);
  }
  return `${url.protocol}//${url.host}`;
}

type Settings = ApicClientOptions & Required<Pick<ApicClientOptions, 'tls'>>;

class ApicClient implements ApicPort {
  readonly #options: Settings;
  readonly #authentication: Authentication;
  readonly #http: ApicHttp;
  readonly #keeper: SessionKeeper;
  readonly #requests: ApicRequests;
  readonly #closing = new AbortController();
  readonly #watches = new Set<Promise<void>>();

  constructor(options: Settings) {
    if (options.urls.length === 0) throw new InvalidInputError('APIC: at least one URL is needed');
    this.#options = options;
    this.#authentication = authenticationOf(options);
    const { tls, timeoutMs, format = 'json', mayWrite = () => undefined, clock, random, log } = options;
    this.#http = new ApicHttp({
      tls,
      timeoutMs,
      format: WIRE_FORMATS[format],
      cookie: (request) => this.#authentication.cookie(request),
      limiter: new RequestLimiter({ clock, random, log }),
      mayWrite,
    });
    this.#keeper = this.#newKeeper();
    this.#requests = new ApicRequests(this.#http, this.#keeper);
  }

  async post(dn: string, tree: ManagedObject, signal: AbortSignal, mayBegin = (): void => undefined): Promise<void> {
    const request = { kind: 'writes', method: 'POST', path: moPath(dn), body: tree, about: dn, mayBegin } as const;
    await this.#until(signal, (until) => this.#requests.send(request, until));
  }

  list(listing: FabricListing, signal: AbortSignal): Promise<readonly FlatObject[]> {
    const { urls, pageSize = PAGE_SIZE } = this.#options;
    return this.#until(signal, (until) => {
      const get = (query: Query, about: string): Promise<ApicReply> =>
        this.#requests.send({ kind: 'reads', method: 'GET', ...query, about }, until);
      return listObjects({ url: urls.join(', '), pageSize, get }, listing);
    });
  }

  async changesOf(dn: string, signal: AbortSignal): Promise<readonly AuditRecord[]> {
    const request = { kind: 'reads', method: 'GET', ...auditQuery(dn), about: `the audit log of ${dn}` } as const;
    const { objects } = await this.#until(signal, (until) => this.#requests.send(request, until));
    return objects.map(auditRecord);
  }

  async watch(scopes: readonly FabricScope[], sink: FabricSink, signal: AbortSignal): Promise<void> {
    const isFirst = this.#watches.size === 0;
    const keeper = isFirst ? this.#keeper : this.#newKeeper();
    const requests = isFirst ? this.#requests : new ApicRequests(this.#http, keeper);
    const options = this.#passOptions(requests, scopes, sink);
    const watch = this.#until(signal, (until) => follow(keeper, options, until));
    this.#watches.add(watch);
    try {
      await watch;
    } finally {
      this.#watches.delete(watch);
      if (!isFirst) await keeper.close();
    }
  }

  requests(): ApicRequestCounts {
    return this.#http.counts();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the APIC client is closing'));
    await Promise.allSettled(this.#watches);
    await this.#keeper.close();
    this.#http.destroy();
  }

  /** Work that ends with the caller's signal, or when the client closes. */
  #until<T>(signal: AbortSignal, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    return withSignals([signal, this.#closing.signal], work);
  }

  #newKeeper(): SessionKeeper {
    const { urls, clock, random, log } = this.#options;
    return new SessionKeeper({ http: this.#http, urls, authentication: this.#authentication, clock, random, log });
  }

  #passOptions(requests: ApicRequests, scopes: readonly FabricScope[], sink: FabricSink): PassOptions {
    const { tls, format = 'json', timeoutMs, refreshTimeoutSeconds, clock, random, log } = this.#options;
    return {
      requests,
      scopes,
      sink,
      authentication: this.#authentication,
      format: WIRE_FORMATS[format],
      tls,
      timeoutMs,
      refreshTimeoutSeconds,
      pageSize: this.#options.pageSize ?? PAGE_SIZE,
      pingMs: this.#options.pingMs ?? PING_MS,
      relistMs: this.#options.relistMs ?? RELIST_MS,
      doubtMs: this.#options.doubtMs ?? DOUBT_MS,
      clock,
      random,
      log,
    };
  }
}
