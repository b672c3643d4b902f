import { type Attributes, classRow } from '#model/aci';
import {
  type Change,
  defaultAttributes,
  newAttributes,
  type ObjectStore,
  type RecordSource,
  type StoredObject,
} from '../tree/index.js';
import { RecordRing } from './record-ring.js';

/** Who did it, when, and in which transaction. */
export interface RecordContext {
  readonly user: string;
  readonly sessionId: string;
  readonly time: string;
}

/** First numbers of records and transactions, of the size that an APIC's have. */
const FIRST_ID = 4_294_967_296;
const FIRST_TRANSACTION = 576_460_752_303_423n;

/** Records kept of each class; the oldest go first. */
const MAX_RECORDS = 10_000;

/** The classes of records, with what their RN begins with. */
const CLASSES: readonly (readonly [string, string])[] = [
  ['aaaModLR', 'mod-'],
  ['aaaSessionLR', 'sess-'],
];

/** What a record is about. */
type Subject = Pick<StoredObject, 'dn' | 'records'>;

/**
 * The audit log (`aaaModLR`) and the log of sessions (`aaaSessionLR`), apic-protocol.md §6.6. Records are objects at
 * `subj-[<affected>]/…`, outside of the tree of the fabric. What a record says is worked out when somebody reads it.
 */
export class RecordLog implements RecordSource {
  readonly #store: ObjectStore;
  readonly #rings = new Map(CLASSES.map(([className]) => [className, new RecordRing(FIRST_ID, MAX_RECORDS)]));
  readonly #subjects = new WeakMap<StoredObject, Subject>();
  #nextTransaction = FIRST_TRANSACTION;

  constructor(store: ObjectStore) {
    this.#store = store;
    store.attachRecords(this);
  }

  get(dn: string): StoredObject | undefined {
    if (!dn.startsWith('subj-[')) return undefined;
    const [, start = '', id = ''] = /\]\/(mod-|sess-)(\d+)$/.exec(dn) ?? [];
    const className = CLASSES.find(([, prefix]) => prefix === start)?.[0] ?? '';
    const record = this.#rings.get(className)?.get(Number(id));
    return record?.dn === dn ? record : undefined;
  }

  ofClass(className: string): ReadonlySet<StoredObject> | undefined {
    const ring = this.#rings.get(className);
    return ring === undefined ? undefined : new Set(ring.all());
  }

  /** One record for each object that a user's transaction has changed. */
  audit(changes: readonly Change[], context: RecordContext): readonly StoredObject[] {
    this.#nextTransaction += 1n;
    const said = changes.filter(({ object }) => isAudited(object));
    return said.map((change) => this.#add('aaaModLR', change.object, () => auditAttributes(change, context)));
  }

  /** A login, a refresh or a logout of a user. */
  session(user: string, descr: string, time: string): StoredObject {
    const dn = `uni/userext/user-${user}`;
    const attributes = { descr, user, created: time, ind: 'special', trig: 'session', changeSet: '' };
    return this.#add('aaaSessionLR', this.#store.get(dn) ?? { dn, records: undefined }, () => attributes);
  }

  #add(className: string, subject: Subject, said: () => Attributes): StoredObject {
    const ring = this.#rings.get(className);
    if (ring === undefined) throw new Error(`${className} is no class of records`);
    const numbers = { id: String(ring.nextId), txId: `5${this.#nextTransaction}` };
    const record = new LazyRecord(className, subject.dn, numbers, said);
    const lost = ring.push(record);
    if (lost !== undefined) this.#forget(lost);
    if (subject.records === undefined) subject.records = [record];
    else subject.records.push(record);
    this.#subjects.set(record, subject);
    return record;
  }

  /** The oldest record of all is the oldest of its object. */
  #forget(record: StoredObject): void {
    const subject = this.#subjects.get(record);
    if (subject?.records?.[0] === record) subject.records.shift();
  }
}

/** A record whose texts are made when they are first read: most never are. */
class LazyRecord implements StoredObject {
  readonly className: string;
  readonly rn: string;
  readonly dn: string;
  readonly parent = undefined;
  readonly children: Map<string, StoredObject> = NO_CHILDREN;
  readonly #affected: string;
  readonly #numbers: Attributes;
  readonly #said: () => Attributes;
  #attributes: Attributes | undefined;

  constructor(className: string, affected: string, ...[numbers, said]: [Attributes, () => Attributes]) {
    this.className = className;
    this.rn = classRow(className)?.rn.replace('{id}', numbers.id ?? '') ?? '';
    this.dn = `subj-[${affected}]/${this.rn}`;
    this.#affected = affected;
    this.#numbers = numbers;
    this.#said = said;
  }

  get attributes(): Attributes {
    const given = { ...this.#numbers, affected: this.#affected, modTs: 'never' };
    this.#attributes ??= newAttributes(this.className, this.dn, { ...this.#said(), ...given });
    return this.#attributes;
  }
}

/** Records have none, ever. */
const NO_CHILDREN = new Map<string, StoredObject>();

/** Back relations, faults and the like follow from what somebody did; they are not what he did. */
const isAudited = ({ className }: StoredObject): boolean => {
  const row = classRow(className);
  return row?.configurable !== false && className !== 'faultInst' && row?.relation?.type !== 'reverse';
};

const INDICATIONS = { created: 'creation', modified: 'modification', deleted: 'deletion' } as const;

/** The event code of each class is in metadata that the class table lacks: `code` stays empty. */
function auditAttributes(change: Change, { user, sessionId, time }: RecordContext): Attributes {
  const { object, kind } = change;
  const label = classRow(object.className)?.label ?? object.className;
  const name = object.attributes.name || object.rn;
  return {
    descr: `${label} ${name} ${kind}`,
    ind: INDICATIONS[kind],
    changeSet: changeSet(change),
    trig: 'config',
    created: time,
    user,
    sessionId,
  };
}

const UNSAID: ReadonlySet<string> = new Set(['modTs', 'uid', 'monPolDn', 'userdom', 'lcOwn']);

/** `descr (Old: a, New: b)` for what changed, `name:a, descr:b` for what a new object was given. */
function changeSet(change: Change): string {
  switch (change.kind) {
    case 'created': {
      const defaults = defaultAttributes(change.object.className);
      const given = Object.entries(change.after).filter(
        ([name, value]) => value !== defaults[name] && !UNSAID.has(name),
      );
      return given.map(([name, value]) => `${name}:${secret(change.object, name, value)}`).join(', ');
    }
    case 'modified': {
      const { before, changed, object } = change;
      const said = Object.entries(changed).filter(([name]) => !UNSAID.has(name));
      return said
        .map(
          ([name, value]) =>
            `${name} (Old: ${secret(object, name, before[name] ?? '')}, New: ${secret(object, name, value)})`,
        )
        .join(', ');
    }
    default:
      return '';
  }
}

const secret = ({ className }: StoredObject, property: string, value: string): string =>
  classRow(className)?.properties[property]?.secure === true ? '*****' : value;
