export { type AgentOptions, type RunningAgent, runAgent } from './agent.js';
export type { AgentStatus } from './status.js';
