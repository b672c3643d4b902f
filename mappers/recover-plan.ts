import { type ObjectMap, ownerOf } from '#model/aci';
import type { GroupName } from '#model/policy';
import { contractDn, type FabricSettings } from '#model/settings';
import { OPEN_CONTRACT } from './contract-plan.js';
import type { FabricMemory } from './fabric-mapper.js';
import { contractPrefix } from './network.js';

interface AnchorSets {
  readonly providers: Set<GroupName>;
  readonly consumers: Set<GroupName>;
}

/**
 * Reads from the contracts that this cluster owns how the policy was said: their names tell which groups they stand for and for
 * which flows (`contractName`). A gateway that starts anew says the same with the same contracts, where others would do as
 * well (policy.md §3.7, point 4). A name that was too long for ACI tells nothing. Pure.
 */
export function recoverPlan(objects: ObjectMap, settings: FabricSettings): FabricMemory {
  const prefix = contractPrefix(settings);
  const above = contractDn(settings, prefix);
  const anchors = new Map<string, AnchorSets>();
  let rendering: FabricMemory['rendering'] = 'explicit';
  for (const { className, dn } of objects.values()) {
    if (className !== 'vzBrCP' || !dn.startsWith(above)) continue;
    if (ownerOf(objects, dn) !== settings.clusterId) continue;
    const name = dn.slice(above.length);
    if (name === OPEN_CONTRACT) rendering = 'vzAny';
    const parts = NAME.exec(name)?.groups;
    if (parts === undefined) continue;
    const { anchor = '', to, flows = '' } = parts;
    const known = anchors.get(flows) ?? { providers: new Set(), consumers: new Set() };
    (to === undefined ? known.providers : known.consumers).add(anchor);
    anchors.set(flows, known);
  }
  return { rendering, anchors };
}

/** `<provider>_<flows>`, or `<consumer>_to_<flows>`: neither half has an underscore. */
const NAME = /^(?<anchor>[^_]+)_(?<to>to_)?(?<flows>[^_]+)$/;
