import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './etcd-server.js';
import { findProgram } from './requirement.js';

/** A real etcd of three members on loopback. */
export interface EtcdMembers {
  /** Address of the first member. */
  readonly endpoint: string;
  /** The other two stand still, so that the first one has no leader. */
  pauseOthers(): void;
  resumeOthers(): void;
  /** Ends all and removes their data. */
  stop(): Promise<void>;
}

const NAMES = ['a', 'b', 'c'] as const;

/** Starts the members; they serve a moment later, once they have a leader. */
export async function startEtcdMembers(): Promise<EtcdMembers> {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-etcd-'));
  const address = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
  const places = await Promise.all(
    NAMES.map(async (name) => ({ name, client: await address(), peer: await address() })),
  );
  const members = places.map(({ name, client, peer }): ChildProcess => {
    const args = [
      `--name=${name}`,
      `--data-dir=${join(folder, name)}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${places.map((place) => `${place.name}=${place.peer}`).join(',')}`,
      '--unsafe-no-fsync',
    ];
    return spawn(findProgram('etcd') ?? 'etcd', args, { stdio: 'ignore' });
  });
  const [, ...others] = members;
  return {
    endpoint: places[0]?.client ?? '',
    pauseOthers: () => others.forEach((member) => void member.kill('SIGSTOP')),
    resumeOthers: () => others.forEach((member) => void member.kill('SIGCONT')),
    async stop() {
      const ended = members.map((member) => once(member, 'exit'));
      for (const member of members) member.kill('SIGKILL');
      await Promise.all(ended);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
