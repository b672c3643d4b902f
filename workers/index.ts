export { type InProcessQueueOptions, inProcessQueue } from './queue/in-process.js';
