import type { WorkQueue } from '#ports';
import { KEY } from '../task-keys.js';
import { type InProcessQueueOptions, inProcessQueue } from './in-process.js';

/** Keys that are worked on at the same time: compile, apply, what looks at fabric and policy store, and slices beside them. */
const CONCURRENCY = 8;
/** Slices that are written at the same time. A policy store, or a Redis, that does not answer keeps each for long, and nothing else. */
const SLICES = { isSlow: (key: string): boolean => key.startsWith(KEY.node), places: 4 };

/** The queue for a gateway's own keys, in its process. */
export const gatewayQueue = (means: Pick<InProcessQueueOptions, 'clock' | 'random' | 'log'>): WorkQueue =>
  inProcessQueue({ concurrency: CONCURRENCY, slow: SLICES, ...means });
