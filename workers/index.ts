export { createGateway, type Gateway, type GatewayParts } from './gateway.js';
export { type InProcessQueueOptions, inProcessQueue } from './queue/in-process.js';
