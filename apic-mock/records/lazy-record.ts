import { type Attributes, classRow } from '#model/aci';
import { newAttributes, type StoredObject, type StoredRecord } from '../tree/index.js';

/** Records have none, ever. */
const NO_CHILDREN = new Map<string, StoredObject>();

/** A record whose texts are made when they are first read: most never are. */
export class LazyRecord implements StoredRecord {
  readonly className: string;
  readonly affected: string;
  readonly rn: string;
  readonly dn: string;
  readonly parent = undefined;
  readonly children: Map<string, StoredObject> = NO_CHILDREN;
  readonly #numbers: Attributes;
  readonly #said: () => Attributes;
  #attributes: Attributes | undefined;

  /** `affected` is the Dn that the record is about; `numbers` are its `id` and `txId`; `said` gives the rest. */
  constructor(className: string, affected: string, ...[numbers, said]: [Attributes, () => Attributes]) {
    this.className = className;
    this.affected = affected;
    this.rn = classRow(className)?.rn.replace('{id}', numbers.id ?? '') ?? '';
    this.dn = `subj-[${affected}]/${this.rn}`;
    this.#numbers = numbers;
    this.#said = said;
  }

  get attributes(): Attributes {
    const given = { ...this.#numbers, affected: this.affected, modTs: 'never' };
    this.#attributes ??= newAttributes(this.className, this.dn, { ...this.#said(), ...given });
    return this.#attributes;
  }
}
