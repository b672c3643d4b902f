import type { Deletions } from '#fabric';
import type { Finding } from '#model/policy';
import { shareOf } from './deletion-approvals.js';

/** Objects that the message names. */
const NAMED = 3;

/** Says what waits for approval, how much, and how to approve it. */
export function approvalFinding(deletions: Deletions): Finding {
  const { changes, objects, owned, hash } = deletions;
  const dns = changes.map(({ object }) => object.dn).sort();
  const more = dns.length > NAMED ? ` and ${dns.length - NAMED} more` : '';
  const share = Math.round(100 * shareOf(deletions));
  return {
    code: 'APPROVAL_NEEDED',
    severity: 'warning',
    object: `ACI/${dns[0] ?? 'uni'}`,
    message: `nobody asks any more for ${dns.slice(0, NAMED).join(', ')}${more}: ${objects} of ${owned} objects (${share} %) would go, which is more than apply.approval lets go unasked. They stay, everything else is done. 'acigw plan' shows them, 'acigw approve ${hash}' removes them`,
  };
}
