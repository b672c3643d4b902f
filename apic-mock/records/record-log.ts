import { type Attributes, classRow } from '#model/aci';
import { type Change, defaultAttributes, newAttributes, type ObjectStore, type StoredObject } from '../tree/index.js';

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

/**
 * The audit log (`aaaModLR`) and the log of sessions (`aaaSessionLR`), apic-protocol.md §6.6. Records are objects at
 * `subj-[<affected>]/…`, outside of the tree of the fabric.
 */
export class RecordLog {
  readonly #store: ObjectStore;
  readonly #subjects = new Map<StoredObject, Pick<StoredObject, 'dn' | 'records'>>();
  #nextId = FIRST_ID;
  #nextTransaction = FIRST_TRANSACTION;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** One record for each object that a user's transaction has changed. */
  audit(changes: readonly Change[], context: RecordContext): readonly StoredObject[] {
    this.#nextTransaction += 1n;
    const said = changes.filter(({ object }) => isAudited(object));
    return said.map((change) => this.#add('aaaModLR', change.object, auditAttributes(change, context)));
  }

  /** A login, a refresh or a logout of a user. */
  session(user: string, descr: string, time: string): StoredObject {
    const dn = `uni/userext/user-${user}`;
    const attributes = { descr, user, created: time, ind: 'special', trig: 'session', changeSet: '' };
    return this.#add('aaaSessionLR', this.#store.get(dn) ?? { dn, records: undefined }, attributes);
  }

  #add(className: string, subject: Pick<StoredObject, 'dn' | 'records'>, given: Attributes): StoredObject {
    const id = String(this.#nextId);
    this.#nextId += 1;
    const rn = classRow(className)?.rn.replace('{id}', id) ?? id;
    const dn = `subj-[${subject.dn}]/${rn}`;
    const txId = `5${this.#nextTransaction}`;
    const attributes = newAttributes(className, dn, { ...given, id, txId, affected: subject.dn, modTs: 'never' });
    const record = { className, dn, rn, parent: undefined, children: new Map<string, StoredObject>(), attributes };
    const lost = this.#store.addRecord(record, MAX_RECORDS);
    if (lost !== undefined) this.#forget(lost);
    if (subject.records === undefined) subject.records = [record];
    else subject.records.push(record);
    this.#subjects.set(record, subject);
    return record;
  }

  /** The oldest record of all is the oldest of its object. */
  #forget(record: StoredObject): void {
    const subject = this.#subjects.get(record);
    this.#subjects.delete(record);
    if (subject?.records?.[0] === record) subject.records.shift();
  }
}

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
