export * from './server.js';
export * from './standby.js';
