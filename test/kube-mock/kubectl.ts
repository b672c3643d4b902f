import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The kubectl to test with: `KUBECTL`, or the one on PATH; undefined when there is none. */
export function findKubectl(): string | undefined {
  const command = process.env.KUBECTL ?? 'kubectl';
  return spawnSync(command, ['version', '--client'], { stdio: 'ignore' }).status === 0 ? command : undefined;
}

/** What a run of kubectl gave. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A kubectl bound to one server, with a home of its own. */
export interface Kubectl {
  /** Runs kubectl to its end; `input` goes to its stdin. */
  run(args: readonly string[], input?: string): Promise<KubectlResult>;
  /** Starts kubectl and leaves it running: for `get -w`. */
  start(args: readonly string[]): ChildProcess;
  /** Removes its home. */
  dispose(): void;
}

export function kubectlFor(command: string, url: string): Kubectl {
  const home = mkdtempSync(join(tmpdir(), 'kubectl-'));
  const fixed = ['--server', url, '--cache-dir', join(home, 'cache')];
  const env = { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: join(home, 'none'), NO_PROXY: '*' };
  return {
    run: (args, input) =>
      new Promise((resolve) => {
        const child = execFile(command, [...fixed, ...args], { env, timeout: 15_000 }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        });
        child.stdin?.end(input ?? '');
      }),
    start: (args) => spawn(command, [...fixed, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
    dispose: () => rmSync(home, { recursive: true, force: true }),
  };
}
