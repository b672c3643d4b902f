import { spawn } from 'node:child_process';
import { SwitchRefusedError, SwitchUnreachableError } from './errors.js';

/** A tool must not hang the agent when the switch does. */
const TIMEOUT_MS = 30_000;

/**
 * Runs a tool of Open vSwitch to its end, fed with `input`, and gives its output. Rejects with SwitchRefusedError when it
 * fails or says anything on its error output: a bundle that lost a flow is told only there.
 */
export function runTool(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: TIMEOUT_MS });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', (cause) => {
      const hint = 'install openvswitch-switch, or put it on the PATH';
      reject(new SwitchUnreachableError(`${command}: ${cause.message}; ${hint}`, { cause }));
    });
    child.once('close', (code, signal) => {
      const told = errors.trim().split('\n').slice(0, 3).join('; ');
      if (code === 0 && told === '') resolve(output);
      else if (signal !== null) reject(new SwitchUnreachableError(`${command}: no answer; is ovs-vswitchd running?`));
      else reject(new SwitchRefusedError(`${command}: ${told === '' ? `exit code ${code}` : told}`));
    });
    // The tool may end without reading; its exit tells why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
