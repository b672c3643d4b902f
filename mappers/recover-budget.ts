import { markDn, type ObjectMap, ownerOf } from '#model/aci';
import type { GroupName } from '#model/policy';
import { contractDn, type FabricSettings } from '#model/settings';
import { establishedContract, OPEN_CONTRACT } from './contract-plan.js';
import { joinedKey } from './marks.js';
import { contractPrefix } from './network.js';

/** What was done to stay within the budget, as the fabric shows it. */
export interface RecoveredBudget {
  /** Name of the fabric's group for every group that was joined with others. */
  readonly joined: ReadonlyMap<GroupName, GroupName>;
  /** Whether established TCP is permitted for the whole VRF. */
  readonly established: boolean;
  /** Whether free groups are opened by vzAny. */
  readonly vzAny: boolean;
}

/**
 * Reads from the objects that this cluster owns which groups were joined and how the policy was said: a gateway that starts
 * anew near a limit goes on as before (policy.md §3.9). Pure.
 */
export function recoverBudget(objects: ObjectMap, settings: FabricSettings): RecoveredBudget {
  const isOurs = (dn: string): boolean => ownerOf(objects, dn) === settings.clusterId;
  const joined = new Map<GroupName, GroupName>();
  for (const { className, dn } of objects.values()) {
    if (!GROUP_CLASSES.has(className) || !isOurs(dn)) continue;
    const names = joinedNames(objects, dn);
    for (const name of names) joined.set(name, names[0] ?? name);
  }
  const hasContract = (name: string): boolean => isOurs(contractDn(settings, name));
  const prefix = contractPrefix(settings);
  return {
    joined,
    established: hasContract(establishedContract(prefix).name),
    vzAny: hasContract(`${prefix}${OPEN_CONTRACT}`),
  };
}

const GROUP_CLASSES: ReadonlySet<string> = new Set(['fvAEPg', 'l3extInstP']);

function joinedNames(objects: ObjectMap, dn: string): readonly GroupName[] {
  const names: GroupName[] = [];
  for (let index = 0; ; index += 1) {
    const text = objects.get(markDn(dn, joinedKey(index)))?.attributes['value'];
    if (text === undefined) return names;
    names.push(...text.split(' '));
  }
}
