import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { Etcd3, type IOptions, isRecoverableError } from 'etcd3';
import { GatewayError, messageOf } from '#errors';
import { type Renewed, textNow } from '#runtime';
import { StoreUnreachableError } from './errors.js';
import { EtcdLogin, type EtcdUser } from './etcd-login.js';

/** How to reach etcd. */
export interface EtcdConnectionOptions {
  /** Addresses, e.g. `https://10.0.0.1:2379`; any of them will do. */
  readonly endpoints: readonly string[];
  readonly credentials?: EtcdUser;
  /** PEM texts, asked for by each new client. The certificate authority alone checks the server; key and certificate show who we are. */
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

/** A client, logged in where that is asked for. */
export interface EtcdConnection {
  readonly etcd: Etcd3;
  readonly login: EtcdLogin;
}

/** A new client. Rejects where it cannot log in; else it connects by itself when it is used. */
export async function etcdClient(given: EtcdConnectionOptions): Promise<EtcdConnection> {
  const login = new EtcdLogin();
  const etcd = newClient(given, login);
  try {
    if (given.credentials !== undefined) await login.begin(etcd, given.credentials);
    return { etcd, login };
  } catch (error) {
    etcd.close();
    throw error;
  }
}

function newClient({ endpoints, tls, mayWrite }: EtcdConnectionOptions, login: EtcdLogin): Etcd3 {
  const options: IOptions = {
    hosts: [...endpoints],
    grpcOptions: CHANNEL,
    // Asked for each try: the client makes up to four of a call of its own accord.
    defaultCallOptions: ({ isStream, method }) => {
      login.check();
      if (isStream) return { interceptors: [withLeader, login.shown] };
      if (method === WRITE) mayWrite?.();
      return { deadline: Date.now() + CALL_TIMEOUT_MS, interceptors: [login.shown] };
    },
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

/**
 * Runs calls on one client and replaces it when the connection failed: the client's circuit breaker would refuse calls
 * for seconds after etcd is back.
 */
export class RenewedClient {
  readonly #options: EtcdConnectionOptions;
  #connection: Promise<EtcdConnection> | undefined;

  constructor(options: EtcdConnectionOptions) {
    this.#options = options;
  }

  /** Does the work, and once more with a new login where the one of before turned out to be over. */
  async run<T>(work: (client: Etcd3) => Promise<T>): Promise<T> {
    const connection = this.#opened();
    try {
      const { etcd, login } = await connection;
      return await work(etcd).catch((cause: unknown) => {
        if (!login.isOver) throw cause;
        this.#discard(connection);
        return this.#runOnce(work);
      });
    } catch (cause) {
      if (cause instanceof Error && isRecoverableError(cause)) this.#discard(connection);
      throw storeError(cause, this.#options.endpoints);
    }
  }

  async #runOnce<T>(work: (client: Etcd3) => Promise<T>): Promise<T> {
    const { etcd } = await this.#opened();
    return work(etcd);
  }

  close(): void {
    if (this.#connection !== undefined) this.#discard(this.#connection);
  }

  #opened(): Promise<EtcdConnection> {
    if (this.#connection !== undefined) return this.#connection;
    const connection = etcdClient(this.#options);
    this.#connection = connection;
    connection.catch(() => this.#discard(connection));
    return connection;
  }

  #discard(connection: Promise<EtcdConnection>): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.then(
      ({ etcd }) => etcd.close(),
      () => undefined,
    );
  }
}
