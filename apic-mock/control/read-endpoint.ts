import { InvalidInputError } from '#errors';
import type { SeenEndpoint } from '../endpoints/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** Reads an endpoint to learn from JSON. Throws `InvalidInputError` or `SyntaxError` with the field and what it expected. */
export function readSeenEndpoint(text: string): SeenEndpoint {
  const fields = requireFields(text, ['mac', 'encap', 'path', 'ip', 'ips', 'epg']);
  const { ips = [] } = fields;
  if (!Array.isArray(ips)) throw new InvalidInputError('endpoint: ips: expected a list of addresses');
  return {
    mac: required(fields, 'mac'),
    encap: required(fields, 'encap'),
    path: required(fields, 'path'),
    ips: ips.map(String),
    ...optional(fields, 'ip'),
    ...optional(fields, 'epg'),
  };
}

/** What is to be forgotten: an endpoint, or one address of it. */
export interface ForgottenEndpoint {
  readonly mac: string;
  readonly ip?: string;
}

/** Reads from JSON what to forget. Throws as {@link readSeenEndpoint} does. */
export function readForgottenEndpoint(text: string): ForgottenEndpoint {
  const fields = requireFields(text, ['mac', 'ip']);
  return { mac: required(fields, 'mac'), ...optional(fields, 'ip') };
}

function requireFields(text: string, known: readonly string[]): Fields {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInputError('endpoint: expected an object');
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError(`endpoint: unknown field '${unknown}'; expected ${known.join(', ')}`);
  }
  return value as Fields;
}

function required(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new InvalidInputError(`endpoint: ${name}: expected a text`);
  return value;
}

const optional = <Name extends string>(fields: Fields, name: Name): Partial<Record<Name, string>> =>
  fields[name] === undefined ? {} : ({ [name]: required(fields, name) } as Record<Name, string>);
