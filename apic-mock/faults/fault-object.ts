import type { Attributes } from '#model/aci';
import type { StoredObject, Transaction } from '../tree/index.js';
import type { FaultKind } from './fault-kind.js';

/** How a fault is at the moment: what is wrong and what changed to make it so. */
export interface Problem {
  readonly descr: string;
  readonly changeSet: string;
}

const ENDED: ReadonlySet<string> = new Set(['soaking-clearing', 'raised-clearing', 'retaining']);

/** Whether the fault's condition holds. */
export const isActive = (fault: StoredObject): boolean => !ENDED.has(fault.attributes.lc ?? '');

/**
 * Raises a fault on an object, or lets it clear when there is no problem any more (apic-protocol.md §6.6). It soaks before
 * it is raised and is retained for a while after it has cleared; {@link agedFault} moves it on.
 */
export function setFault(
  transaction: Transaction,
  affected: StoredObject,
  kind: FaultKind,
  problem: Problem | undefined,
): void {
  const known = affected.children.get(`fault-${kind.code}`);
  const now = transaction.time;
  if (problem === undefined) {
    if (known === undefined || !isActive(known)) return;
    const lc = known.attributes.lc === 'soaking' ? 'soaking-clearing' : 'raised-clearing';
    transaction.update(known, { lc, lastTransition: now });
  } else if (known === undefined) {
    transaction.create('faultInst', affected, `fault-${kind.code}`, newFault(affected, kind, problem, now));
  } else if (isActive(known)) transaction.update(known, { descr: problem.descr, changeSet: problem.changeSet });
  else transaction.update(known, raisedAgain(known, kind, problem, now));
}

function newFault(affected: StoredObject, kind: FaultKind, problem: Problem, now: string): Attributes {
  const { code, rule, cause, subject, severity } = kind;
  return {
    code,
    rule,
    cause,
    subject,
    severity,
    origSeverity: severity,
    highestSeverity: severity,
    prevSeverity: 'cleared',
    lc: 'soaking',
    type: 'config',
    domain: affected.dn.startsWith('uni/tn-') ? 'tenant' : 'infra',
    created: now,
    lastTransition: now,
    occur: '1',
    descr: problem.descr,
    changeSet: problem.changeSet,
  };
}

function raisedAgain(fault: StoredObject, kind: FaultKind, problem: Problem, now: string): Attributes {
  const { severity = 'cleared', occur = '0' } = fault.attributes;
  return {
    lc: 'raised',
    severity: kind.severity,
    prevSeverity: severity,
    occur: String(Number(occur) + 1),
    lastTransition: now,
    descr: problem.descr,
    changeSet: problem.changeSet,
  };
}

/** How long a fault soaks, clears and is retained, in milliseconds: an APIC's defaults. */
const STAGES: Readonly<Record<string, { readonly milliseconds: number; readonly next: Attributes | undefined }>> = {
  soaking: { milliseconds: 120_000, next: { lc: 'raised' } },
  'soaking-clearing': { milliseconds: 120_000, next: undefined },
  'raised-clearing': { milliseconds: 120_000, next: { lc: 'retaining', severity: 'cleared' } },
  retaining: { milliseconds: 3_600_000, next: undefined },
};

/** When the fault leaves its stage, in milliseconds; infinity for one that is raised. */
export function dueTime(fault: StoredObject): number {
  const stage = STAGES[fault.attributes.lc ?? ''];
  return stage === undefined
    ? Number.POSITIVE_INFINITY
    : Date.parse(fault.attributes.lastTransition ?? '') + stage.milliseconds;
}

/** Moves a fault whose time has come to its next stage; the last one takes it away. */
export function agedFault(transaction: Transaction, fault: StoredObject): void {
  const next = STAGES[fault.attributes.lc ?? '']?.next;
  if (next === undefined) transaction.remove(fault);
  else {
    const prevSeverity = fault.attributes.severity ?? 'cleared';
    transaction.update(fault, { prevSeverity, ...next, lastTransition: transaction.time });
  }
}
