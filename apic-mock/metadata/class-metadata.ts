import { type AciClassRow, classRow, propertiesOf, type RelationSpec } from '#model/aci';
import { colonName, splitClassName } from './class-name.js';
import { containedClasses, containerClasses, dnFormats, rnMap } from './containment.js';
import { type PropertyMetadata, propertyMetadata } from './property-metadata.js';

/** What `/doc/jsonmeta` says of a class, as far as the class table knows it (keys of apic-protocol.md §6.1). */
export interface ClassMetadata {
  readonly label: string;
  readonly classPkg: string;
  readonly className: string;
  readonly identifiedBy: readonly string[];
  readonly rnFormat: string;
  readonly dnFormats: readonly string[];
  readonly contains: Readonly<Record<string, ''>>;
  readonly containedBy: Readonly<Record<string, ''>>;
  readonly rnMap: Readonly<Record<string, string>>;
  readonly superClasses: readonly string[];
  readonly subClasses: Readonly<Record<string, never>>;
  readonly isAbstract: false;
  readonly isConfigurable: boolean;
  readonly isCreatableDeletable: 'always' | 'never' | 'derived';
  readonly relationInfo?: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, PropertyMetadata>>;
}

/** The page of a class, `{"fv:Tenant": {…}}`; undefined for a class that is not in the table. */
export function classPage(className: string): Readonly<Record<string, ClassMetadata>> | undefined {
  const row = classRow(className);
  return row === undefined ? undefined : { [colonName(className)]: metadataOf(className, row) };
}

function metadataOf(className: string, row: AciClassRow): ClassMetadata {
  const [classPkg, name] = splitClassName(className);
  const relation = row.relation === undefined ? {} : { relationInfo: relationInfo(className, row, row.relation) };
  const prefixes = Object.entries(rnMap(className)).map(([prefix, child]) => [prefix, colonName(child)]);
  return {
    label: row.label,
    classPkg,
    className: name,
    identifiedBy: row.naming,
    rnFormat: row.rn,
    dnFormats: dnFormats(className),
    contains: namesOf(containedClasses(className)),
    containedBy: namesOf(containerClasses(className)),
    rnMap: Object.fromEntries(prefixes),
    superClasses: (row.supers ?? []).map(colonName),
    subClasses: {},
    isAbstract: false,
    isConfigurable: row.configurable !== false,
    isCreatableDeletable: creatable(row),
    ...relation,
    faults: row.faults ?? {},
    properties: propertiesMetadata(className, row),
  };
}

const namesOf = (classes: readonly string[]): Readonly<Record<string, ''>> =>
  Object.fromEntries(classes.map((name) => [colonName(name), '' as const]));

/** `derived` for what the APIC alone makes is a guess: the class table only knows that nobody configures it. */
function creatable(row: AciClassRow): ClassMetadata['isCreatableDeletable'] {
  if (row.creatable === 'never') return 'never';
  return row.configurable === false ? 'derived' : 'always';
}

function relationInfo(className: string, row: AciClassRow, relation: RelationSpec): Readonly<Record<string, string>> {
  const { type, to, many, reverse } = relation;
  const [from] = row.in;
  return {
    type,
    cardinality: many ? 'n-to-m' : 'n-to-1',
    ...(from === undefined ? {} : { fromMo: colonName(from) }),
    fromRelMo: colonName(className),
    toMo: colonName(to),
    ...(reverse === undefined ? {} : { toRelMo: colonName(reverse) }),
  };
}

function propertiesMetadata(className: string, row: AciClassRow): ClassMetadata['properties'] {
  const specs = Object.entries(propertiesOf(className)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(specs.map(([name, spec]) => [name, propertyMetadata(row, name, spec)]));
}
