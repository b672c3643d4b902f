export type { ApicControl, ApicViews, Commit } from './apic-control.js';
export { MockClock } from './clock.js';
export { ControlApi } from './control-api.js';
export { Controllers } from './controllers.js';
export { endFaults, type FaultPlan, planFaults } from './fault-plan.js';
export { restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.js';
