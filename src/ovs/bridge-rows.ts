import type { BridgeEndpoint, BridgeState } from '#model/node';
import type { DatabaseRow } from './database.js';

/** Keys of an interface's `external_ids` that say whose it is; whoever plugs the pod in sets them. */
export const POD_KEY = 'aci-gateway-pod';
export const MAC_KEY = 'attached-mac';

/** Columns that the bridge's state is made from. */
export const STATE_COLUMNS = {
  Bridge: ['name', 'ports', 'fail_mode', 'protocols'],
  Port: ['_uuid', 'interfaces'],
  Interface: ['_uuid', 'name', 'ofport', 'external_ids', 'mac_in_use'],
} as const;

/** Columns whose changes matter; `_uuid` cannot be monitored and never changes. */
export const WATCHED_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  Bridge: ['name', 'ports', 'fail_mode', 'protocols'],
  Port: ['interfaces'],
  Interface: ['name', 'ofport', 'external_ids', 'mac_in_use'],
};

/** What the agent speaks with the bridge. */
export const PROTOCOL = 'OpenFlow15';
/** How a bridge is set that forwards nothing of its own accord. */
export const SECURE = 'secure';

/** OpenFlow port numbers that are real ports (OFPP_MAX is 0xff00); -1 is one that could not be opened. */
const LAST_PORT_NUMBER = 0xff00;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** Rows of the tables of {@link STATE_COLUMNS}, in its order. */
export interface StateRows {
  readonly bridges: readonly DatabaseRow[];
  readonly ports: readonly DatabaseRow[];
  readonly interfaces: readonly DatabaseRow[];
}

/** A set column: one value stands for itself, several for `["set", […]]` (RFC 7047 §5.1). */
function setOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value[0] === 'set' ? (value[1] as readonly unknown[]) : [value];
}

const referenceOf = (value: unknown): unknown => (Array.isArray(value) ? value[1] : undefined);

/** A map column: `["map", [[key, value], …]]`. */
const mapOf = (value: unknown): ReadonlyMap<string, string> =>
  new Map(Array.isArray(value) ? (value[1] as readonly (readonly [string, string])[]) : []);

/**
 * What is plugged into the bridge. An interface counts once the switch has given it a port number: numbers are read, never
 * assumed. One with a MAC that is none is left out, as a flow that names it would be refused.
 */
export function bridgeState(rows: StateRows, bridge: string, uplink: string): BridgeState {
  const interfaces = interfacesOf(rows, bridge);
  const host = interfaces.find(({ name }) => name === bridge);
  const [hostMac] = setOf(host?.mac_in_use);
  return {
    uplink: portOf(interfaces.find(({ name }) => name === uplink)),
    hostMac: typeof hostMac === 'string' ? hostMac : undefined,
    endpoints: interfaces.flatMap(endpointOf).sort((a, b) => a.port - b.port),
  };
}

/** Whether the bridge is there, is secure, and can be spoken with. */
export function isUsable({ bridges }: StateRows, bridge: string): boolean {
  const found = bridges.find(({ name }) => name === bridge);
  return setOf(found?.fail_mode).includes(SECURE) && setOf(found?.protocols).includes(PROTOCOL);
}

function interfacesOf({ bridges, ports, interfaces }: StateRows, bridge: string): readonly DatabaseRow[] {
  const portIds = new Set(setOf(bridges.find(({ name }) => name === bridge)?.ports).map(referenceOf));
  const ours = ports.filter((port) => portIds.has(referenceOf(port._uuid)));
  const interfaceIds = new Set(ours.flatMap((port) => setOf(port.interfaces)).map(referenceOf));
  return interfaces.filter((row) => interfaceIds.has(referenceOf(row._uuid)));
}

function portOf(row: DatabaseRow | undefined): number | undefined {
  const [port] = setOf(row?.ofport);
  return typeof port === 'number' && port > 0 && port < LAST_PORT_NUMBER ? port : undefined;
}

function endpointOf(row: DatabaseRow): readonly BridgeEndpoint[] {
  const ids = mapOf(row.external_ids);
  const pod = ids.get(POD_KEY);
  const mac = ids.get(MAC_KEY)?.toLowerCase();
  const port = portOf(row);
  if (pod === undefined || mac === undefined || port === undefined || !MAC.test(mac)) return [];
  return [{ pod, port, mac }];
}
