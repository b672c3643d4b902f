export { type ApicMock, startApicMock } from './apic-mock.js';
export type { ApicControl, ApicViews, Commit, FaultPlan, Snapshot } from './control/index.js';
export type { TopologySize } from './default-objects/index.js';
export type { LearnedEndpoint, SeenEndpoint } from './endpoints/index.js';
export type { PlannedFailure, RequestLogEntry, TlsOption } from './http/index.js';
export type { LoadableTree, LoadedExport } from './load/index.js';
export type { ApicMockOptions } from './options.js';
export type { UserCredentials } from './session/index.js';
export type { FlowQuestion, FlowRule, FlowSide, FlowVerdict, TcpFlag } from './zoning/index.js';
