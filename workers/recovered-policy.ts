import type { ObjectMap } from '#fabric';
import { recoverAllocation, recoverBudget } from '#mappers';
import type { FabricSettings } from '#model/settings';
import { recoveredMemory } from './budget/fit.js';
import type { PolicyMemory } from './open-policy.js';

/** What the fabric shows of an earlier run: names, VLANs, and how the policy was fitted in. */
export const recoveredPolicy = (objects: ObjectMap, settings: FabricSettings): PolicyMemory => ({
  allocation: recoverAllocation(objects, settings),
  budget: recoveredMemory(recoverBudget(objects, settings)),
  plain: undefined,
});
