export { compileFlows } from './compile-flows.js';
export { hash32, identify } from './identifier.js';
export { permitKey } from './permits.js';
export { portMatches } from './port-mask.js';
export { REGISTER } from './registers.js';
export * from './reserved.js';
export { TABLE } from './tables.js';
