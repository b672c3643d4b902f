import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApicMock } from '#apic-mock';
import { findProgram, type Requirement } from '#support/requirement';
import { ADMIN } from './apic-client.js';

const PLAYBOOKS = fileURLToPath(new URL('../../../test/apic-mock/ansible/', import.meta.url));

/** Where scripts/python-packages.sh puts what requirements.txt pins. */
const PACKAGES = ((): string => {
  const key = createHash('sha256')
    .update(readFileSync(join(PLAYBOOKS, 'requirements.txt')))
    .digest('hex')
    .slice(0, 16);
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aci-gateway', `python-${key}`);
})();

/** What one task said. */
export interface TaskResult {
  readonly task: string;
  readonly changed: boolean;
  readonly failed: boolean;
  readonly message: string;
  /** The module's whole result. */
  readonly result: Readonly<Record<string, unknown>>;
}

interface CallbackOutput {
  readonly plays: readonly {
    readonly play: { readonly name: string };
    readonly tasks: readonly {
      readonly task: { readonly name: string };
      readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    }[];
  }[];
}

/** Ansible with the collection cisco.aci, as Debian's package has both. */
export const ansible: Requirement = {
  name: 'ansible-playbook with cisco.aci (Debian package ansible)',
  met: () => findProgram('ansible-playbook') !== undefined,
};

/** What aci_rest imports for XML, and signatures need: modules run in the Python that Ansible itself runs in. */
export const ansiblePackages: Requirement = {
  name: "lxml, xmljson and cryptography in Ansible's Python (Debian package python3-lxml, scripts/python-packages.sh)",
  met: () => {
    const program = findProgram('ansible-playbook');
    const python = program === undefined ? undefined : /^#! *(\S+)/.exec(readFileSync(program, 'utf8'))?.[1];
    if (python === undefined) return false;
    const script = 'import lxml.etree, xmljson, cryptography';
    return spawnSync(python, ['-c', script], { env: { ...process.env, PYTHONPATH: PACKAGES } }).status === 0;
  },
};

/**
 * Runs one of our playbooks against a simulator, with the collection as it is installed. Gives what each task said, by
 * play. Rejects with Ansible's own words when it does not come to its end. `extra` are further variables.
 */
export async function runPlaybook(
  mock: ApicMock,
  playbook: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<ReadonlyMap<string, readonly TaskResult[]>> {
  const home = await mkdtemp(join(tmpdir(), 'acigw-ansible-'));
  const { host } = new URL(mock.url);
  const apic = { host, username: ADMIN.name, password: ADMIN.password, use_ssl: false, use_proxy: false };
  const variables = {
    apic,
    apic_host: host,
    ansible_connection: 'local',
    ansible_python_interpreter: '{{ ansible_playbook_python }}',
    ...extra,
  };
  try {
    const args = ['-i', 'localhost,', join(PLAYBOOKS, playbook), '-e', JSON.stringify(variables)];
    const text = await output(args, {
      ANSIBLE_STDOUT_CALLBACK: 'json',
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_HOME: home,
      PYTHONPATH: PACKAGES,
      ANSIBLE_LOCAL_TEMP: home,
      ANSIBLE_DEPRECATION_WARNINGS: '0',
    });
    return byPlay(JSON.parse(text) as CallbackOutput);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function output(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(findProgram('ansible-playbook') ?? 'ansible-playbook', args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      errors += piece;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      // 2: a task failed. Its reason is in the output, for the suite to judge.
      if (code === 0 || code === 2) resolve(text.slice(text.indexOf('{')));
      else reject(new Error(`ansible-playbook ${args.join(' ')}: exit code ${code}: ${errors}${text}`));
    });
  });
}

const byPlay = ({ plays }: CallbackOutput): ReadonlyMap<string, readonly TaskResult[]> =>
  new Map(
    plays.map(({ play, tasks }) => [
      play.name,
      tasks.map(({ task, hosts }) => {
        const result = hosts.localhost ?? {};
        const { changed, failed, msg } = result;
        return {
          task: task.name,
          changed: changed === true,
          failed: failed === true,
          message: typeof msg === 'string' ? msg : '',
          result,
        };
      }),
    ]),
  );
