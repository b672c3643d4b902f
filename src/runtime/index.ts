export { abortable, withSignals } from './abortable.js';
export { atMost } from './at-most.js';
export { backoffMs } from './backoff.js';
export { Bell } from './bell.js';
export { byAge, deadLetterOf } from './dead-letter.js';
export { createLogger, type LoggerOptions, silentLogger } from './logger.js';
export { type NetworkFailure, networkFailure } from './network-failure.js';
export { type NextMove, nextMove } from './next-move.js';
export { systemClock } from './system-clock.js';
