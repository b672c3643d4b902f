import { InvalidInputError } from '#errors';
import type { PlannedFailure } from '../http/index.js';
import type { FaultPlan } from './fault-plan.js';

type Fields = Readonly<Record<string, unknown>>;

const NUMBERS = [
  'latencyMilliseconds',
  'commitDelayMilliseconds',
  'loginsPerMinute',
  'acceptWrites',
  'acceptDelayMilliseconds',
  'emptyAnswers',
  'dropEvents',
  'duplicateEvents',
  'reorderEvents',
] as const;

const LISTS = ['commitDelayClasses', 'failures'] as const;

/** Reads a fault plan from JSON. Throws `InvalidInputError` or `SyntaxError` with the field and what it expected. */
export function readFaultPlan(text: string): FaultPlan {
  const fields = requireFields(JSON.parse(text), 'fault plan');
  const known: readonly string[] = [...NUMBERS, ...LISTS];
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError(`fault plan: unknown field '${unknown}'; expected ${known.join(', ')}`);
  }
  const numbers = NUMBERS.filter((name) => fields[name] !== undefined).map((name) => [name, amount(fields, name)]);
  const failures = fields.failures ?? [];
  if (!Array.isArray(failures)) throw new InvalidInputError('fault plan: failures: expected a list');
  return { ...Object.fromEntries(numbers), ...delayedClasses(fields), failures: failures.map(readFailure) };
}

function delayedClasses(fields: Fields): Pick<FaultPlan, 'commitDelayClasses'> {
  const { commitDelayClasses: names } = fields;
  if (names === undefined) return {};
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return { commitDelayClasses: names };
  throw new InvalidInputError('fault plan: commitDelayClasses: expected a list of class names');
}

function readFailure(value: unknown): PlannedFailure {
  const fields = requireFields(value, 'fault plan: failures');
  const texts = (['method', 'urlContains', 'text'] as const).filter((name) => fields[name] !== undefined);
  const code = fields.code === undefined ? {} : { code: amount(fields, 'code') };
  return {
    times: amount(fields, 'times'),
    status: status(fields),
    ...Object.fromEntries(texts.map((name) => [name, String(fields[name])])),
    ...code,
    ...(fields.html === undefined ? {} : { html: fields.html === true }),
  };
}

function status(fields: Fields): number {
  const value = amount(fields, 'status');
  if (value < 200 || value > 599)
    throw new InvalidInputError(`fault plan: status: expected 200 to 599, found ${value}`);
  return value;
}

function amount(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new InvalidInputError(`fault plan: ${name}: expected a whole number from 0 on, found ${JSON.stringify(value)}`);
}

function requireFields(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidInputError(`${what}: expected an object`);
}
