import type { StormTally } from './storms.js';

/** What was survived, for people. */
export function tallyText({ storms, changes, commits, flows, moving, survived }: StormTally): string {
  const kinds = [...survived].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${count} × ${name}`);
  return [
    `${storms} storms with ${changes} changes of the cluster; ${commits} transactions of the fabric, ${flows} connections asked about between them, ${moving} of them while a pod moved`,
    `survived: ${kinds.join(', ')}`,
  ].join('\n');
}
