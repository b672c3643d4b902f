import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { program } from './requirement.js';

/** What a suite that uses kubectl needs. */
export const kubectlProgram = program('kubectl', 'kubernetes-client, or any newer kubectl on the PATH');

/** Runs the real kubectl against a server, with standard input if given; gives its stdout. */
export async function kubectl(server: string, args: readonly string[], input = ''): Promise<string> {
  const run = promisify(execFile);
  const child = run('kubectl', ['--server', server, '--kubeconfig', '/dev/null', ...args], { timeout: 30_000 });
  child.child.stdin?.end(input);
  const { stdout } = await child;
  return stdout;
}
