export { type ApicMock, startApicMock } from './apic-mock.js';
export type { PlannedFailure, RequestLogEntry, TlsOption } from './http/index.js';
export type { LoadableTree } from './load-tree.js';
export type { ApicMockOptions } from './options.js';
export type { UserCredentials } from './session/index.js';
export type { FlowQuestion, FlowRule, FlowVerdict, TcpFlag } from './zoning/index.js';
