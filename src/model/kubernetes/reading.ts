import type { Finding, FindingCode, FindingSeverity } from '../policy/index.js';
import { type Fields, isFields } from './fields.js';

/** Collects what is wrong with one object while its view is read. */
export class Reading {
  readonly #object: string;
  readonly #findings: Finding[] = [];

  /** @param object how findings name the object: `Kind/namespace/name`. */
  constructor(object: string) {
    this.#object = object;
  }

  /** Reports a field: its path, and what was expected. */
  report(code: FindingCode, field: string, message: string, severity: FindingSeverity = 'error'): void {
    this.#findings.push({ code, severity, object: this.#object, message: `${field}: ${message}` });
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }
}

/** A JSON object, or undefined for anything else. */
export const asRecord = (value: unknown): Fields | undefined => (isFields(value) ? value : undefined);

/** A list, or an empty one for a missing value; anything else is reported. */
export function asList(reading: Reading, field: string, value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  reading.report('INVALID_OBJECT', field, `expected a list, found ${describe(value)}`);
  return [];
}

/** An object, or an empty one for a missing value; anything else is reported. */
export function asFields(reading: Reading, field: string, value: unknown): Fields {
  if (!isGiven(value)) return {};
  if (isFields(value)) return value;
  reading.report('INVALID_OBJECT', field, `expected an object, found ${describe(value)}`);
  return {};
}

/** Fields of the object beside those that the API has at the place: what they ask for nobody can tell. */
export const unknownFields = (given: Fields, known: readonly string[]): readonly string[] =>
  Object.keys(given).filter((name) => !known.includes(name) && isGiven(given[name]));

/** Labels: entries whose value is no text are reported and left out. */
export function asLabels(reading: Reading, field: string, value: unknown): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  if (isGiven(value) && !isFields(value)) {
    reading.report('INVALID_OBJECT', field, `expected labels, found ${describe(value)}`);
  }
  for (const [key, text] of Object.entries(asRecord(value) ?? {})) {
    if (typeof text === 'string') labels[key] = text;
    else reading.report('INVALID_OBJECT', `${field}.${key}`, `expected a string, found ${describe(text)}`);
  }
  return labels;
}

/** A value in a few words, for messages. */
export const describe = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? 'nothing').slice(0, 60);

/** Missing, null or an empty list: no restriction (policy.md N13). */
export const isAbsent = (list: unknown): boolean =>
  list === undefined || list === null || (Array.isArray(list) && list.length === 0);

/** A field that is null is one that was not given: the API's own decoding makes both a nil pointer. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
