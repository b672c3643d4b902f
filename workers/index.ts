export { type FabricPolicy, fabricPolicy, ofParts } from './budget/fabric-policy.js';
export {
  type BudgetMemory,
  type FitContext,
  type FittedPolicy,
  fitToBudget,
  isWithinBudget,
  recoveredMemory,
} from './budget/fit.js';
export { plainFindings } from './budget/limit-findings.js';
export { type FirstPlanInput, firstPlan } from './first-plan.js';
export { createGateway, type Gateway, type GatewayParts } from './gateway.js';
export { type InProcessQueueOptions, inProcessQueue } from './queue/in-process.js';
export { UpFlow, type UpFlowOptions } from './up-flow.js';
