import type { ObjectMeta } from '#model/kubernetes';

/** Metadata that can be trusted from here on, or the field that is wrong, what was expected of it and what was found. */
export type MetadataReading = { readonly metadata: ObjectMeta } | { readonly problem: string };

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
  if (isGiven(value) && !isMap(value)) return { problem: wrongField('metadata', 'a map', value) };
  const given: Fields = isMap(value) ? value : {};
  const { name } = given;
  if (typeof name !== 'string' || name === '') return { problem: wrongField('metadata.name', 'text', name) };
  for (const { field, expected, holds } of FIELDS) {
    const found = given[field];
    if (isGiven(found) && !holds(found)) return { problem: wrongField(`metadata.${field}`, expected, found) };
  }
  const present = Object.entries(given).filter(([, found]) => found !== null);
  return { metadata: { ...Object.fromEntries(present), name } };
}

/** What to say of a field that is missing or of another type than expected. */
export const wrongField = (field: string, expected: string, found: unknown): string =>
  isGiven(found) && found !== '' ? `${field}: expected ${expected}, found ${typeName(found)}` : `${field}: missing`;

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isReferenceList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((item) => isMap(item) && typeof item['kind'] === 'string' && typeof item['name'] === 'string')
  );
}
