import { PROTOBUF_FIELDS } from './protobuf-fields.gen.js';

/** One field of an API message: its JSON name, and how its value is written. */
export interface FieldSpec {
  readonly name: string;
  readonly type: string;
  readonly repeated: boolean;
  readonly map: boolean;
  readonly pointer: boolean;
  readonly embedded: boolean;
}

/** The fields of a message by their protobuf numbers. */
export type MessageSpec = ReadonlyMap<number, FieldSpec>;

let messages: ReadonlyMap<string, MessageSpec> | undefined;

const FIELD = /^(\d+) (\S+) ([?~]?)(\[\]|\{\})?(\S+)$/;

/** The messages of the API by name, parsed when they are first asked for. */
export function messageSpecs(): ReadonlyMap<string, MessageSpec> {
  messages ??= new Map(
    PROTOBUF_FIELDS.trim()
      .split('\n')
      .map((line) => {
        const cut = line.indexOf(': ');
        return [
          line.slice(0, cut),
          new Map(
            line
              .slice(cut + 2)
              .split('; ')
              .map(fieldSpec),
          ),
        ];
      }),
  );
  return messages;
}

function fieldSpec(text: string): [number, FieldSpec] {
  const [, number, name = '', mark, shape, type = ''] = FIELD.exec(text) ?? [];
  return [
    Number(number),
    { name, type, repeated: shape === '[]', map: shape === '{}', pointer: mark === '?', embedded: mark === '~' },
  ];
}

/** The name of the message of a kind; undefined for kinds that the table does not have. */
export function messageName(apiVersion: string, kind: string): string | undefined {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const short = group.split('.')[0] ?? '';
  const names = [`${short}.${version}.${kind}`, ...(kind === 'DeleteOptions' ? ['meta.DeleteOptions'] : [])];
  return names.find((name) => messageSpecs().has(name));
}

/** Messages whose JSON form is no object of their fields. */
const OPAQUE: ReadonlySet<string> = new Set(['Quantity', 'IntOrString', 'RawExtension', 'meta.Time', 'meta.MicroTime']);

/** The fields of a message by name, those of embedded messages among them; undefined for a plain value. */
export function fieldsByName(message: string): ReadonlyMap<string, FieldSpec> | undefined {
  const spec = OPAQUE.has(message) ? undefined : messageSpecs().get(message);
  if (spec === undefined) return undefined;
  return new Map(
    [...spec.values()].flatMap((field) =>
      field.embedded ? [...(fieldsByName(field.type) ?? [])] : [[field.name, field] as const],
    ),
  );
}
