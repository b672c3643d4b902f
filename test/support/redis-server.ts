import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { findProgram, program, type Requirement } from './requirement.js';

export const REDIS: Requirement = program('redis-server', 'Debian package redis-server');

const START_TIMEOUT_MS = 15_000;

/** A real Redis on loopback that keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  /** Ends the server as a crash does: what it held is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same port, empty. */
  start(): Promise<void>;
  /** Stops its process for a time, so that it neither answers nor closes; `resume` lets it go on. */
  pause(): void;
  resume(): void;
  /** Forgets everything (FLUSHALL). */
  flush(): Promise<void>;
  /** Names of all keys that it holds, sorted. */
  keys(): Promise<readonly string[]>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** How the server differs from a plain one, as arguments of redis-server; `scheme` is that of its URL. */
export interface RedisServerOptions {
  readonly args?: readonly string[];
  readonly scheme?: 'redis' | 'rediss';
}

/** Starts redis-server at a free port and waits until it serves. */
export async function startRedis({ args = [], scheme = 'redis' }: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-redis-'));
  const port = await freePort();
  const listen = scheme === 'redis' ? ['--port', String(port)] : ['--port', '0', '--tls-port', String(port)];
  const quiet = ['--save', '', '--appendonly', 'no', '--dir', folder, '--bind', '127.0.0.1', '--loglevel', 'warning'];
  let child: ChildProcess | undefined;
  const url = `${scheme}://127.0.0.1:${port}`;
  const ask = async <T>(question: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  };
  const server: RedisServer = {
    url,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async start() {
      child = spawn(findProgram('redis-server') ?? 'redis-server', [...listen, ...quiet, ...args], { stdio: 'ignore' });
      await served(port);
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    flush: async () => void (await ask((client) => client.flushall())),
    keys: () => ask(async (client) => (await client.keys('*')).sort()),
    async stop() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Resolves once something listens at the port. */
async function served(port: number): Promise<void> {
  await eventually(async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  }, START_TIMEOUT_MS);
}
