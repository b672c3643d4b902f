import type { Attributes } from '#model/aci';
import type { Change, StoredObject, Transaction } from '../tree/index.js';
import type { FaultKind } from './fault-kind.js';
import { setFault } from './fault-object.js';

/** A fault of an object by its own properties. */
interface ObjectFault {
  readonly kind: FaultKind;
  readonly holds: (attributes: Attributes) => boolean;
  readonly text: string;
  /** The properties that the condition looks at. */
  readonly properties: readonly string[];
}

const bridgeDomainKind = (code: string, rule: string): FaultKind => ({
  code,
  rule,
  cause: 'configuration-failed',
  subject: 'management',
  severity: 'warning',
});

/** Conditions by the names of the rules in the class metadata (aci-model.md §5); texts and severities are guesses. */
const FAULTS: Readonly<Record<string, readonly ObjectFault[]>> = {
  fvBD: [
    {
      kind: bridgeDomainKind('F1386', 'fv-bd-no-opt-arp-fwd-with-unk-mac-flood'),
      holds: ({ arpFlood, unkMacUcastAct }) => arpFlood === 'no' && unkMacUcastAct === 'flood',
      text: 'ARP flooding has to be enabled when unknown unicast is flooded',
      properties: ['arpFlood', 'unkMacUcastAct'],
    },
    {
      kind: bridgeDomainKind('F2305', 'fv-bd-multicast-enabled-on-l2-bd'),
      holds: ({ mcastAllow, unicastRoute }) => mcastAllow === 'yes' && unicastRoute === 'no',
      text: 'multicast routing is enabled without unicast routing',
      properties: ['mcastAllow', 'unicastRoute'],
    },
  ],
};

/** The object whose own faults a change may begin or end, if there is one. */
export const concernedObject = (change: Change): StoredObject | undefined =>
  change.kind === 'deleted' || FAULTS[change.object.className] === undefined ? undefined : change.object;

/** Raises and clears the faults that the object has by itself; tells whether it has any, over or not. */
export function judgeObject(object: StoredObject, transaction: Transaction): boolean {
  let hasAny = false;
  for (const { kind, holds, text, properties } of FAULTS[object.className] ?? []) {
    const changeSet = properties.map((name) => `${name}:${object.attributes[name]}`).join(', ');
    const descr = `Configuration failed for ${object.dn} due to ${text}`;
    setFault(transaction, object, kind, holds(object.attributes) ? { descr, changeSet } : undefined);
    if (object.children.has(`fault-${kind.code}`)) hasAny = true;
  }
  return hasAny;
}
