import { connect, type Socket } from 'node:net';
import { SwitchRefusedError, SwitchUnreachableError } from './errors.js';
import { jsonSplitter } from './json-stream.js';

/** A row as the database sends it: sets, maps and references are arrays (RFC 7047 §5.1). */
export type DatabaseRow = Readonly<Record<string, unknown>>;

/** One message of JSON-RPC 1.0: a request, a notification (id null) or a reply. */
interface Message {
  readonly id: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** How a connection is used. */
export interface ConnectionOptions {
  /** Called for every change of what is monitored. */
  readonly onUpdate?: () => void;
  /** Milliseconds that an answer may take; as long as ovs-vsctl waits when not given. */
  readonly answerMs?: number | undefined;
}

/** A database that stands still must hang neither the agent nor its end. */
const ANSWER_MS = 10_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A connection to ovsdb-server over its Unix socket (RFC 7047). Closed once, it stays closed: open another. */
export class DatabaseConnection {
  /** Resolves when the connection ends, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting = new Map<unknown, Waiting>();
  readonly #onUpdate: () => void;
  readonly #answerMs: number;
  #nextId = 1;

  private constructor(socket: Socket, { onUpdate = () => undefined, answerMs = ANSWER_MS }: ConnectionOptions) {
    this.#socket = socket;
    this.#onUpdate = onUpdate;
    this.#answerMs = answerMs;
    const split = jsonSplitter();
    socket.setEncoding('utf8').on('data', (text: string) => {
      try {
        for (const message of split(text)) this.#receive(message as Message);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        const gone = new SwitchUnreachableError('ovsdb-server: the connection ended');
        for (const waiting of this.#waiting.values()) waiting.reject(gone);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** Connects. Rejects with SwitchUnreachableError. */
  static open(path: string, options: ConnectionOptions): Promise<DatabaseConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      // Kept for the life of the socket: an error is always followed by 'close', which is what counts.
      socket.on('error', (cause) => {
        const hint = 'is Open vSwitch running, and may this user open the socket?';
        reject(new SwitchUnreachableError(`ovsdb-server at ${path}: ${cause.message}; ${hint}`, { cause }));
      });
      socket.once('connect', () => resolve(new DatabaseConnection(socket, options)));
    });
  }

  /** Reads columns of whole tables in one transaction, one list of rows a table in the order asked. */
  async select(tables: readonly (readonly [table: string, columns: readonly string[]])[]): Promise<DatabaseRow[][]> {
    const operations = tables.map(([table, columns]) => ({ op: 'select', table, where: [], columns }));
    const results = (await this.#request('transact', ['Open_vSwitch', ...operations])) as readonly {
      readonly rows?: DatabaseRow[];
      readonly error?: string;
    }[];
    return tables.map(([table], index) => {
      const { rows, error = 'no answer' } = results[index] ?? {};
      if (rows === undefined) throw new SwitchRefusedError(`ovsdb-server: cannot read table ${table}: ${error}`);
      return rows;
    });
  }

  /** Asks to be told of changes in these columns from now on. */
  async monitor(tables: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const columns = Object.entries(tables).map(([table, names]) => [table, { columns: names }]);
    await this.#request('monitor', ['Open_vSwitch', null, Object.fromEntries(columns)]);
  }

  close(): void {
    this.#socket.destroy();
  }

  #request(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new SwitchUnreachableError('ovsdb-server: the connection ended'));
        return;
      }
      const timer = setTimeout(() => this.#giveUp(id), this.#answerMs);
      const ends =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          clearTimeout(timer);
          settle(value);
        };
      this.#waiting.set(id, { resolve: ends(resolve), reject: ends(reject) });
      this.#socket.write(JSON.stringify({ id, method, params }));
    });
  }

  #giveUp(id: number): void {
    const reason = `no answer within ${this.#answerMs / 1000} s; does it stand still?`;
    this.#waiting.get(id)?.reject(new SwitchUnreachableError(`ovsdb-server: ${reason}`));
    this.#waiting.delete(id);
    this.#socket.destroy();
  }

  #receive({ id, method, params, result, error }: Message): void {
    // The server asks whether we are alive and drops us when we do not answer (RFC 7047 §4.1.11).
    if (method === 'echo') this.#socket.write(JSON.stringify({ id, result: params, error: null }));
    else if (method === 'update') this.#onUpdate();
    else if (method === undefined) this.#settle(id, result, error);
  }

  #settle(id: unknown, result: unknown, error: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === null || error === undefined) waiting?.resolve(result);
    else waiting?.reject(new SwitchRefusedError(`ovsdb-server: ${JSON.stringify(error)}`));
  }
}
