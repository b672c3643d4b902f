import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CapturedFrame, readCapture } from './pcap.js';
import { program, type Requirement } from './requirement.js';

export const TCPDUMP: Requirement = program('tcpdump', 'Debian package tcpdump');

/** A running capture: what the kernel saw on a device, whatever the switch says of it. */
export interface Capture {
  /** Frames seen so far. */
  frames(): readonly CapturedFrame[];
  stop(): Promise<void>;
}

/** Captures on a device of a namespace into a file of the folder. Resolves when the capture is on. */
export async function startCapture(namespace: string, device: string, folder: string): Promise<Capture> {
  const file = join(folder, `${device}.pcap`);
  const tcpdump = ['tcpdump', '-i', device, '-w', file, '-U', '--immediate-mode', '-s', '0', '-Z', 'root'];
  const child = spawn('ip', ['netns', 'exec', namespace, ...tcpdump], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.includes('listening on')) resolve();
    });
    child.once('exit', () => reject(new Error(`tcpdump ended: ${told.trim()}`)));
  });
  return {
    frames: () => readCapture(file),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
