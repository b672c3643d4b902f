import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startApicMock } from '#apic-mock';
import { startGateway } from '#cli';
import { type Configuration, parseConfiguration } from '#config';
import { startKubeMock } from '#kube-mock';
import { silentLogger } from '#runtime';

/** Who logs in to the APIC of a stack. */
export const APIC_USER = { name: 'admin', password: 'secret-of-the-tests' } as const;

/** A Kubernetes API server, an APIC and a gateway between them, wherever they run. */
export interface GatewayStack {
  readonly kubernetesUrl: string;
  readonly apicUrl: string;
  /** URL of the gateway's API; another one after every start. */
  gatewayUrl(): string;
  /** Stops the gateway and starts a new one against the same two sides. */
  restartGateway(): Promise<void>;
  stop(): Promise<void>;
}

/** How the parts of a stack run. */
export interface StackKind {
  readonly name: string;
  /** `fabric` is the part of the configuration below `fabric:`, as YAML or JSON. */
  start(extra?: string): Promise<GatewayStack>;
}

const configurationText = (kubernetesUrl: string, apicUrl: string, extra: string): string => `
clusterId: test
kubernetes: { url: '${kubernetesUrl}' }
apic: { urls: ['${apicUrl}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
log: { level: warn }
${extra}
`;

/** Everything in the test's own process. */
export const inOneProcess: StackKind = {
  name: 'in one process',
  async start(extra = '') {
    const kube = await startKubeMock();
    const apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    const configuration: Configuration = parseConfiguration('test', configurationText(kube.url, apic.url, extra));
    let gateway = await startGateway(configuration, silentLogger, {});
    return {
      kubernetesUrl: kube.url,
      apicUrl: apic.url,
      gatewayUrl: () => gateway.url,
      restartGateway: async () => {
        await gateway.stop();
        gateway = await startGateway(configuration, silentLogger, {});
      },
      stop: async () => {
        await gateway.stop();
        await apic.stop();
        await kube.stop();
      },
    };
  },
};

/** Each part a process of its own, started by the command line as a user would. */
export const inSeparateProcesses: StackKind = {
  name: 'in separate processes',
  async start(extra = '') {
    const folder = mkdtempSync(join(tmpdir(), 'acigw-stack-'));
    const kube = await startCommand(['kube-mock']);
    const apic = await startCommand(['apic-mock', '--http', '--user', `${APIC_USER.name}:${APIC_USER.password}`]);
    const file = join(folder, 'acigw.yaml');
    writeFileSync(file, configurationText(kube.ready, apic.ready, extra));
    let gateway = await startCommand(['run', '--config', file]);
    return {
      kubernetesUrl: kube.ready,
      apicUrl: apic.ready,
      gatewayUrl: () => gateway.ready,
      restartGateway: async () => {
        await gateway.stop();
        gateway = await startCommand(['run', '--config', file]);
      },
      stop: async () => {
        for (const part of [gateway, apic, kube]) await part.stop();
        rmSync(folder, { recursive: true });
      },
    };
  },
};

/** A command of `acigw` that runs in the background. */
export interface RunningCommand {
  /** What it printed after `ready `. */
  readonly ready: string;
  /** Everything it wrote on stderr so far. */
  stderr(): string;
  /** Asks it to stop and waits; rejects when it does not end with exit code 0. */
  stop(): Promise<void>;
  /** Ends it as a crash does (SIGKILL). */
  kill(): Promise<void>;
  /** Stands still until it is resumed (SIGSTOP), as a machine does that is suspended. */
  pause(): void;
  resume(): void;
  /** Its exit code, when it has ended. */
  ended(): Promise<number | null>;
}

/** The script behind the `acigw` command. */
export const ACIGW = fileURLToPath(new URL('../../../scripts/acigw.mjs', import.meta.url));

/** Starts `acigw` with arguments and waits until it says `ready`. Rejects with its stderr when it ends before. */
export async function startCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<RunningCommand> {
  const child = spawn(process.execPath, [ACIGW, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = await Promise.race([firstReadyLine(child), ended]);
  if (typeof ready !== 'string') throw new Error(`acigw ${args.join(' ')} ended with ${ready}: ${errors}`);
  return {
    ready,
    stderr: () => errors,
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw new Error(`acigw ${args[0]} ended with ${code}: ${errors}`);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    ended: () => ended,
  };
}

async function firstReadyLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready ')) return line.slice('ready '.length);
  }
  return undefined;
}
