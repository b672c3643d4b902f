import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CommandOptions, run } from './command.js';
import { findProgram, program, type Requirement } from './requirement.js';
import { unixControl } from './unix-control.js';

/** What a private switch needs from the machine. */
export const OPEN_VSWITCH: readonly Requirement[] = ['ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl', 'ovs-ofctl'].map(
  (name) => program(name, 'Debian package openvswitch-switch'),
);

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const NOBODY = 65_534;
const START_TIMEOUT_MS = 10_000;

/** Where and how the switch runs. */
export interface PrivateSwitchOptions {
  /** Network namespace of both daemons; needs root. */
  readonly namespace?: string;
  /** Simulated ports only and no privileges: started by root it runs as nobody. */
  readonly dummy?: boolean;
}

/** An Open vSwitch of our own: daemons, database and sockets in one folder of its own. */
export interface PrivateSwitch {
  readonly directory: string;
  /** Path of the database's socket. */
  readonly database: string;
  vsctl(...args: readonly string[]): Promise<string>;
  /** `ovs-ofctl -O OpenFlow15 COMMAND unix:BRIDGE.mgmt ARGS`. */
  ofctl(bridge: string, command: string, ...args: readonly string[]): Promise<string>;
  /** A command to the switch daemon's control socket. */
  control(method: string, ...params: readonly string[]): Promise<string>;
  /** Ends the switch daemon as a crash does and starts it again: flows and connections are lost. */
  restartDaemon(): Promise<void>;
  /** The database stands still until it is resumed: it takes connections and answers nothing. */
  pauseDatabase(): void;
  resumeDatabase(): void;
  stop(): Promise<void>;
}

/** Starts a private switch without bridges. */
export async function startPrivateSwitch(options: PrivateSwitchOptions = {}): Promise<PrivateSwitch> {
  const directory = mkdtempSync(join(tmpdir(), 'acigw-ovs-'));
  const uid = options.dummy === true && process.getuid?.() === 0 ? NOBODY : undefined;
  if (uid !== undefined) chownSync(directory, uid, uid);
  const instance = new SwitchInstance(directory, uid, options);
  try {
    await instance.start();
  } catch (error) {
    await instance.stop();
    throw error;
  }
  return instance;
}

class SwitchInstance implements PrivateSwitch {
  readonly directory: string;
  readonly database: string;
  readonly #command: CommandOptions;
  readonly #options: PrivateSwitchOptions;
  #databaseServer: ChildProcess | undefined;
  #daemon: ChildProcess | undefined;

  constructor(directory: string, uid: number | undefined, options: PrivateSwitchOptions) {
    this.directory = directory;
    this.database = join(directory, 'db.sock');
    this.#options = options;
    const folders = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVS_SYSCONFDIR'].map((name) => [name, directory]);
    const env = { ...process.env, ...(Object.fromEntries(folders) as Record<string, string>) };
    this.#command = { env, ...(uid === undefined ? {} : { uid }) };
  }

  async start(): Promise<void> {
    const file = join(this.directory, 'conf.db');
    await this.#run('ovsdb-tool', ['create', file, SCHEMA]);
    this.#databaseServer = this.#spawn('ovsdb-server', [file, `--remote=punix:${this.database}`], 'database');
    await this.#waitFor(this.database);
    await this.vsctl('--no-wait', 'init');
    await this.#startDaemon();
  }

  vsctl(...args: readonly string[]): Promise<string> {
    return this.#run('ovs-vsctl', [`--db=unix:${this.database}`, ...args]);
  }

  ofctl(bridge: string, command: string, ...args: readonly string[]): Promise<string> {
    return this.#run('ovs-ofctl', ['-O', 'OpenFlow15', command, `unix:${this.directory}/${bridge}.mgmt`, ...args]);
  }

  control(method: string, ...params: readonly string[]): Promise<string> {
    return unixControl(join(this.directory, 'daemon.ctl'), method, params);
  }

  async restartDaemon(): Promise<void> {
    await end(this.#daemon, 'SIGKILL');
    rmSync(join(this.directory, 'daemon.ctl'), { force: true });
    await this.#startDaemon();
  }

  pauseDatabase(): void {
    this.#databaseServer?.kill('SIGSTOP');
  }

  resumeDatabase(): void {
    this.#databaseServer?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await end(this.#daemon, 'SIGTERM');
    await end(this.#databaseServer, 'SIGTERM');
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #startDaemon(): Promise<void> {
    const dummy = ['--enable-dummy', '--disable-system', '--disable-system-route'];
    const args = [`unix:${this.database}`, ...(this.#options.dummy === true ? dummy : [])];
    this.#daemon = this.#spawn('ovs-vswitchd', args, 'daemon');
    await this.#waitFor(join(this.directory, 'daemon.ctl'));
    // The database counts as current only once the daemon has taken it over: bridges are there then.
    await this.vsctl('--timeout=10', 'set', 'Open_vSwitch', '.', `external_ids:started=${Date.now()}`);
  }

  #spawn(name: string, args: readonly string[], role: string): ChildProcess {
    const files = [`--unixctl=${this.directory}/${role}.ctl`, `--log-file=${this.directory}/${role}.log`];
    const line = [name, ...args, ...files, '--no-chdir', '-vconsole:off'];
    const { namespace } = this.#options;
    const [command = '', ...rest] = namespace === undefined ? line : ['ip', 'netns', 'exec', namespace, ...line];
    const { env, uid } = this.#command;
    return spawn(findProgram(command) ?? command, rest, {
      stdio: 'ignore',
      env,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
  }

  #run(name: string, args: readonly string[]): Promise<string> {
    return run(findProgram(name) ?? name, args, this.#command);
  }

  /** The socket's file is there before anyone listens on it: only a connection tells. */
  async #waitFor(socket: string): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isListening(socket))) {
      if (Date.now() > deadline) throw new Error(`Open vSwitch did not listen on ${socket} in ${START_TIMEOUT_MS} ms`);
      await delay(5);
    }
  }
}

const isListening = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = connect(socket);
    const answer = (listening: boolean) => () => {
      connection.destroy();
      resolve(listening);
    };
    connection.once('connect', answer(true)).once('error', answer(false));
  });

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
