export { type AgentLog, type AgentOptions, type RunningAgent, runAgent } from './agent.js';
export type { AgentStatus } from './status.js';
