import type { AciClassRow, PropertySpec } from '#model/aci';

/** One value that a property may have. */
interface ValidValue {
  readonly value: string;
  readonly localName: string;
}

/** Length or range of a property, and the expression that it has to match. */
interface Validator {
  readonly min: number;
  readonly max: number;
  readonly regexs?: readonly { readonly regex: string; readonly type: 'include' }[];
}

/** What `/doc/jsonmeta` says of a property, as far as the class table knows it (keys of apic-protocol.md §6.1). */
export interface PropertyMetadata {
  readonly isConfigurable: boolean;
  readonly uitype: string;
  readonly createOnly: boolean;
  readonly readWrite: boolean;
  readonly readOnly: boolean;
  readonly isNaming: boolean;
  readonly secure: boolean;
  readonly implicit: boolean;
  readonly validators?: readonly Validator[];
  readonly validValues?: readonly ValidValue[];
  readonly default?: string;
}

/** The metadata of a property of a class. */
export function propertyMetadata(row: AciClassRow, name: string, spec: PropertySpec): PropertyMetadata {
  const isReadOnly = spec.readonly === true;
  const isNaming = row.naming.includes(name);
  const validator = validatorOf(spec);
  const values = validValues(spec);
  return {
    isConfigurable: !isReadOnly,
    uitype: UI_TYPES.get(spec.type ?? 'string') ?? 'auto',
    createOnly: spec.createOnly === true || isNaming,
    readWrite: !isReadOnly && spec.createOnly !== true,
    readOnly: isReadOnly,
    isNaming,
    secure: spec.secure === true,
    implicit: isReadOnly,
    ...(validator === undefined ? {} : { validators: [validator] }),
    ...(values.length === 0 ? {} : { validValues: values }),
    ...(spec.default === undefined ? {} : { default: spec.default }),
  };
}

/** As Cisco's pages have them; every other type is `auto` there (gen/meta of terraform-provider-aci). */
const UI_TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['number', 'number'],
  ['enum', 'enum'],
  ['bitmask', 'bitmask'],
  ['password', 'password'],
]);

/** An open end is the largest number of 32 bits. */
const OPEN_END = 4_294_967_295;

function validatorOf(spec: PropertySpec): Validator | undefined {
  const bounds = spec.range ?? spec.length;
  if (bounds === undefined && spec.regex === undefined) return undefined;
  const [min, max] = bounds ?? [];
  return {
    min: min ?? 0,
    max: max ?? OPEN_END,
    ...(spec.regex === undefined ? {} : { regexs: [{ regex: spec.regex, type: 'include' }] }),
  };
}

/**
 * Names of values. The numbers behind an enum's names are not in the class table: the name stands for them as well. A
 * default is listed once more as `defaultValue`, as on Cisco's pages; booleans are true and false there, yes and no on
 * the wire (apic-protocol.md §3.4).
 */
function validValues(spec: PropertySpec): readonly ValidValue[] {
  const named = Object.entries(spec.named ?? {}).map(([value, localName]) => ({ value, localName }));
  const listed = (spec.values ?? []).map((localName) => ({ value: bare(spec, localName), localName }));
  const values = [...named, ...listed];
  if (values.length === 0 || spec.default === undefined) return values;
  return [{ value: bare(spec, spec.default), localName: 'defaultValue' }, ...values];
}

function bare(spec: PropertySpec, name: string): string {
  if (spec.type !== 'bool') return name;
  return name === 'yes' ? 'true' : 'false';
}
