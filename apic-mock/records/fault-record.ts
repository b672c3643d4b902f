import type { Attributes } from '#model/aci';
import type { Change } from '../tree/index.js';
import { INDICATIONS } from './event-code.js';

/** Whether a change is a step in the life of a fault: it comes, moves to another stage or severity, goes. */
export function isFaultStep(change: Change): boolean {
  if (change.object.className !== 'faultInst') return false;
  if (change.kind !== 'modified') return true;
  return change.changed.lc !== undefined || change.changed.severity !== undefined;
}

/** What a fault and the record of one of its steps have in common. */
const SHARED = [
  'cause',
  'changeSet',
  'code',
  'descr',
  'domain',
  'lc',
  'origSeverity',
  'prevSeverity',
  'rule',
  'severity',
  'subject',
  'type',
];

/** What `faultRecord` says of a step in the life of a fault: the fault as it was then (apic-protocol.md §6.6). */
export function faultAttributes(change: Change, time: string): Attributes {
  const fault = change.kind === 'deleted' ? { ...change.before, severity: 'cleared' } : change.after;
  const shared = SHARED.map((name) => [name, fault[name] ?? ''] as const);
  return { ...Object.fromEntries(shared), ind: INDICATIONS[change.kind], created: time };
}
