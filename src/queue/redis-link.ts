import { Redis, type RedisOptions } from 'ioredis';
import { GatewayError, messageOf } from '#errors';
import type { Logger } from '#ports';
import { type Renewed, textNow } from '#runtime';
import { QueueUnreachableError } from './errors.js';

/** Which Redis, and how to log in. */
export interface RedisPlace {
  /** `redis://host:port/database`, or `rediss://` for TLS; user and password may stand in it. */
  readonly url: string;
  /** Goes before a password in the URL; asked for at each connection. */
  readonly password?: Renewed | undefined;
  /** CA of the server's certificate (PEM); without it the CAs that Node knows. Only for `rediss://`. */
  readonly ca?: Renewed | undefined;
  /** Longest wait for an answer, in milliseconds. A Redis that hangs must not hang its callers. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
/** A connection on which nothing comes for so long is made anew; blocking reads last up to ten seconds. */
const SILENT_MS = 30_000;
const RECONNECT_BASE_MS = 50;
const RECONNECT_MAX_MS = 2_000;

/** Host and port of a URL, without its password. */
export function placeName(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? '6379' : port}`;
}

/**
 * One connection to Redis that heals by itself and says its trouble. Commands that were under way when the connection broke
 * are sent again, so that every command must be one that may run twice.
 */
export class RedisLink {
  readonly client: Redis;
  /** Connections that BullMQ made like this one. */
  readonly #copies: Redis[] = [];
  readonly #name: string;
  readonly #log: Logger;
  /** Longest that a caller waits for an answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly #onTrouble: (reason: string | undefined) => void;
  #trouble: string | undefined;
  #isClosed = false;

  constructor(place: RedisPlace, log: Logger, onTrouble: (reason: string | undefined) => void = () => undefined) {
    this.#name = `Redis at ${placeName(place.url)}`;
    this.timeoutMs = place.timeoutMs ?? TIMEOUT_MS;
    this.#log = log;
    this.#onTrouble = onTrouble;
    this.client = renewing(new Redis(place.url, connectionOptions(place)), place);
    const duplicate = this.client.duplicate.bind(this.client);
    // BullMQ waits for its own copy to be closed in good order, which never happens while Redis is away.
    this.client.duplicate = (override) => {
      const copy = renewing(duplicate(override), place);
      this.#copies.push(copy);
      return copy;
    };
    this.client.on('error', (error: Error) => this.#say(messageOf(error)));
    // An error before it says more.
    this.client.on('close', () => this.#trouble === undefined && this.#say('the connection is closed'));
    this.client.on('ready', () => this.#say(undefined));
  }

  /** What is wrong with the connection, in words; undefined when it works. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** The promise's value; rejects with {@link QueueUnreachableError} when Redis refuses, or does not answer in time. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const reason = (): string => this.#trouble ?? `${this.#name}: no answer within ${this.timeoutMs / 1000} s`;
      timer = setTimeout(() => reject(new QueueUnreachableError(reason())), this.timeoutMs);
    });
    const answer = work();
    // What comes after the time is up has no reader any more.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      throw new QueueUnreachableError(`${this.#name}: ${messageOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const client of [this.client, ...this.#copies]) {
      const isBetween = client.status === 'reconnecting';
      client.disconnect();
      // ioredis says nothing when it is told to end between two attempts, and BullMQ waits for the word.
      if (isBetween) client.emit('end');
    }
  }

  #say(reason: string | undefined): void {
    if (this.#isClosed) return;
    const trouble = reason === undefined ? undefined : `${this.#name}: ${reason}`;
    const isNews = (trouble === undefined) !== (this.#trouble === undefined);
    this.#trouble = trouble;
    if (!isNews) return;
    if (trouble === undefined) this.#log.info({ redis: this.#name }, 'the work queue is reached again');
    else this.#log.warn({ reason: trouble }, 'the work queue cannot be reached; going on trying');
    this.#onTrouble(trouble);
  }
}

/** The client, which makes each further connection with the password and the CA of then. */
function renewing(client: Redis, place: RedisPlace): Redis {
  return client.on('close', () => Object.assign(client.options, secretsOf(place)));
}

const secretsOf = ({ url, password, ca }: RedisPlace): Pick<RedisOptions, 'password' | 'tls'> => ({
  ...(password === undefined ? {} : { password: textNow(password) }),
  ...(url.startsWith('rediss:') && ca !== undefined ? { tls: { ca: textNow(ca) } } : {}),
});

function connectionOptions(place: RedisPlace): Omit<RedisOptions, 'replyMapping'> {
  return {
    connectionName: 'aci-gateway',
    keepAlive: 10_000,
    socketTimeout: SILENT_MS,
    connectTimeout: TIMEOUT_MS,
    // BullMQ asks for it: a command waits for the connection instead of failing after some reconnections.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(RECONNECT_MAX_MS, RECONNECT_BASE_MS * 2 ** Math.min(times, 10)),
    // A replica after a failover: connect again, and send again what it refused.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    ...secretsOf(place),
  };
}
