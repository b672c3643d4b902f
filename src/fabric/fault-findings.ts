import { type FlatObject, isFaultActive, type ObjectMap, ownerOf, parentDn, rootOf } from '#model/aci';
import type { Finding, FindingSeverity } from '#model/policy';

/** Classes by which the APIC says that it, or a leaf, could not do what an object asks for (apic-protocol.md §6.6). */
export const FAULT_CLASSES: ReadonlySet<string> = new Set(['faultInst', 'faultDelegate']);

/** Configuration that a leaf could not take (F0467), or has no room for (F3544): minor to the APIC, lost to the user. */
const NOT_DEPLOYED: ReadonlySet<string | undefined> = new Set(['F0467', 'F3544']);

const SEVERITIES: ReadonlyMap<string | undefined, FindingSeverity> = new Map([
  ['critical', 'error'],
  ['major', 'error'],
  ['minor', 'warning'],
  ['warning', 'warning'],
]);

/**
 * One finding for each fault on an object of ours (policy.md §3.11, DEPLOY_FAULT). A fault on an object above, whose
 * delegates name whom it is about, is told of those. `objects` say what is ours.
 */
export function faultFindings(faults: ObjectMap, objects: ObjectMap, clusterId: string): readonly Finding[] {
  const found = new Map<string, Finding>();
  const delegated = new Set<string>();
  // Delegates first: then it is known which faults they stand for.
  for (const className of ['faultDelegate', 'faultInst'] as const) {
    for (const fault of faults.values()) {
      const finding = fault.className === className ? findingOf(fault, objects, clusterId) : undefined;
      const holder = `${parentDn(fault.dn)} ${fault.attributes['code']}`;
      if (finding === undefined || (className === 'faultInst' && delegated.has(holder))) continue;
      found.set(`${finding.object} ${fault.attributes['code']}`, finding);
      if (className === 'faultDelegate') delegated.add(holder);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
}

/** The finding for a fault that holds now; undefined for one that is over, says little, or is about somebody else's. */
function findingOf(fault: FlatObject, objects: ObjectMap, clusterId: string): Finding | undefined {
  const { className, dn, attributes } = fault;
  const affected = className === 'faultDelegate' ? attributes['affected'] : parentDn(dn);
  const severity = SEVERITIES.get(attributes['severity']);
  if (affected === undefined || severity === undefined || !isFaultActive(attributes)) return undefined;
  const root = rootOf(objects, affected);
  if (root === undefined || ownerOf(objects, root) !== clusterId) return undefined;
  const { code = 'fault', descr = '', cause = '', severity: level = '' } = attributes;
  return {
    code: 'DEPLOY_FAULT',
    severity: NOT_DEPLOYED.has(code) ? 'error' : severity,
    object: `ACI/${affected}`,
    message: `${code} (${level}): ${descr}${cause === '' ? '' : `; cause: ${cause}`}`,
  };
}
