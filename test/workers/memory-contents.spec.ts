import { systemClock } from '#runtime';
import { memoryContents } from '#workers';
import { workContentsContract } from './work-contents-contract.js';

workContentsContract('in process', (leaseMs) => {
  const contents = memoryContents({ clock: systemClock(), leaseMs });
  return Promise.resolve(() => contents);
});
