import { isFields, type KubernetesObject } from '#model/kubernetes';
import { type FieldSpec, messageName, messageSpecs } from '../protocol/message-specs.js';

/** Fields that every message may hold though the table leaves them out: they are the server's own. */
const SERVER_FIELDS: ReadonlySet<string> = new Set(['status', 'managedFields', 'clusterName']);

/**
 * The paths of fields that the API type of an object does not have, e.g. `spec.ingres`: a typing error, in most cases
 * (API concepts, "Field validation"). Empty for kinds whose fields are not known.
 */
export function unknownFields(object: KubernetesObject): readonly string[] {
  const { apiVersion, kind, ...rest } = object;
  const message = messageName(apiVersion, kind);
  return message === undefined ? [] : unknownIn(rest, message, '');
}

function unknownIn(value: unknown, message: string, path: string): readonly string[] {
  const fields = fieldsOf(message);
  if (fields === undefined || !isFields(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const spec = fields.get(name);
    if (spec === undefined) return SERVER_FIELDS.has(name) ? [] : [place];
    return unknownInField(child, spec, place);
  });
}

function unknownInField(value: unknown, spec: FieldSpec, path: string): readonly string[] {
  if (spec.repeated) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) => unknownIn(item, spec.type, `${path}[${index}]`));
  }
  if (!spec.map) return unknownIn(value, spec.type, path);
  return isFields(value)
    ? Object.entries(value).flatMap(([key, item]) => unknownIn(item, spec.type, `${path}.${key}`))
    : [];
}

/** Messages whose JSON form is no object of their fields. */
const OPAQUE: ReadonlySet<string> = new Set(['Quantity', 'IntOrString', 'RawExtension', 'meta.Time', 'meta.MicroTime']);

/** The fields of a message by name, those of embedded messages among them; undefined for a plain value. */
function fieldsOf(message: string): ReadonlyMap<string, FieldSpec> | undefined {
  const spec = OPAQUE.has(message) ? undefined : messageSpecs().get(message);
  if (spec === undefined) return undefined;
  return new Map(
    [...spec.values()].flatMap((field) =>
      field.embedded ? [...(fieldsOf(field.type) ?? [])] : [[field.name, field] as const],
    ),
  );
}
