import { type Attributes, classRow, isKindOf } from '#model/aci';
import type { Change } from '../tree/index.js';
import { describe } from './audit-record.js';
import { changeSet } from './change-set.js';
import { eventCode, INDICATIONS } from './event-code.js';

/** What comes and goes by itself and is told of when it does. */
const COME_AND_GO: ReadonlySet<string> = new Set(['fvCEp', 'fvIp']);

/** What changes by itself but has logs of its own, or follows from the configuration. */
const UNTOLD: ReadonlySet<string> = new Set(['faultCounts', 'faultDelegate', 'faultInst', 'healthInst']);

const operational = new Map<string, boolean>();

/** Whether objects of the class are states of the fabric: nobody configures them, and they are no relations or rules. */
function isOperational(className: string): boolean {
  const known = operational.get(className);
  if (known !== undefined) return known;
  const row = classRow(className);
  const isState = row?.configurable === false && row.relation === undefined && !isKindOf(className, 'condRecord');
  const is = isState && !UNTOLD.has(className) && !className.startsWith('actrl');
  operational.set(className, is);
  return is;
}

/** Whether the event log tells of a change: a state of the fabric has changed, or an endpoint has come, moved or gone. */
export const isEvent = ({ object: { className }, kind }: Change): boolean =>
  COME_AND_GO.has(className) || (kind === 'modified' && isOperational(className));

/** What is known of an event, beside what follows from the change. */
interface KnownEvent {
  readonly code: string;
  readonly cause: string;
  readonly descr: string;
}

/** A port that comes up is known from an APIC (a public script's sample output); the code of one that goes down is a guess. */
const PORT_EVENTS: Readonly<Record<string, KnownEvent>> = {
  up: { code: 'E4205125', cause: 'port-up', descr: 'Port is up' },
  down: { code: 'E4205126', cause: 'port-down', descr: 'Port is down' },
};

/** What `eventRecord` says of a change (apic-protocol.md §6.6). The codes but one are guesses: see {@link eventCode}. */
export function eventAttributes(change: Change, time: string): Attributes {
  const { className } = change.object;
  const ind = change.kind === 'modified' ? 'state-transition' : INDICATIONS[change.kind];
  const general = { code: eventCode(className, ind), cause: 'transition', descr: describe(change) };
  const known =
    className === 'ethpmPhysIf' && change.kind === 'modified' ? PORT_EVENTS[change.changed.operSt ?? ''] : undefined;
  const said = { ...(known ?? general), changeSet: changeSet(change), ind };
  return { ...said, trig: 'oper', user: 'internal', created: time };
}
