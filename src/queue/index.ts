export { type RedisQueueOptions, redisQueue } from './bullmq-queue.js';
export { QueueUnreachableError } from './errors.js';
export type { RedisPlace } from './redis-link.js';
