import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, program, type Requirement } from './requirement.js';

export const ETCD: Requirement = program('etcd', 'Debian package etcd-server');

const START_TIMEOUT_MS = 15_000;

/** A real etcd of one member on loopback, with its data in a folder of its own. */
export interface EtcdServer {
  readonly endpoint: string;
  /** Ends the server as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>;
  /** Stands still until it is resumed: it takes connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A port of loopback that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** How a server shows who it is, as PEM texts; it then serves TLS alone. */
export interface EtcdTls {
  readonly certificate: string;
  readonly key: string;
}

/** Starts etcd on free ports and waits until it serves. */
export async function startEtcd(tls?: EtcdTls): Promise<EtcdServer> {
  const directory = mkdtempSync(join(tmpdir(), 'acigw-etcd-'));
  const client = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${await freePort()}`;
  const metrics = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  let child: ChildProcess | undefined;

  const server: EtcdServer = {
    endpoint: client,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async start() {
      const args = [
        `--data-dir=${directory}`,
        '--name=n',
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=n=${peer}`,
        `--listen-metrics-urls=${metrics}`,
        '--unsafe-no-fsync',
        ...(tls === undefined ? [] : tlsFiles(directory, tls)),
      ];
      child = spawn(findProgram('etcd') ?? 'etcd', args, { stdio: 'ignore' });
      await healthy(metrics);
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async stop() {
      await server.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function tlsFiles(directory: string, { certificate, key }: EtcdTls): readonly string[] {
  const files = { cert: join(directory, 'server.pem'), key: join(directory, 'server.key') };
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return [`--cert-file=${files.cert}`, `--key-file=${files.key}`];
}

async function healthy(endpoint: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${endpoint}/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (Date.now() > deadline) throw new Error(`etcd did not serve ${endpoint} in ${START_TIMEOUT_MS} ms`);
    await delay(20);
  }
}
