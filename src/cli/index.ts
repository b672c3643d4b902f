export { EXIT } from './exit-codes.js';
export { createProgram, exitCodeFor } from './program.js';
