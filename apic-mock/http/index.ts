export { AcceptedWrites } from './accepted-writes.js';
export type { ApicParts } from './apic-parts.js';
export type { ControlAnswer, ControlRequest } from './control-request.js';
export { type Counters, newTally } from './counters.js';
export { LoginLimit } from './login-limit.js';
export { type PlannedFailure, PlannedFailures } from './planned-failures.js';
export { RequestLog, type RequestLogEntry } from './request-log.js';
export { type Listening, type RunningServer, startServer } from './server.js';
export { type TlsOption, tlsMaterial } from './tls.js';
