import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#errors';
import type { Bridge } from '#ports';
import {
  bridgeState,
  isUsable,
  PROTOCOL,
  SECURE,
  STATE_COLUMNS,
  type StateRows,
  WATCHED_COLUMNS,
} from './bridge-rows.js';
import { runTool } from './command.js';
import { type ConnectionOptions, DatabaseConnection } from './database.js';
import { SwitchRefusedError, SwitchUnreachableError } from './errors.js';
import { untilSwitchEnds } from './liveness.js';

/** Where the switch is and what the bridge is called. */
export interface OpenVswitchOptions {
  /** Name of the bridge; created when it is not there, also when somebody took it away. */
  readonly bridge: string;
  /** Name of the interface toward the fabric; added to the bridge when it is not in it. */
  readonly uplink: string;
  /** Path of ovsdb-server's socket. The bridge's management socket is looked for in the same folder. */
  readonly database?: string;
  /** `system` for the kernel's datapath, `netdev` for the one in user space; as it is when not given. */
  readonly datapath?: 'system' | 'netdev' | 'dummy';
  /** Milliseconds that the database may take for an answer; ten seconds when not given. */
  readonly answerMs?: number;
}

const DEFAULT_DATABASE = '/var/run/openvswitch/db.sock';
/** OpenFlow 1.0 stays on, as plain ovs-ofctl speaks nothing else when asked for nothing. */
const PROTOCOLS = `protocols=OpenFlow10,OpenFlow13,${PROTOCOL}`;
const RECONNECT_MS = 200;

/** The node's Open vSwitch as a {@link Bridge}: state by OVSDB, flows by bundles of ovs-ofctl. */
export function openVswitchBridge(options: OpenVswitchOptions): Bridge {
  const database = options.database ?? DEFAULT_DATABASE;
  const management = join(dirname(database), `${options.bridge}.mgmt`);
  const ensured = onceDone(() => ensureBridge(options, database));
  return {
    async state() {
      await ensured.done();
      const rows = await readRows(database, options);
      if (isUsable(rows, options.bridge)) return bridgeState(rows, options.bridge, options.uplink);
      ensured.undone();
      await ensured.done();
      return bridgeState(await readRows(database, options), options.bridge, options.uplink);
    },
    async watch(changed, signal) {
      const connection = { onUpdate: changed, answerMs: options.answerMs };
      await Promise.all([watchDatabase(database, connection, signal), watchSwitch(management, changed, signal)]);
    },
    async replaceFlows(flows) {
      await ensured.done();
      await replaceFlows(management, flows);
    },
  };
}

/** Does the work until it has succeeded once, and anew when it is told that somebody undid it. */
function onceDone(work: () => Promise<void>): { readonly done: () => Promise<void>; readonly undone: () => void } {
  let done: Promise<void> | undefined;
  return {
    done() {
      done ??= work().catch((error: unknown) => {
        done = undefined;
        throw error;
      });
      return done;
    },
    undone() {
      done = undefined;
    },
  };
}

/** Without flows a bridge in secure mode forwards nothing; in the standalone mode it would be an open switch. */
async function ensureBridge({ bridge, uplink, datapath }: OpenVswitchOptions, database: string): Promise<void> {
  const settings = [`fail_mode=${SECURE}`, PROTOCOLS, ...(datapath === undefined ? [] : [`datapath_type=${datapath}`])];
  const vsctl = (...words: readonly string[]): Promise<string> =>
    runTool('ovs-vsctl', [`--db=unix:${database}`, '--timeout=10', ...words]);
  await vsctl('--may-exist', 'add-br', bridge, '--', 'set', 'bridge', bridge, ...settings);
  // Not waited for: an uplink that is not there yet is no error, the state shows it once it is.
  await vsctl('--no-wait', '--may-exist', 'add-port', bridge, uplink);
}

async function readRows(database: string, { answerMs }: OpenVswitchOptions): Promise<StateRows> {
  const connection = await DatabaseConnection.open(database, { answerMs });
  try {
    const tables = Object.entries(STATE_COLUMNS);
    const [bridges = [], ports = [], interfaces = []] = await connection.select(tables);
    return { bridges, ports, interfaces };
  } finally {
    connection.close();
  }
}

/** Follows the database; after every reconnection anything may have changed. */
async function watchDatabase(path: string, options: Required<ConnectionOptions>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const connection = await DatabaseConnection.open(path, options);
      const stop = (): void => connection.close();
      signal.addEventListener('abort', stop, { once: true });
      // While the connection was made: no listener would hear of it any more.
      if (signal.aborted) stop();
      try {
        await connection.monitor(WATCHED_COLUMNS);
        options.onUpdate();
        await connection.closed;
      } finally {
        signal.removeEventListener('abort', stop);
        connection.close();
      }
    } catch (error) {
      if (!(error instanceof SwitchUnreachableError) && !(error instanceof SwitchRefusedError)) throw error;
    }
    await pause(signal);
  }
}

/** A switch daemon that starts again has no flows, and its database tells nothing of it. */
async function watchSwitch(path: string, changed: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await untilSwitchEnds(path, changed, signal);
    await pause(signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(RECONNECT_MS, undefined, { signal });
  } catch {
    // Aborted: the loop that waits here looks at the signal itself.
  }
}

/**
 * Loads the flows in one bundle. A bundle commits without the flows that the switch could not decode, so what is there
 * afterwards is counted (OpenFlow 1.5 §6.8 leaves it to the controller to check).
 */
async function replaceFlows(management: string, flows: readonly string[]): Promise<void> {
  const target = `unix:${management}`;
  const ofctl = ['-O', 'OpenFlow15'];
  try {
    await runTool('ovs-ofctl', [...ofctl, '--bundle', 'replace-flows', target, '-'], `${flows.join('\n')}\n`);
  } catch (error) {
    throw new SwitchRefusedError(`cannot load ${flows.length} flows: ${messageOf(error)}`, { cause: error });
  }
  const aggregate = await runTool('ovs-ofctl', [...ofctl, 'dump-aggregate', target]);
  const count = Number(/flow_count=(\d+)/.exec(aggregate)?.[1]);
  if (count !== flows.length) {
    throw new SwitchRefusedError(
      `the switch holds ${count} flows after ${flows.length} were loaded: two of them equal?`,
    );
  }
}
