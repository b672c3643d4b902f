import { PUSH_VLAN } from './arp.js';
import type { Flow } from './flow.js';
import { OUTPUT_KIND, REGISTER, registerField, registerIs } from './registers.js';
import { PRIORITY, TABLE } from './tables.js';
import type { DatapathView } from './view.js';

/** Flows of the last table. A pod whose group has no VLAN sends nothing to the fabric: untagged it would be no group's. */
export function outputFlows({ uplink }: DatapathView): readonly Flow[] {
  const flow = (priority: number, match: readonly string[], actions: readonly string[]): Flow => ({
    table: TABLE.output,
    priority,
    match,
    actions,
  });
  const toUplink = registerIs(REGISTER.outputKind, OUTPUT_KIND.uplink);
  const toPod = flow(
    PRIORITY.exact,
    [registerIs(REGISTER.outputKind, OUTPUT_KIND.pod)],
    [`output:${registerField(REGISTER.outputPort)}`],
  );
  if (uplink === undefined) return [toPod];
  return [
    flow(PRIORITY.guard, [toUplink, registerIs(REGISTER.vlan, 0)], []),
    toPod,
    flow(PRIORITY.exact, [toUplink], [...PUSH_VLAN, `output:${uplink}`]),
  ];
}
