export type { ApicParts } from './apic-parts.js';
export { type Counters, newTally } from './counters.js';
export { type PlannedFailure, PlannedFailures } from './planned-failures.js';
export { RequestLog, type RequestLogEntry } from './request-log.js';
export { startServer } from './server.js';
export { type TlsOption, tlsMaterial } from './tls.js';
