import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Requirement } from './requirement.js';

/** The kubectl to test with: `KUBECTL`, or the one on PATH. */
const COMMAND = process.env.KUBECTL ?? 'kubectl';

/** What a suite that uses kubectl needs. */
export const KUBECTL: Requirement = {
  name: `${COMMAND} (package kubernetes-client, or any newer kubectl by KUBECTL=<path>)`,
  met: () => spawnSync(COMMAND, ['version', '--client'], { stdio: 'ignore' }).status === 0,
};

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
  /** Runs kubectl, which must succeed; gives its stdout. */
  ok(args: readonly string[], input?: string): Promise<string>;
  /** Starts kubectl and leaves it running: for `get -w`. */
  start(args: readonly string[]): ChildProcess;
  /** Removes its home. */
  dispose(): void;
}

/** A kubectl bound to the server at the URL. */
export function kubectlFor(url: string): Kubectl {
  const home = mkdtempSync(join(tmpdir(), 'kubectl-'));
  const fixed = ['--server', url, '--cache-dir', join(home, 'cache')];
  const env = { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: join(home, 'none'), NO_PROXY: '*' };
  const run = (args: readonly string[], input = ''): Promise<KubectlResult> =>
    new Promise((resolve) => {
      const child = execFile(COMMAND, [...fixed, ...args], { env, timeout: 15_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
      child.stdin?.end(input);
    });
  return {
    run,
    ok: async (args, input) => {
      const { code, stdout, stderr } = await run(args, input);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
      return stdout;
    },
    start: (args) => spawn(COMMAND, [...fixed, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
    dispose: () => rmSync(home, { recursive: true, force: true }),
  };
}
