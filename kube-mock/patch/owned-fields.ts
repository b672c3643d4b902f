import { type Fields, isFields, type KubernetesObject } from '#model/kubernetes';
import type { ListMerge } from './merge-keys.js';

/** One step into an object: a field, or an item of a list that is told apart by keys (structured-merge-diff, `PathElement`). */
export type PathStep = { readonly field: string } | { readonly key: Fields };

/** How the list at a path of field names merges; items of lists add no name of their own. */
export type ListKinds = (path: readonly string[]) => ListMerge;

/** A field that somebody owns: where it is and what it says. An item of a keyed list is a field without a value. */
export interface OwnedField {
  readonly path: readonly PathStep[];
  readonly value: unknown;
}

/** The path in the form of `fieldsV1`: `f:spec`, `k:{"type":"Ready"}`. The text of a whole path is these, as JSON. */
export const stepName = (step: PathStep): string =>
  'field' in step ? `f:${step.field}` : `k:${JSON.stringify(step.key)}`;

const pathText = (path: readonly PathStep[]): string => JSON.stringify(path.map(stepName));

/**
 * The fields of a value by the text of their paths: scalars, lists that are replaced as a whole, empty maps, and the items
 * of keyed lists (API concepts, "Server-Side Apply", merge strategy).
 */
export function ownedFields(value: unknown, kinds: ListKinds): ReadonlyMap<string, OwnedField> {
  const found = new Map<string, OwnedField>();
  const add = (path: readonly PathStep[], leaf: unknown): void => void found.set(pathText(path), { path, value: leaf });
  const visit = (current: unknown, path: readonly PathStep[], names: readonly string[]): void => {
    if (isFields(current)) {
      const entries = Object.entries(current);
      if (entries.length === 0 && path.length > 0) add(path, current);
      for (const [name, child] of entries) visit(child, [...path, { field: name }], [...names, name]);
      return;
    }
    const kind = Array.isArray(current) ? kinds(names) : 'replace';
    if (!Array.isArray(current) || typeof kind === 'string') {
      add(path, current);
      return;
    }
    for (const item of current) {
      if (!isFields(item)) continue;
      const itemPath = [...path, { key: { [kind.key]: item[kind.key] } }];
      add(itemPath, undefined);
      visit(item, itemPath, names);
    }
  };
  visit(value, [], []);
  return found;
}

/** The paths as `fieldsV1` nests them. */
export function toFieldsV1(texts: Iterable<string>): Fields {
  const root: Record<string, unknown> = {};
  for (const text of texts) {
    let node = root;
    const steps = JSON.parse(text) as readonly string[];
    for (const step of steps) {
      node[step] ??= {};
      node = node[step] as Record<string, unknown>;
    }
    if (steps.at(-1)?.startsWith('k:') === true) node['.'] = {};
  }
  return root;
}

/** The texts of the paths in a `fieldsV1`. */
export function fromFieldsV1(fields: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (node: unknown, steps: readonly string[]): void => {
    if (!isFields(node)) return;
    const names = Object.keys(node);
    if (steps.length > 0 && (names.length === 0 || names.includes('.'))) found.add(JSON.stringify(steps));
    for (const name of names) if (name !== '.') visit(node[name], [...steps, name]);
  };
  visit(fields, []);
  return found;
}

/** The path that a text stands for. */
export const pathOfText = (text: string): readonly PathStep[] =>
  (JSON.parse(text) as readonly string[]).map((step) =>
    step.startsWith('f:') ? { field: step.slice(2) } : { key: JSON.parse(step.slice(2)) as Fields },
  );

/** The object with the value at the path; items of keyed lists are made where they are missing. */
export function withValue(target: unknown, path: readonly PathStep[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if ('field' in step) {
    const fields = isFields(target) ? target : {};
    return { ...fields, [step.field]: withValue(fields[step.field], rest, value) };
  }
  const items: readonly unknown[] = Array.isArray(target) ? target : [];
  const index = items.findIndex((item) => hasKey(item, step.key));
  const item = index === -1 ? step.key : items[index];
  const next = rest.length === 0 ? item : withValue(item, rest, value);
  return index === -1 ? [...items, next] : items.map((other, at) => (at === index ? next : other));
}

/** The object without what is at the path, and without what is empty above it then. */
export function withoutValue(target: unknown, path: readonly PathStep[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if ('field' in step) {
    if (!isFields(target) || !(step.field in target)) return target;
    const { [step.field]: old, ...others } = target;
    const next = withoutValue(old, rest);
    if (next === undefined) return Object.keys(others).length === 0 ? undefined : others;
    return { ...target, [step.field]: next };
  }
  if (!Array.isArray(target)) return target;
  const items = target.flatMap((item: unknown) => {
    if (!hasKey(item, step.key)) return [item];
    const next = withoutValue(item, rest);
    return next === undefined ? [] : [next];
  });
  return items.length === 0 ? undefined : items;
}

const hasKey = (item: unknown, key: Fields): boolean =>
  isFields(item) && Object.entries(key).every(([name, value]) => item[name] === value);

/** Who owns which fields of an object (API type `ManagedFieldsEntry`). */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

/** The entries of an object, as the server wrote them. */
export const managedFieldsOf = (object: KubernetesObject | undefined): readonly ManagedFieldsEntry[] => {
  const entries = (object?.metadata as Fields | undefined)?.['managedFields'];
  return Array.isArray(entries) ? (entries as readonly ManagedFieldsEntry[]) : [];
};
