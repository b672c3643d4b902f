import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { Etcd3, EtcdAuthenticationFailedError, type IOptions, isRecoverableError } from 'etcd3';
import { GatewayError, messageOf } from '#errors';
import { type Renewed, textNow } from '#runtime';
import { StoreUnreachableError } from './errors.js';

/** How to reach etcd. */
export interface EtcdConnectionOptions {
  /** Addresses, e.g. `https://10.0.0.1:2379`; any of them will do. */
  readonly endpoints: readonly string[];
  /** Asked for by each new client, as those of `tls` are. */
  readonly credentials?: { readonly username: string; readonly password: Renewed };
  /** PEM texts. The certificate authority alone checks the server; key and certificate show who we are. */
  readonly tls?: { readonly ca: Renewed; readonly certificate?: Renewed; readonly key?: Renewed };
  /** Asked right before each write is sent, also when it is sent again; throws when it must not be. */
  readonly mayWrite?: () => void;
}

const CALL_TIMEOUT_MS = 5_000;
/** All writes are transactions ({@link OrderedWrites}). */
const WRITE = 'txn';
/**
 * A node must hear of a returned etcd soon, and gRPC's own backoff grows to two minutes. Pings find an etcd that neither
 * answers nor closes; it takes one every five seconds at most.
 */
const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/**
 * Asks etcd to end a watch when its member has no leader any more (`clientv3.WithRequireLeader`): one that was cut off from the others
 * keeps it open and tells nothing, while they go on.
 */
const withLeader: Interceptor = (options, nextCall) =>
  new InterceptingCall(nextCall(options), {
    start(metadata, listener, next) {
      metadata.set('hasleader', 'true');
      next(metadata, listener);
    },
  });

/** A new client. It connects by itself when it is used. */
export function etcdClient({ endpoints, credentials, tls, mayWrite }: EtcdConnectionOptions): Etcd3 {
  const options: IOptions = {
    hosts: [...endpoints],
    grpcOptions: CHANNEL,
    // Asked for each try: the client makes up to four of a call of its own accord.
    defaultCallOptions: ({ isStream, method }) => {
      if (isStream) return { interceptors: [withLeader] };
      if (method === WRITE) mayWrite?.();
      return { deadline: Date.now() + CALL_TIMEOUT_MS };
    },
    ...(credentials === undefined ? {} : { auth: { ...credentials, password: textNow(credentials.password) } }),
    ...(tls === undefined ? {} : { credentials: pemBuffers(tls) }),
  };
  return new Etcd3(options);
}

const pemBuffers = ({ ca, certificate, key }: NonNullable<EtcdConnectionOptions['tls']>) => ({
  rootCertificate: Buffer.from(textNow(ca)),
  ...(certificate === undefined ? {} : { certChain: Buffer.from(textNow(certificate)) }),
  ...(key === undefined ? {} : { privateKey: Buffer.from(textNow(key)) }),
});

/** What etcd's client threw as an error of ours; our own errors stay as they are. */
export function storeError(cause: unknown, endpoints: readonly string[]): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new StoreUnreachableError(`etcd at ${endpoints.join(', ')}: ${messageOf(cause)}`, { cause });
}

/** Whether the client is of no use any more: the next one is made with the password and the certificates of then. */
const isOver = (cause: Error): boolean => isRecoverableError(cause) || cause instanceof EtcdAuthenticationFailedError;

/**
 * Runs calls on one client and replaces it when the connection failed: the client's circuit breaker would refuse calls
 * for seconds after etcd is back.
 */
export class RenewedClient {
  readonly #options: EtcdConnectionOptions;
  #client: Etcd3 | undefined;

  constructor(options: EtcdConnectionOptions) {
    this.#options = options;
  }

  async run<T>(work: (client: Etcd3) => Promise<T>): Promise<T> {
    this.#client ??= etcdClient(this.#options);
    const client = this.#client;
    try {
      return await work(client);
    } catch (cause) {
      if (cause instanceof Error && isOver(cause)) this.#discard(client);
      throw storeError(cause, this.#options.endpoints);
    }
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #discard(client: Etcd3): void {
    client.close();
    if (this.#client === client) this.#client = undefined;
  }
}
