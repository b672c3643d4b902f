// Runs inside a pod's network namespace: takes one command a line on stdin, answers one line on stdout.
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PodAnswer, PodCommand, StreamReport } from './pod-process.js';

const BEAT_MS = 10;

/** How a stream of echoed beats has done so far. */
class Beats {
  #sent = 0;
  #received = 0;
  #longestGapMs = 0;
  #lastAt = Date.now();
  #ended: string | undefined;

  readonly timer: NodeJS.Timeout;

  constructor(send: () => void) {
    this.timer = setInterval(() => {
      this.#sent += 1;
      send();
    }, BEAT_MS);
  }

  echoed(count: number): void {
    const now = Date.now();
    this.#received += count;
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
    this.#lastAt = now;
  }

  end(reason: string): void {
    clearInterval(this.timer);
    this.#ended = reason;
  }

  /** The report since the last one; the gap counts the silence that still lasts. */
  report(): StreamReport {
    const longestGapMs = Math.max(this.#longestGapMs, Date.now() - this.#lastAt);
    const report = { sent: this.#sent, received: this.#received, longestGapMs, lastEchoAt: this.#lastAt };
    this.#sent = 0;
    this.#received = 0;
    this.#longestGapMs = 0;
    return this.#ended === undefined ? report : { ...report, ended: this.#ended };
  }
}

const streams = new Map<number, Beats>();

function listen(port: number): Promise<PodAnswer> {
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => udp.send(message, from.port, from.address));
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  return new Promise((resolve) => {
    udp.bind(port, () => tcp.listen(port, '0.0.0.0', () => resolve({ result: 'ok' })));
  });
}

function open(address: string, port: number, timeoutMs: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve('timeout');
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(error.code ?? error.message);
    });
  });
}

/** Tries with short patience until a connection is made, or until none is any more. */
async function connectUntil({
  address,
  port,
  timeoutMs,
  wanted,
}: Extract<PodCommand, { do: 'until' }>): Promise<PodAnswer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const socket = await open(address, port, 60);
    const result = typeof socket === 'string' ? socket : 'connected';
    if (typeof socket !== 'string') socket.destroy();
    if ((result === 'connected') === wanted) return { result, at: Date.now() };
    if (Date.now() > deadline) return { result };
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

async function stream({ id, address, port, protocol }: Extract<PodCommand, { do: 'stream' }>): Promise<PodAnswer> {
  if (protocol === 'udp') {
    const udp = createSocket('udp4');
    const beats = new Beats(() => udp.send('beat', port, address, () => undefined));
    udp.on('message', () => beats.echoed(1));
    udp.on('error', (error) => beats.end(error.message));
    streams.set(id, beats);
    return { result: 'ok' };
  }
  const socket = await open(address, port, 2_000);
  if (typeof socket === 'string') return { result: socket };
  const beats = new Beats(() => socket.write('.'));
  socket.on('data', (data) => beats.echoed(data.length));
  socket.on('close', () => beats.end('closed'));
  streams.set(id, beats);
  return { result: 'ok' };
}

async function connectOnce({ address, port, timeoutMs }: Extract<PodCommand, { do: 'connect' }>): Promise<PodAnswer> {
  const socket = await open(address, port, timeoutMs);
  if (typeof socket === 'string') return { result: socket };
  socket.destroy();
  return { result: 'connected' };
}

function act(command: PodCommand): Promise<PodAnswer> {
  if (command.do === 'listen') return listen(command.port);
  if (command.do === 'connect') return connectOnce(command);
  if (command.do === 'until') return connectUntil(command);
  if (command.do === 'stream') return stream(command);
  const report = streams.get(command.stream)?.report();
  return Promise.resolve(report === undefined ? { result: 'no such stream' } : { result: 'ok', report });
}

function serve(): void {
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const command = JSON.parse(line) as PodCommand;
      void act(command).then((answer) => process.stdout.write(`${JSON.stringify({ id: command.id, ...answer })}\n`));
    })
    .on('close', () => process.exit(0));
}

// Mocha loads every file of a folder that it is given: only the program itself may take over the process.
if (process.argv[1] === fileURLToPath(import.meta.url)) serve();
