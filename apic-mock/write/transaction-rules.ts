import { ApicError } from '../apic-error.js';
import type { Change, ObjectStore, StoredObject } from '../tree/index.js';
import { domainInUse } from './domain-in-use.js';
import { routerIdConflict } from './router-ids.js';
import { fixedSpanTarget, nodeWithoutDrop } from './span-rules.js';

/** What a rule between objects may look at: the tree as the transaction leaves it, relations resolved. */
export interface RuleContext {
  readonly store: ObjectStore;
  /** The APIC's release, `6.0(9c)`: some rules came with one. */
  readonly release: string;
}

/** What is wrong with the tree because of a change, or undefined. Costs as much as the change, not the tree. */
type TransactionRule = (change: Change, context: RuleContext) => ApicError | undefined;

/** Refuses a second object of the class below one parent. */
const onlyOne =
  (code: number, text: string): TransactionRule =>
  ({ kind, object }) =>
    kind === 'created' && hasSibling(object) ? new ApicError(400, code, text) : undefined;

function hasSibling({ className, parent, rn }: StoredObject): boolean {
  for (const sibling of parent?.children.values() ?? []) {
    if (sibling.className === className && sibling.rn !== rn) return true;
  }
  return false;
}

/** Codes and texts as the tests and modules of the collection cisco.aci quote them from APICs. */
const RULES: Readonly<Record<string, readonly TransactionRule[]>> = {
  spanSpanLbl: [onlyOne(105, 'Only one span destination is supported per session')],
  spanRsDestEpg: [fixedSpanTarget],
  spanRsSrcToBD: [fixedSpanTarget],
  spanRsSrcToCtx: [fixedSpanTarget],
  spanRsSrcToEpg: [fixedSpanTarget],
  spanRsSrcToL3extOut: [fixedSpanTarget],
  spanRsSrcToNode: [nodeWithoutDrop],
  spanSrc: [nodeWithoutDrop],
  fvFBRoute: [onlyOne(182, 'Multiple fallback routes not allowed in one group.')],
  l3extRsNodeL3OutAtt: [routerIdConflict],
  infraRtDomP: [domainInUse],
  infraRtDomAtt: [domainInUse],
};

/**
 * Rules between objects, checked on what a transaction changed, once it is complete (apic-protocol.md §3.4). Throws the
 * error of the first rule that is broken.
 */
export function checkChanges(changes: readonly Change[], context: RuleContext): void {
  for (const change of changes) {
    for (const rule of RULES[change.object.className] ?? []) {
      const error = rule(change, context);
      if (error !== undefined) throw error;
    }
  }
}
