import { recoverAllocation, recoverBudget, recoverPlan } from '#mappers';
import { type ObjectMap } from '#model/aci';
import type { FabricSettings } from '#model/settings';
import { recoveredMemory } from './budget/fit.js';
import type { PolicyMemory } from './open-policy.js';

/** What the fabric shows of an earlier run: names, VLANs, how the policy was fitted in, and by which contracts it was said. */
export function recoveredPolicy(objects: ObjectMap, settings: FabricSettings): PolicyMemory {
  const plan = recoverPlan(objects, settings);
  return {
    allocation: recoverAllocation(objects, settings),
    budget: { ...recoveredMemory(recoverBudget(objects, settings)), plan },
    plain: plan,
  };
}
