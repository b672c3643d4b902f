import type { Attributes } from '#model/aci';
import { classRow } from '#model/aci';
import type { Change, ObjectStore, RecordSource, StoredObject, StoredRecord } from '../tree/index.js';
import { auditAttributes, isAudited, type RecordContext } from './audit-record.js';
import { eventCode } from './event-code.js';
import { eventAttributes, isEvent } from './event-record.js';
import { faultAttributes, isFaultStep } from './fault-record.js';
import { healthAttributes, isHealthStep } from './health-record.js';
import { LazyRecord } from './lazy-record.js';
import { RecordRing } from './record-ring.js';

/** First numbers of records and transactions, of the size that an APIC's have. */
const FIRST_ID = 4_294_967_296;
const FIRST_TRANSACTION = 576_460_752_303_423n;

/** Records kept of each class; the oldest go first. */
const MAX_RECORDS = 10_000;

const CLASSES = ['aaaModLR', 'aaaSessionLR', 'eventRecord', 'faultRecord', 'healthRecord'] as const;

type RecordClass = (typeof CLASSES)[number];

/** The classes of records by what their RN begins with. */
const BY_PREFIX: ReadonlyMap<string, RecordClass> = new Map(
  CLASSES.map((className) => [classRow(className)?.rn.replace('{id}', '') ?? className, className]),
);

/**
 * The audit log (`aaaModLR`), the log of sessions (`aaaSessionLR`), of events (`eventRecord`) and of faults
 * (`faultRecord`) and of scores (`healthRecord`), apic-protocol.md §6.6. Records are objects at `subj-[<affected>]/…`, outside of the tree of the
 * fabric. What a record says is worked out when somebody reads it.
 */
export class RecordLog implements RecordSource {
  readonly #rings = new Map<string, RecordRing>(
    CLASSES.map((className) => [className, new RecordRing(FIRST_ID, MAX_RECORDS)]),
  );
  #nextTransaction = FIRST_TRANSACTION;

  constructor(store: ObjectStore) {
    store.attachRecords(this);
  }

  get(dn: string): StoredObject | undefined {
    if (!dn.startsWith('subj-[')) return undefined;
    const [, prefix = '', id = ''] = /\]\/([a-z]+-)(\d+)$/.exec(dn) ?? [];
    const record = this.#rings.get(BY_PREFIX.get(prefix) ?? '')?.get(Number(id));
    return record?.dn === dn ? record : undefined;
  }

  ofClass(className: string): ReadonlySet<StoredObject> | undefined {
    const ring = this.#rings.get(className);
    return ring === undefined ? undefined : new Set(ring.all());
  }

  latest(className: string): readonly StoredRecord[] {
    return this.#rings.get(className)?.all() ?? [];
  }

  /** One record for each object that a user's transaction has changed. */
  audit(changes: readonly Change[], context: RecordContext): readonly StoredObject[] {
    this.#nextTransaction += 1n;
    return changes
      .filter((change) => isAudited(change))
      .map((change) => this.#add('aaaModLR', change.object.dn, () => auditAttributes(change, context)));
  }

  /** Records of what happened by itself: steps in the lives of faults, scores and states that changed, endpoints. */
  happened(changes: readonly Change[], time: string): readonly StoredObject[] {
    const records: StoredObject[] = [];
    for (const change of changes) {
      if (isFaultStep(change)) {
        const affected = change.object.parent?.dn ?? '';
        records.push(this.#add('faultRecord', affected, () => faultAttributes(change, time)));
      } else if (isHealthStep(change)) {
        const affected = change.object.parent?.dn ?? '';
        records.push(this.#add('healthRecord', affected, () => healthAttributes(change, time)));
      } else if (isEvent(change)) {
        records.push(this.#add('eventRecord', change.object.dn, () => eventAttributes(change, time)));
      }
    }
    return records;
  }

  /** A login, a refresh or a logout of a user, or a login that failed; '' for a user whose name says nothing. */
  session(user: string, descr: string, time: string): StoredObject {
    const dn = user === '' ? 'uni/userext' : `uni/userext/user-${user}`;
    const code = eventCode('aaaSessionLR', 'special');
    const said = { descr, user, code, created: time, ind: 'special', trig: 'session', changeSet: '' };
    return this.#add('aaaSessionLR', dn, () => said);
  }

  #add(className: RecordClass, affected: string, said: () => Attributes): StoredObject {
    const ring = this.#rings.get(className);
    if (ring === undefined) throw new Error(`${className} is no class of records`);
    const numbers = { id: String(ring.nextId), txId: `5${this.#nextTransaction}` };
    const record = new LazyRecord(className, affected, numbers, said);
    ring.push(record);
    return record;
  }
}
