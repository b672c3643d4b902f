import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Requirement } from './requirement.js';

/** Where the minor version of Kubernetes begins that the suites speak of; Debian 12 has 1.20. */
const OLDEST_MINOR = 30;

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aci-gateway');

/** The kubectl to test with: `KUBECTL`, or a recent one on PATH, or one that scripts/build-kubectl.sh built. */
const COMMAND = ((): string => {
  if (process.env.KUBECTL !== undefined) return process.env.KUBECTL;
  const built = existsSync(CACHE) ? readdirSync(CACHE).filter((name) => /^kubectl-[0-9a-f]+$/.test(name)) : [];
  return ['kubectl', ...built.map((name) => join(CACHE, name))].find(isRecent) ?? 'kubectl';
})();

function isRecent(command: string): boolean {
  const { status, stdout } = spawnSync(command, ['version', '--client', '--output=json'], { encoding: 'utf8' });
  const minor = /"gitVersion": "v1\.(\d+)\./.exec(stdout ?? '')?.[1];
  return status === 0 && Number(minor) >= OLDEST_MINOR;
}

/** What a suite that uses kubectl needs. */
export const KUBECTL: Requirement = {
  name: `kubectl 1.${OLDEST_MINOR} or newer (on the PATH, by KUBECTL=<path>, or built by scripts/build-kubectl.sh)`,
  met: () => isRecent(COMMAND),
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
