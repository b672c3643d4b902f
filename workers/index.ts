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
export { DelegatedPoster, type DelegatedPosterParts } from './delegation/delegated-poster.js';
export { type DelegatedStoreParts, delegatedStore, type NodePolicyCodec } from './delegation/delegated-store.js';
export { DelegatedWork, type DelegatedWorkParts } from './delegation/delegated-work.js';
export { type PerformParts, performWork } from './delegation/perform-work.js';
export { type DelegatedContent, decodeWork, encodeWork } from './delegation/work-content.js';
export { delegatedHandler, type HandlerParts, type PerformWork } from './delegation/work-handler.js';
export { type FirstPlanInput, firstPlan } from './first-plan.js';
export { createGateway, type Gateway } from './gateway.js';
export type { GatewayDelegation, GatewayParts } from './gateway-parts.js';
export { gatewayQueue } from './queue/gateway-queue.js';
export { type InProcessQueueOptions, inProcessQueue } from './queue/in-process.js';
export { memoryContents } from './queue/memory-contents.js';
export { planRemoval, type Removal, type RemovalResult, remove } from './uninstall.js';
export { UpFlow, type UpFlowOptions } from './up-flow.js';
