import { FIRST_PORT, LAST_PORT, type Protocol } from '../net/index.js';

const PROTOCOLS: ReadonlyMap<unknown, Protocol> = new Map([
  ['TCP', 'tcp'],
  ['UDP', 'udp'],
  ['SCTP', 'sctp'],
]);

/** The protocol of the API's name for it (core/v1 Protocol); undefined for anything else. */
export const protocolNamed = (name: unknown): Protocol | undefined => PROTOCOLS.get(name);

/** IANA service names: at most 15 of a-z, 0-9 and `-`, with a letter (RFC 6335 §5.1; the API validates the same). */
const SERVICE_NAME = /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

/** Whether a container port may have the name. */
export const isPortName = (name: string): boolean => name.length <= 15 && SERVICE_NAME.test(name);

/** Whether the value is a port number, 1 to 65535. */
export const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= FIRST_PORT && value <= LAST_PORT;
