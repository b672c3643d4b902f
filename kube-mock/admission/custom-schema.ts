import {
  type Fields,
  fieldAt,
  fieldsAt,
  isFields,
  type KubernetesObject,
  listAt,
  numberAt,
  textAt,
} from '#model/kubernetes';
import type { ListMerge } from '../patch/merge-keys.js';
import type { FieldError } from '../protocol/api-error.js';
import { invalidValue, notSupported, required } from './field-errors.js';

/** The schema of a version in a CustomResourceDefinition; undefined where it has none. */
export function schemaOf(definition: KubernetesObject | undefined, version: string): Fields | undefined {
  const served = listAt(definition, 'spec', 'versions').find((item) => textAt(item, 'name') === version);
  const schema = fieldAt(served, 'schema', 'openAPIV3Schema');
  return isFields(schema) && isFields(schema['properties']) ? schema : undefined;
}

/** How the list at a path of field names merges (`x-kubernetes-list-type`, `x-kubernetes-list-map-keys`). */
export function listMergeIn(schema: Fields, path: readonly string[]): ListMerge {
  let current: unknown = schema;
  for (const name of path) {
    const inItem = fieldAt(current, 'items', 'properties', name);
    current = inItem ?? fieldAt(current, 'properties', name) ?? fieldAt(current, 'additionalProperties');
  }
  const [key] = listAt(current, 'x-kubernetes-list-map-keys');
  return fieldAt(current, 'x-kubernetes-list-type') === 'map' && typeof key === 'string' ? { key } : 'replace';
}

/** The value without fields that the schema does not know (structural schemas, "Field pruning"). */
export function pruned(value: unknown, schema: unknown): unknown {
  if (fieldAt(schema, 'x-kubernetes-preserve-unknown-fields') === true) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => pruned(item, fieldAt(schema, 'items')));
  const properties = fieldAt(schema, 'properties');
  const others = fieldAt(schema, 'additionalProperties');
  if (!isFields(value) || (!isFields(properties) && !isFields(others))) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const own = fieldAt(properties, name) ?? others;
      return own === undefined ? [] : [[name, pruned(child, own)]];
    }),
  );
}

/** The object as its schema leaves it: unknown fields outside of the metadata are gone. */
export function prunedObject(object: KubernetesObject, schema: Fields): KubernetesObject {
  const { apiVersion, kind, metadata, ...rest } = object;
  return { apiVersion, kind, metadata, ...(pruned(rest, schema) as Fields) };
}

/** What is wrong with an object by its schema, its metadata left out; rules of CEL are not looked at. */
export function schemaErrors(object: KubernetesObject, schema: Fields): readonly FieldError[] {
  const { apiVersion: _a, kind: _k, metadata: _m, ...rest } = object;
  const { metadata: _, ...properties } = fieldsAt(schema, 'properties');
  const wanted = listAt(schema, 'required').filter(
    (name) => !['apiVersion', 'kind', 'metadata'].includes(String(name)),
  );
  return errorsOf(rest, { ...schema, properties, required: wanted }, '');
}

function errorsOf(value: unknown, schema: unknown, path: string): readonly FieldError[] {
  const type = textAt(schema, 'type');
  if (!hasType(value, type, schema)) {
    return [invalidValue(path, value, `${path} in body must be of type ${type ?? ''}: "${kindOf(value)}"`)];
  }
  if (Array.isArray(value)) return listErrors(value, schema, path);
  if (isFields(value)) return mapErrors(value, schema, path);
  return scalarErrors(value, schema, path);
}

function mapErrors(value: Fields, schema: unknown, path: string): readonly FieldError[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const missing = listAt(schema, 'required').flatMap((name) =>
    typeof name === 'string' && value[name] === undefined ? [required(at(name))] : [],
  );
  const most = fieldAt(schema, 'maxProperties');
  const many = typeof most === 'number' && Object.keys(value).length > most;
  const others = fieldAt(schema, 'additionalProperties');
  return [
    ...missing,
    ...(many ? [invalidValue(path, Object.keys(value).length, `must have at most ${most} properties`)] : []),
    ...Object.entries(value).flatMap(([name, child]) => {
      const own = fieldAt(schema, 'properties', name) ?? others;
      return isFields(own) ? errorsOf(child, own, at(name)) : [];
    }),
  ];
}

function listErrors(value: readonly unknown[], schema: unknown, path: string): readonly FieldError[] {
  const [least, most] = [fieldAt(schema, 'minItems'), fieldAt(schema, 'maxItems')];
  return [
    ...(typeof least === 'number' && value.length < least
      ? [invalidValue(path, value.length, `${path} in body should have at least ${least} items`)]
      : []),
    ...(typeof most === 'number' && value.length > most
      ? [invalidValue(path, value.length, `must have at most ${most} items`)]
      : []),
    ...value.flatMap((item, index) => errorsOf(item, fieldAt(schema, 'items'), `${path}[${index}]`)),
  ];
}

function scalarErrors(value: unknown, schema: unknown, path: string): readonly FieldError[] {
  const choices = fieldAt(schema, 'enum');
  if (Array.isArray(choices) && !choices.includes(value)) return [notSupported(path, value, choices.map(String))];
  const problem =
    typeof value === 'number'
      ? numberProblem(value, schema)
      : typeof value === 'string'
        ? textProblem(value, schema)
        : '';
  return problem === '' ? [] : [invalidValue(path, value, `${path} ${problem}`)];
}

function numberProblem(value: number, schema: unknown): string {
  const [least, most] = [numberAt(schema, 'minimum'), numberAt(schema, 'maximum')];
  if (least !== undefined && value < least) return `in body should be greater than or equal to ${least}`;
  return most !== undefined && value > most ? `in body should be less than or equal to ${most}` : '';
}

function textProblem(value: string, schema: unknown): string {
  const [least, most] = [numberAt(schema, 'minLength'), numberAt(schema, 'maxLength')];
  const pattern = textAt(schema, 'pattern');
  if (most !== undefined && characters(value) > most) return `in body should be at most ${most} chars long`;
  if (least !== undefined && characters(value) < least) return `in body should be at least ${least} chars long`;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return `in body should match '${pattern}'`;
  const isDate = fieldAt(schema, 'format') === 'date-time';
  return isDate && Number.isNaN(Date.parse(value)) ? 'must be of type date-time' : '';
}

function hasType(value: unknown, type: string | undefined, schema: unknown): boolean {
  if (fieldAt(schema, 'x-kubernetes-int-or-string') === true) {
    return typeof value === 'string' || Number.isInteger(value);
  }
  if (value === null) return fieldAt(schema, 'nullable') === true;
  switch (type) {
    case undefined:
      return true;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isFields(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** Length as JSON Schema counts it: in code points. */
const characters = (text: string): number => Array.from(text).length;

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
