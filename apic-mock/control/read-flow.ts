import { InvalidInputError } from '#errors';
import type { FlowQuestion, TcpFlag } from '../zoning/index.js';

type Fields = Readonly<Record<string, unknown>>;

const NUMBERS = ['sourcePort', 'destinationPort', 'icmpType', 'family'] as const;
const YES_OR_NO = ['laterFragment', 'bridged'] as const;
const FLAGS: readonly string[] = ['syn', 'ack', 'fin', 'rst'] satisfies readonly TcpFlag[];
const KNOWN: readonly string[] = ['source', 'destination', 'protocol', 'flags', 'vrf', ...NUMBERS, ...YES_OR_NO];

/**
 * Reads the question for `GET /mock/permits`, e.g. `?source=10.0.0.1&destination=uni/tn-t/ap-a/epg-b&protocol=tcp&
 * destinationPort=80`; flags are joined by commas. Throws `InvalidInputError` with the field and what it expected.
 */
export function flowFromQuery(query: ReadonlyMap<string, string>): FlowQuestion {
  const fields = Object.fromEntries(query);
  const numbers = NUMBERS.filter((name) => query.has(name)).map((name) => [name, numberIn(query.get(name) ?? '')]);
  const choices = YES_OR_NO.filter((name) => query.has(name)).map((name) => [name, truthIn(query.get(name) ?? '')]);
  const flags = query.get('flags');
  return readFlow({
    ...fields,
    ...Object.fromEntries([...numbers, ...choices]),
    ...(flags === undefined ? {} : { flags: flags.split(',').filter((flag) => flag !== '') }),
  });
}

/** Reads the question for `POST /mock/permits`, a `FlowQuestion` in JSON. Throws `InvalidInputError` or `SyntaxError`. */
export function flowFromBody(text: string): FlowQuestion {
  const fields: unknown = JSON.parse(text);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new InvalidInputError('flow: expected an object');
  }
  return readFlow(fields as Fields);
}

/** A text that is no number stays what it is: the field's own check names it then. */
const numberIn = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);

function truthIn(text: string): unknown {
  if (['yes', 'true', ''].includes(text)) return true;
  return ['no', 'false'].includes(text) ? false : text;
}

function readFlow(fields: Fields): FlowQuestion {
  const unknown = Object.keys(fields).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError(`flow: unknown field '${unknown}'; expected ${KNOWN.join(', ')}`);
  }
  return {
    source: textField(fields, 'source'),
    destination: textField(fields, 'destination'),
    protocol: protocolField(fields.protocol),
    ...portField(fields, 'sourcePort'),
    ...portField(fields, 'destinationPort'),
    ...portField(fields, 'icmpType'),
    ...familyField(fields.family),
    ...flagsField(fields.flags),
    ...truthField(fields, 'laterFragment'),
    ...truthField(fields, 'bridged'),
    ...(fields.vrf === undefined ? {} : { vrf: textField(fields, 'vrf') }),
  };
}

function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(name, name === 'vrf' ? 'the Dn of a VRF' : 'an address or the Dn of a group', value);
}

function protocolField(value: unknown): string | number {
  if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return value;
  throw wrong('protocol', 'a name or a number', value);
}

const MAX_PORT = 65_535;

function portField<Name extends string>(fields: Fields, name: Name): Partial<Record<Name, number>> {
  const value = fields[name];
  if (value === undefined) return {};
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_PORT) {
    return { [name]: value } as Record<Name, number>;
  }
  throw wrong(name, `a whole number from 0 to ${MAX_PORT}`, value);
}

function familyField(value: unknown): Pick<FlowQuestion, 'family'> {
  if (value === undefined) return {};
  if (value === 4 || value === 6) return { family: value };
  throw wrong('family', '4 or 6', value);
}

function flagsField(value: unknown): Pick<FlowQuestion, 'flags'> {
  if (value === undefined) return {};
  if (Array.isArray(value) && value.every(isFlag)) return { flags: value };
  throw wrong('flags', `some of ${FLAGS.join(', ')}`, value);
}

const isFlag = (value: unknown): value is TcpFlag => typeof value === 'string' && FLAGS.includes(value);

function truthField<Name extends string>(fields: Fields, name: Name): Partial<Record<Name, boolean>> {
  const value = fields[name];
  if (value === undefined) return {};
  if (typeof value === 'boolean') return { [name]: value } as Record<Name, boolean>;
  throw wrong(name, 'true or false', value);
}

const wrong = (name: string, expected: string, found: unknown): InvalidInputError =>
  new InvalidInputError(`flow: ${name}: expected ${expected}, found ${JSON.stringify(found)}`);
