import { FIRST_PORT, LAST_PORT, PROTOCOLS, type Protocol } from '../net/index.js';
import type { Fields } from './fields.js';
import { isPort, isPortName, protocolNamed } from './port-words.js';
import { asRecord, describe, isGiven, type Reading } from './reading.js';
import type { PortView } from './views.js';

/**
 * Reads one entry of `ports` (v1alpha1: portNumber, portRange, namedPort) or of `protocols` (v1alpha2: tcp, udp, sctp,
 * destinationNamedPort); exactly one field is set. A name has no protocol: it stands for the container ports of that
 * name of each. Undefined, with a finding, when the entry cannot be read.
 */
export function readTieredPort(reading: Reading, field: string, value: unknown): readonly PortView[] | undefined {
  const entry = asRecord(value) ?? {};
  const given = Object.keys(entry).filter((name) => isGiven(entry[name]));
  const [form = ''] = given;
  const read = given.length === 1 ? FORMS.get(form) : undefined;
  if (read !== undefined) return read(reading, `${field}.${form}`, entry[form]);
  return refused(reading, field, `expected one of ${[...FORMS.keys()].join(', ')}, found ${describe(value)}`);
}

type ReadForm = (reading: Reading, field: string, value: unknown) => readonly PortView[] | undefined;

const FORMS: ReadonlyMap<string, ReadForm> = new Map<string, ReadForm>([
  ['portNumber', numbered],
  ['portRange', ranged],
  ['namedPort', named],
  ...(['tcp', 'udp', 'sctp'] as const).map((protocol): [string, ReadForm] => [
    protocol,
    (reading, field, value) => destination(reading, field, protocol, value),
  ]),
  ['destinationNamedPort', named],
]);

function refused(reading: Reading, field: string, message: string): undefined {
  reading.report('INVALID_PORT', field, message);
}

function numbered(reading: Reading, field: string, value: unknown): readonly PortView[] | undefined {
  const { protocol, port } = asRecord(value) ?? {};
  return range(reading, field, { protocol, start: port, end: port });
}

function ranged(reading: Reading, field: string, value: unknown): readonly PortView[] | undefined {
  const { protocol, start, end } = asRecord(value) ?? {};
  return range(reading, field, { protocol, start, end });
}

function range(
  reading: Reading,
  field: string,
  { protocol: name, start, end }: { readonly protocol: unknown; readonly start: unknown; readonly end: unknown },
): readonly PortView[] | undefined {
  const protocol = protocolNamed(name ?? 'TCP');
  if (protocol === undefined) {
    return refused(reading, `${field}.protocol`, `expected TCP, UDP or SCTP, found ${describe(name)}`);
  }
  return between(reading, field, { protocol, start, end });
}

function between(
  reading: Reading,
  field: string,
  { protocol, start, end }: { readonly protocol: Protocol; readonly start: unknown; readonly end: unknown },
): readonly PortView[] | undefined {
  if (isPort(start) && isPort(end) && start <= end) return [{ kind: 'range', protocol, from: start, to: end }];
  const found = start === end ? describe(start) : `${describe(start)} to ${describe(end)}`;
  return refused(reading, field, `expected ports of 1 to 65535, the first not above the last, found ${found}`);
}

function named(reading: Reading, field: string, name: unknown): readonly PortView[] | undefined {
  if (typeof name === 'string' && isPortName(name)) {
    return PROTOCOLS.map((protocol) => ({ kind: 'named', protocol, name }));
  }
  return refused(reading, field, `expected a port name (1 to 15 of a-z, 0-9, '-'), found ${describe(name)}`);
}

/** `tcp: {destinationPort: {number | range}}`; without a destination port it is the whole protocol. */
function destination(
  reading: Reading,
  field: string,
  protocol: Protocol,
  value: unknown,
): readonly PortView[] | undefined {
  const given = asRecord(value);
  const port = given?.['destinationPort'];
  if (given === undefined || !onlyHas(given, 'destinationPort')) {
    return refused(reading, field, `expected destinationPort, found ${describe(value)}`);
  }
  if (!isGiven(port)) return [{ kind: 'range', protocol, from: FIRST_PORT, to: LAST_PORT }];
  const at = `${field}.destinationPort`;
  const numbers = asRecord(port) ?? {};
  if (isGiven(numbers['number']) && onlyHas(numbers, 'number')) {
    return between(reading, `${at}.number`, { protocol, start: numbers['number'], end: numbers['number'] });
  }
  if (isGiven(numbers['range']) && onlyHas(numbers, 'range')) {
    const { start, end } = asRecord(numbers['range']) ?? {};
    return between(reading, `${at}.range`, { protocol, start, end });
  }
  return refused(reading, at, `expected number or range, found ${describe(port)}`);
}

const onlyHas = (given: Fields, name: string): boolean =>
  Object.keys(given).every((key) => key === name || !isGiven(given[key]));
