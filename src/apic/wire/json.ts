import { type Attributes, type FlatObject, type ManagedObject, toWire } from '#model/aci';
import type { WireDocument, WireFormat } from './wire-format.js';

/** `{"totalCount":"1","imdata":[{"fvTenant":{"attributes":{…}}}]}` (apic-protocol.md §0). */
export const jsonFormat: WireFormat = {
  suffix: 'json',
  contentType: 'application/json',
  read: readJson,
  write: (object: ManagedObject) => JSON.stringify(toWire(object)),
};

function readJson(text: string): WireDocument | undefined {
  const document = parsed(text);
  if (!isRecord(document) || !Array.isArray(document['imdata'])) return undefined;
  const { totalCount, subscriptionId, imdata } = document;
  const ids: readonly unknown[] = Array.isArray(subscriptionId) ? subscriptionId : [subscriptionId];
  return {
    totalCount: typeof totalCount === 'string' ? totalCount : undefined,
    subscriptionIds: ids.filter((id): id is string => typeof id === 'string'),
    objects: imdata.map(flatObject).filter((object) => object !== undefined),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One entry of an `imdata` list without its children, or undefined when it has not the form of an object. */
function flatObject(entry: unknown): FlatObject | undefined {
  if (!isRecord(entry)) return undefined;
  const [className] = Object.keys(entry);
  const body = className === undefined ? undefined : entry[className];
  if (className === undefined || !isRecord(body) || !isRecord(body['attributes'])) return undefined;
  const attributes = asTexts(body['attributes']);
  return { className, dn: attributes['dn'] ?? '', attributes };
}

/** The same record where all values are texts, as an APIC writes them: in a storm of events copies would be most of the work. */
function asTexts(values: Readonly<Record<string, unknown>>): Attributes {
  for (const name in values) if (typeof values[name] !== 'string') return textsOf(values);
  return values as Attributes;
}

const textsOf = (values: Readonly<Record<string, unknown>>): Attributes =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : String(value)]),
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
