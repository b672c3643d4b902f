import type { Attributes } from '#model/aci';
import type { Change } from '../tree/index.js';

/** Whether the health of an object has changed: its score comes into being below 100, or moves. */
export function isHealthStep(change: Change): boolean {
  const { object, kind } = change;
  if (object.className !== 'healthInst' || kind === 'deleted') return false;
  return kind === 'created' ? change.after.cur !== change.after.prev : change.changed.cur !== undefined;
}

/** What a score and the record of its change have in common. */
const SHARED = ['chng', 'cur', 'maxSev', 'prev', 'twScore'];

/**
 * What `healthRecord` says of a change: the score as it was then (apic-protocol.md §6.6; the properties are those of the
 * class in release 6.0(9c), the words of `descr` are a guess).
 */
export function healthAttributes(change: Change, time: string): Attributes {
  const after = change.kind === 'deleted' ? change.before : change.after;
  const shared = SHARED.map((name) => [name, after[name] ?? ''] as const);
  const descr = `Health score changed from ${after.prev} to ${after.cur}`;
  return { ...Object.fromEntries(shared), descr, ind: 'state-transition', created: time };
}
