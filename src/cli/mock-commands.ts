import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type ApicMock, type LoadableTree, startApicMock, type TlsOption } from '#apic-mock';
import { InvalidInputError, messageOf } from '#errors';
import { startKubeMock } from '#kube-mock';
import { EXIT } from './exit-codes.js';
import { aborted, stopSignal } from './stop-signal.js';

/** Arguments of `acigw apic-mock`. */
export interface ApicMockArguments {
  readonly port: number;
  readonly host: string;
  readonly http: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly caOut?: string;
  /** `NAME:PASSWORD`. */
  readonly user: string;
  readonly load?: string;
  readonly version?: string;
  readonly controllers: number;
  readonly control: boolean;
}

/** Runs an APIC simulator alone; prints `ready <url>` once it serves. */
export async function apicMockCommand(given: ApicMockArguments): Promise<number> {
  const colon = given.user.indexOf(':');
  if (colon < 1) throw new InvalidInputError('--user: expected NAME:PASSWORD, found no colon behind a name');
  const signal = stopSignal();
  const mock = await startApicMock({
    port: given.port,
    host: given.host,
    tls: tlsOption(given),
    users: [{ name: given.user.slice(0, colon), password: given.user.slice(colon + 1) }],
    control: given.control,
    controllers: given.controllers,
    ...(given.version === undefined ? {} : { version: given.version }),
  });
  try {
    if (given.load !== undefined) loadFile(mock, given.load);
    if (mock.caCertificate !== undefined && given.caOut !== undefined) writeFileSync(given.caOut, mock.caCertificate);
    process.stdout.write(`ready ${mock.url}\n`);
    await aborted(signal);
  } finally {
    await mock.stop();
  }
  return EXIT.ok;
}

/** Loads an export before the simulator is announced; what it leaves out is told on stderr. */
function loadFile(mock: ApicMock, file: string): void {
  const { objects, skipped } = mock.loadExport(readText(file));
  if (skipped.length > 0) process.stderr.write(`${file}: not simulated, left out: ${skipped.join(', ')}\n`);
  process.stderr.write(`${file}: loaded ${objects} objects\n`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInputError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function tlsOption({ http, tlsCert: cert, tlsKey: key, caOut }: ApicMockArguments): TlsOption {
  const hasFiles = cert !== undefined || key !== undefined;
  if (http && hasFiles) throw new InvalidInputError('--http: goes without --tls-cert and --tls-key');
  if (caOut !== undefined && (http || hasFiles)) {
    throw new InvalidInputError('--ca-out: only a certificate that is made at start has a CA to write; leave it out');
  }
  if (http) return { mode: 'none' };
  if (!hasFiles) return { mode: 'generated' };
  if (cert === undefined || key === undefined) throw new InvalidInputError('--tls-cert and --tls-key go together');
  checkTls(cert, key);
  return { mode: 'files', cert, key };
}

function checkTls(certFile: string, keyFile: string): void {
  const cert = readText(certFile);
  const key = readText(keyFile);
  checkPem(certFile, 'a certificate', () => createSecureContext({ cert }));
  checkPem(keyFile, 'a private key without a passphrase', () => createPrivateKey(key));
  checkPem(keyFile, `the private key of ${certFile}`, () => createSecureContext({ cert, key }));
}

function checkPem(file: string, expected: string, read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    throw new InvalidInputError(`${file}: expected ${expected} as PEM`, { cause });
  }
}

/** Reads a tree of managed objects as an APIC exports it. */
export function readJson(file: string): LoadableTree {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LoadableTree;
  } catch (error) {
    throw new InvalidInputError(`${file}: cannot be read as JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** Arguments of `acigw kube-mock`. */
export interface KubeMockArguments {
  readonly port: number;
  readonly host: string;
  readonly nodes: number;
}

/** Runs a small Kubernetes API server alone; prints `ready <url>` once it serves. */
export async function kubeMockCommand({ port, host, nodes }: KubeMockArguments): Promise<number> {
  const signal = stopSignal();
  const mock = await startKubeMock({ port, host, nodes });
  process.stdout.write(`ready ${mock.url}\n`);
  await aborted(signal);
  await mock.stop();
  return EXIT.ok;
}
