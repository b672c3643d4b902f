export * from './canonical.js';
export type { AciClassRow, PropertySpec, RelationSpec } from './class-row.js';
export * from './classes.js';
export * from './dn.js';
export * from './fault-stage.js';
export * from './managed-object.js';
export * from './object-map.js';
export * from './ownership.js';
export * from './path-dn.js';
