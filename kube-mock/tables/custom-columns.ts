import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';
import { AGE, ageOf, column, NAME, type TableColumn } from './table-columns.js';

/** Columns of a custom resource: `additionalPrinterColumns` of its definition's version, or Age where it has none. */
export function customColumns(definition: KubernetesObject | undefined, version: string): readonly TableColumn[] {
  const served = listAt(definition, 'spec', 'versions').find((item) => textAt(item, 'name') === version);
  const extra = listAt(served, 'additionalPrinterColumns').map(printerColumn);
  return extra.length === 0 ? [NAME, AGE] : [NAME, ...extra];
}

function printerColumn(definition: unknown): TableColumn {
  const type = textAt(definition, 'type') ?? 'string';
  const path = textAt(definition, 'jsonPath') ?? '';
  const wide = (fieldAt(definition, 'priority') ?? 0) !== 0;
  return column(
    textAt(definition, 'name') ?? '',
    (object, now) => {
      const value = valueAtPath(object, path);
      return type === 'date' && typeof value === 'string' ? ageOf(value, now) : value;
    },
    { ...(wide ? { wide: true } : {}), type: type === 'date' ? 'string' : (type as TableColumn['type']) },
  );
}

const STEP = /\.([A-Za-z0-9_-]+|\\\.)|\[(\d+)\]|\['([^']+)'\]|\[\?\(@\.([A-Za-z0-9_]+)\s*==\s*["']([^"']*)["']\)\]/g;

/**
 * The value at a JSONPath of the kind printer columns use: fields, `[0]`, `['key']` and `[?(@.type=="Ready")]`.
 * Null where the path leads nowhere.
 */
export function valueAtPath(object: unknown, path: string): unknown {
  let current: unknown = object;
  for (const [, field, index, key, filterField, filterValue] of path.matchAll(STEP)) {
    if (filterField !== undefined) {
      const items: readonly unknown[] = Array.isArray(current) ? current : [];
      current = items.find((item) => fieldAt(item, filterField) === filterValue);
    } else current = fieldAt(current, field ?? index ?? key ?? '');
  }
  return current === undefined ? null : plain(current);
}

const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
