import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How a stream of beats, one each ten milliseconds, echoed by the other side, did since the last report. */
export interface StreamReport {
  readonly sent: number;
  readonly received: number;
  /** Longest time without an echo, the silence that still lasts included. */
  readonly longestGapMs: number;
  /** When the last echo came, in milliseconds since the epoch. */
  readonly lastEchoAt: number;
  /** Why the stream is over. */
  readonly ended?: string;
}

interface Target {
  readonly address: string;
  readonly port: number;
}

/** What the program in a pod is told; it is started by this module and speaks with no one else. */
export type PodCommand = { readonly id: number } & (
  | { readonly do: 'listen'; readonly port: number }
  | ({ readonly do: 'connect'; readonly timeoutMs: number } & Target)
  | ({ readonly do: 'until'; readonly timeoutMs: number; readonly wanted: boolean } & Target)
  | ({ readonly do: 'stream'; readonly protocol: 'tcp' | 'udp' } & Target)
  | { readonly do: 'report'; readonly stream: number }
);

/** What it answers. */
export interface PodAnswer {
  readonly result: string;
  readonly at?: number;
  readonly report?: StreamReport;
}

type Without<T> = T extends unknown ? Omit<T, 'id'> : never;

const PROGRAM = fileURLToPath(new URL('pod-program.js', import.meta.url));

/** A program inside a network namespace that serves and opens connections. */
export class PodProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: PodAnswer) => void>();
  #nextId = 1;

  constructor(namespace: string) {
    const args = ['netns', 'exec', namespace, process.execPath, PROGRAM];
    const child = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as PodAnswer & { id: number };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  /** Serves an echo over TCP and UDP on the port. */
  async listen(port: number): Promise<void> {
    await this.#ask({ do: 'listen', port });
  }

  /** Opens a TCP connection and closes it: `connected`, `timeout` or the error's code. */
  async connect(address: string, port: number, timeoutMs = 300): Promise<string> {
    return (await this.#ask({ do: 'connect', address, port, timeoutMs })).result;
  }

  /** Tries until a connection is made (or is made no more) and gives when that was; undefined when it never was. */
  async until(wanted: 'connected' | 'refused', address: string, port: number): Promise<number | undefined> {
    const command = { do: 'until' as const, address, port, timeoutMs: 5_000, wanted: wanted === 'connected' };
    return (await this.#ask(command)).at;
  }

  /** Starts a stream of beats; the function it gives reports how the stream did since it was last asked. */
  async stream(protocol: 'tcp' | 'udp', address: string, port: number): Promise<() => Promise<StreamReport>> {
    const id = this.#nextId;
    const { result } = await this.#ask({ do: 'stream', protocol, address, port });
    if (result !== 'ok') throw new Error(`${protocol} stream to ${address}:${port}: ${result}`);
    return async () => {
      const { report } = await this.#ask({ do: 'report', stream: id });
      if (report === undefined) throw new Error('the stream is gone');
      return report;
    };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, 'exit');
  }

  #ask(command: Without<PodCommand>): Promise<PodAnswer> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }
}
