/** Type of a property as the APIC's metadata names it; a plain string where the row says nothing. */
export type PropertyType =
  | 'string'
  | 'number'
  | 'bool'
  | 'enum'
  | 'bitmask'
  | 'ip'
  | 'mac'
  | 'ref'
  | 'rn'
  | 'class'
  | 'date'
  | (string & {});

/** What is known of one property of a class. */
export interface PropertySpec {
  readonly type?: PropertyType;
  /** Values of an enum, or of a bitmask in ascending bit weight: the order in which the APIC writes them. */
  readonly values?: readonly string[];
  /** Names that the APIC stores instead of numbers, e.g. `{"80":"http"}`. */
  readonly named?: Readonly<Record<string, string>>;
  readonly range?: readonly (number | null)[];
  readonly length?: readonly (number | null)[];
  readonly regex?: string;
  readonly default?: string;
  readonly createOnly?: true;
  readonly readonly?: true;
  readonly secure?: true;
}

/**
 * A relation class: by name in the same tenant (then `common`), or by Dn; or the reverse of one (`fvRtBd`), which the
 * APIC makes below the target and whose `to` is the class that the relation comes from.
 */
export interface RelationSpec {
  readonly type: 'named' | 'explicit' | 'reverse' | (string & {});
  readonly to: string;
  readonly many: boolean;
  readonly reverse?: string;
}

/** One class of the ACI object model, in compact form. */
export interface AciClassRow {
  readonly label: string;
  /** The number that the metadata of release 6.0(9c) gives the class; absent where it does not know it. */
  readonly id?: number;
  /** RN format, e.g. `subnet-[{ip}]`. */
  readonly rn: string;
  /** Naming properties, in the order of the RN format. */
  readonly naming: readonly string[];
  /** Parent classes; `*` where any class whose `universal` names this one may be the parent. */
  readonly in: readonly string[];
  /** Attach-anywhere classes that objects of this class take as children. */
  readonly universal?: readonly string[];
  readonly configurable?: false;
  /** The APIC makes it with its parent; it can be neither created nor deleted alone. */
  readonly creatable?: 'never';
  readonly relation?: RelationSpec;
  /** Children that the APIC makes together with an object of this class. */
  readonly implicit?: readonly string[];
  readonly supers?: readonly string[];
  /** Faults that objects of the class can have: code to the name of its rule, e.g. `F0955` → `fltFvRsBdResolveFail`. */
  readonly faults?: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, PropertySpec>>;
}
