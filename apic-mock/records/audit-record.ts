import { type Attributes, classRow } from '#model/aci';
import type { Change } from '../tree/index.js';
import { changeSet } from './change-set.js';
import { eventCode, INDICATIONS } from './event-code.js';

/** Who did it, and when. */
export interface RecordContext {
  readonly user: string;
  readonly sessionId: string;
  readonly time: string;
}

/** Whether the audit log tells of a change: back relations, faults and the like only follow from what somebody did. */
export const isAudited = ({ object: { className } }: Change): boolean => {
  const row = classRow(className);
  return row?.configurable !== false && className !== 'faultInst' && row?.relation?.type !== 'reverse';
};

/** What `aaaModLR` says of a change (apic-protocol.md §6.6). */
export function auditAttributes(change: Change, { user, sessionId, time }: RecordContext): Attributes {
  const ind = INDICATIONS[change.kind];
  return {
    descr: describe(change),
    ind,
    code: eventCode(change.object.className, ind),
    changeSet: changeSet(change),
    trig: 'config',
    created: time,
    user,
    sessionId,
  };
}

/** `Tenant t created`, as an APIC's audit log has it. */
export function describe({ object, kind }: Change): string {
  const label = classRow(object.className)?.label ?? object.className;
  return `${label} ${object.attributes.name || object.rn} ${kind}`;
}
