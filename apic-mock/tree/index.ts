export type { ClassList } from './class-list.js';
export * from './defaults.js';
export * from './id-pool.js';
export * from './object-store.js';
export * from './stored-object.js';
export * from './transaction.js';
