import type { ObjectMeta } from '#model/kubernetes';

/** Metadata that can be trusted from here on, or the field that is wrong and what was expected of it. */
export type MetadataReading = { readonly metadata: ObjectMeta } | { readonly field: string; readonly expected: string };

type Fields = Readonly<Record<string, unknown>>;

/** What each field of metadata that we read must be, when it is given at all. */
const FIELDS: readonly {
  readonly field: string;
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}[] = [
  { field: 'namespace', expected: 'a string', holds: (value) => typeof value === 'string' },
  { field: 'labels', expected: 'a map', holds: isMap },
  { field: 'annotations', expected: 'a map', holds: isMap },
  { field: 'ownerReferences', expected: 'a list of references with kind and name', holds: isReferenceList },
];

/** Reads the metadata of a manifest's object. A field that is null counts as not given, as the API decodes it. */
export function readMetadata(value: unknown): MetadataReading {
  const given: Fields = isMap(value) ? value : {};
  const { name } = given;
  if (typeof name !== 'string' || name === '') return { field: 'name', expected: 'a name' };
  for (const { field, expected, holds } of FIELDS) {
    const found = given[field];
    if (found !== undefined && found !== null && !holds(found)) return { field, expected };
  }
  const present = Object.entries(given).filter(([, found]) => found !== null);
  return { metadata: { ...Object.fromEntries(present), name } };
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isReferenceList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((item) => isMap(item) && typeof item['kind'] === 'string' && typeof item['name'] === 'string')
  );
}
