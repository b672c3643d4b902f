import { isFields, type KubernetesObject } from '#model/kubernetes';
import { type FieldSpec, fieldsByName, messageName } from '../protocol/message-specs.js';

/**
 * The object as its API type writes it: empty lists and maps are left out, as Go's `omitempty` does. Clients then see
 * `podSelector: {}` and never `podSelector: { matchLabels: {} }`. Kinds whose fields are not known stay as they are.
 */
export function typedObject(object: KubernetesObject): KubernetesObject {
  const { kind, apiVersion, ...rest } = object;
  const message = messageName(apiVersion, kind);
  if (message === undefined) return object;
  return { kind, apiVersion, ...(typedValue(rest, message) as Pick<KubernetesObject, 'metadata'>) };
}

function typedValue(value: unknown, message: string): unknown {
  const fields = fieldsByName(message);
  if (fields === undefined || !isFields(value)) return value;
  const entries = Object.entries(value).map(([name, child]) => [name, typedField(child, fields.get(name))] as const);
  return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
}

/** The value of a field; undefined where it is an empty list or map. */
function typedField(value: unknown, spec: FieldSpec | undefined): unknown {
  if (spec?.repeated === true && Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((item: unknown) => typedValue(item, spec.type));
  }
  if (spec?.map === true && isFields(value)) return Object.keys(value).length === 0 ? undefined : value;
  return spec === undefined || spec.repeated || spec.map ? value : typedValue(value, spec.type);
}
