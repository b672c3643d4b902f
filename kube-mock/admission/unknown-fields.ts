import { isFields, type KubernetesObject } from '#model/kubernetes';
import { type FieldSpec, fieldsByName, messageName } from '../protocol/message-specs.js';

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
  const fields = fieldsByName(message);
  if (fields === undefined || !isFields(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const spec = fields.get(name);
    return spec === undefined ? [place] : unknownInField(child, spec, place);
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
