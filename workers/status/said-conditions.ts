import type { Finding } from '#model/policy';
import type { Condition } from '../inventory/conditions.js';
import { dnOf } from './finding-objects.js';
import { reasonOf } from './finding-teller.js';

/** Type of our condition; others add theirs beside it. */
export const PROGRAMMED = 'aci-gateway.io/Programmed';

/** Type of the condition on FabricPolicies that says whether they were granted what they ask for. */
export const GRANTED = 'Granted';

/** Most characters of a condition's message that we use; the API takes 32,768. */
const MESSAGE_LIMIT = 2000;

/** What a policy's conditions say: of a FabricPolicy also whether it was granted what it asks for. */
export function policyConditions(name: string, findings: readonly Finding[]): readonly Condition[] {
  const programmed = programmedOf(findings, 'the fabric and the hosts enforce the policy');
  if (!name.startsWith('FabricPolicy/')) return [programmed];
  const refused = findings.filter(({ code }) => code === 'FABRIC_POLICY_DENIED' || code.startsWith('INVALID_'));
  const [first] = refused;
  if (first === undefined) {
    return [{ type: GRANTED, status: 'True', reason: 'Granted', message: 'the gateway grants all of it' }, programmed];
  }
  const message = refused.map(textOf).join('; ').slice(0, MESSAGE_LIMIT);
  return [{ type: GRANTED, status: 'False', reason: reasonOf(first.code), message }, programmed];
}

/** What a namespace's condition says: of its groups on the APIC, and whatever else is made for it. */
export const namespaceConditions = (findings: readonly Finding[]): readonly Condition[] => [
  programmedOf(findings, 'nothing is known to be wrong with what the gateway made for the namespace'),
];

function programmedOf(findings: readonly Finding[], well: string): Condition {
  const [worst] = [...findings].sort((a, b) => rank(a) - rank(b));
  if (worst === undefined) return { type: PROGRAMMED, status: 'True', reason: 'Programmed', message: well };
  const message = findings.map(textOf).join('; ').slice(0, MESSAGE_LIMIT);
  const status = worst.severity === 'error' ? 'False' : 'True';
  return { type: PROGRAMMED, status, reason: reasonOf(worst.code), message };
}

const rank = ({ severity }: Finding): number => (severity === 'error' ? 0 : 1);

function textOf(finding: Finding): string {
  const dn = dnOf(finding);
  return dn === undefined ? `${finding.code}: ${finding.message}` : `${finding.code} on ${dn}: ${finding.message}`;
}
