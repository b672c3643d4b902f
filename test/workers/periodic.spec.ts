import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import type { WorkHandler } from '#ports';
import { silentLogger } from '#runtime';
import { periodic } from '../../workers/periodic.js';

const REFUSED = new GatewayError('REFUSED', 'this user may not', { disposition: 'park' });
const BUSY = new GatewayError('BUSY', 'later', { disposition: 'retry' });
const PERIOD_MS = 60_000;

describe('periodic keys', () => {
  let error: Error | undefined;
  let logged: string[];
  let work: (key: string, signal?: AbortSignal) => ReturnType<WorkHandler>;

  beforeEach(() => {
    error = undefined;
    logged = [];
    const log = { ...silentLogger, warn: (_fields: object, message: string) => logged.push(message) };
    const handler: WorkHandler = () => (error === undefined ? Promise.resolve('done') : Promise.reject(error));
    const wrapped = periodic(handler, { periods: new Map([['look', PERIOD_MS]]), log });
    work = (key, signal = new AbortController().signal) => wrapped(key, signal);
  });

  it('come back at their next time after an error that would set them aside, which is said once', async () => {
    error = REFUSED;
    for (let time = 0; time < 3; time += 1) assert.deepEqual(await work('look'), { againAfterMs: PERIOD_MS });
    assert.equal(logged.length, 1);
    error = undefined;
    assert.equal(await work('look'), 'done');
    error = REFUSED;
    await work('look');
    assert.equal(logged.length, 2, 'when it fails anew that is news');
  });

  it('leave every other error, and those of other keys, to the queue', async () => {
    error = BUSY;
    await assert.rejects(work('look'), BUSY);
    error = REFUSED;
    await assert.rejects(work('apply'), REFUSED);
    assert.deepEqual(logged, []);
  });

  it('end with the gateway', async () => {
    error = REFUSED;
    await assert.rejects(work('look', AbortSignal.abort()), REFUSED);
  });
});
