export * from './apic.js';
export * from './bridge.js';
export * from './clock.js';
export * from './cluster.js';
export * from './gateway-state.js';
export * from './logger.js';
export * from './policy-store.js';
export * from './work-queue.js';
