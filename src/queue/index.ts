export { type RedisQueueOptions, redisQueue } from './bullmq-queue.js';
export { QueueUnreachableError, WorkTakenOverError } from './errors.js';
export { type RedisContentsOptions, redisContents } from './redis-contents.js';
export type { RedisPlace } from './redis-link.js';
