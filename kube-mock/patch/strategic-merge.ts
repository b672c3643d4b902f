import { type Fields, isFields, wordOf } from '#model/kubernetes';
import { badRequest } from '../protocol/api-error.js';
import { listMerge } from './merge-keys.js';

const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

/** Where in the object we are: its kind, and the name of the field that holds the value. */
interface Place {
  readonly kind: string;
  readonly parent: string;
}

/**
 * Applies a strategic merge patch (API conventions, "strategic-merge-patch"): lists merge by their merge keys, and the
 * directives `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` are followed.
 * Throws 400 for a directive that is not one.
 */
export const applyStrategicMergePatch = (target: Fields, patch: Fields, kind: string): Fields =>
  mergeFields(target, patch, { kind, parent: '' });

function mergeFields(target: Fields, patch: Fields, place: Place): Fields {
  const directive = patch.$patch;
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`unrecognized value of $patch: ${wordOf(directive)} (expected merge, replace or delete)`);
  }
  const result: Record<string, unknown> = { ...retained(target, patch) };
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith(DELETE_FROM)) {
      const name = field.slice(DELETE_FROM.length);
      result[name] = withoutValues(result[name], value);
    } else if (!field.startsWith('$')) {
      if (value === null) delete result[field];
      else result[field] = mergeField(result[field], value, { field, patch, place });
    }
  }
  for (const field of orderedFields(patch)) {
    if (Array.isArray(result[field]) && patch[field] === undefined) {
      result[field] = inOrder(result[field], patch[`${ORDER}${field}`], identity(place, field));
    }
  }
  return result;
}

interface FieldPatch {
  readonly field: string;
  readonly patch: Fields;
  readonly place: Place;
}

function mergeField(current: unknown, value: unknown, { field, patch, place }: FieldPatch): unknown {
  if (isFields(value)) {
    return mergeFields(isFields(current) ? current : {}, value, { kind: place.kind, parent: field });
  }
  if (!Array.isArray(value)) return value;
  const how = listMerge(place.kind, place.parent, field);
  if (how === 'replace') return value.map(withoutNestedDirectives);
  const before: readonly unknown[] = Array.isArray(current) ? current : [];
  const merged =
    how === 'set'
      ? [...new Set([...before, ...value])]
      : mergeKeyed(before, value, { ...how, field, kind: place.kind });
  return inOrder(merged, patch[`${ORDER}${field}`], identity(place, field));
}

interface KeyedList {
  readonly key: string;
  readonly field: string;
  readonly kind: string;
}

function mergeKeyed(before: readonly unknown[], patch: readonly unknown[], list: KeyedList): unknown[] {
  if (patch.some((item) => isFields(item) && item.$patch === 'replace' && item[list.key] === undefined)) {
    return patch.filter((item) => !(isFields(item) && item.$patch === 'replace')).map(withoutNestedDirectives);
  }
  const result = [...before];
  for (const item of patch) {
    if (!isFields(item)) throw badRequest(`an item of ${list.field} must be an object`);
    if (item[list.key] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${list.key}`);
    }
    const index = result.findIndex((held) => isFields(held) && held[list.key] === item[list.key]);
    if (item.$patch === 'delete') {
      if (index !== -1) result.splice(index, 1);
      continue;
    }
    const held = result[index];
    const merged = mergeFields(isFields(held) ? held : {}, item, { kind: list.kind, parent: list.field });
    if (index === -1) result.push(merged);
    else result[index] = merged;
  }
  return result;
}

/** With `$retainKeys` only the named fields of the target survive. */
function retained(target: Fields, patch: Fields): Fields {
  const keys = patch.$retainKeys;
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([field]) => keys.includes(field)));
}

const withoutValues = (list: unknown, removed: unknown): readonly unknown[] =>
  (Array.isArray(list) ? list : []).filter((value) => !(Array.isArray(removed) && removed.includes(value)));

const orderedFields = (patch: Fields): readonly string[] =>
  Object.keys(patch)
    .filter((field) => field.startsWith(ORDER))
    .map((field) => field.slice(ORDER.length));

/** What identifies an item of a list: its merge key's value, or the plain value. */
function identity(place: Place, field: string): (item: unknown) => unknown {
  const how = listMerge(place.kind, place.parent, field);
  return (item) => (typeof how === 'object' && isFields(item) ? item[how.key] : item);
}

/**
 * The list in the order that the patch asks for. Items that the order does not name keep their place before the item
 * that followed them.
 */
function inOrder(list: readonly unknown[], order: unknown, idOf: (item: unknown) => unknown): readonly unknown[] {
  if (!Array.isArray(order)) return list;
  const rank = new Map(order.map((item: unknown, index) => [idOf(item), index]));
  const ordered = list
    .filter((item) => rank.has(idOf(item)))
    .sort((a, b) => (rank.get(idOf(a)) ?? 0) - (rank.get(idOf(b)) ?? 0));
  const result = [...ordered];
  for (const [index, item] of list.entries()) {
    if (rank.has(idOf(item))) continue;
    const follower = list.slice(index + 1).find((next) => rank.has(idOf(next)));
    const at = follower === undefined ? result.length : result.indexOf(follower);
    result.splice(at, 0, item);
  }
  return result;
}

const withoutDirectives = (patch: Fields): Fields =>
  Object.fromEntries(
    Object.entries(patch)
      .filter(([field, value]) => !field.startsWith('$') && value !== null)
      .map(([field, value]) => [field, withoutNestedDirectives(value)]),
  );

function withoutNestedDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNestedDirectives);
  return isFields(value) ? withoutDirectives(value) : value;
}
