export * from './record-log.js';
