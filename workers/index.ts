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
export { createGateway, type Gateway, type GatewayParts } from './gateway.js';
export { type InProcessQueueOptions, inProcessQueue } from './queue/in-process.js';
export { memoryContents } from './queue/memory-contents.js';
