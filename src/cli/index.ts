export { EXIT } from './exit-codes.js';
export { type GatewayProcess, startGateway } from './gateway-process.js';
export { createProgram, exitCodeFor } from './program.js';
