import assert from 'node:assert/strict';
import { Quiet } from '../../workers/quiet.js';

describe('a time for what takes long', () => {
  it('is at once, then when nothing has changed, and at the latest after a while of changes', () => {
    const quiet = new Quiet<number>(60);
    const answers = [
      [1, 0],
      [2, 10],
      [2, 20],
      [2, 30],
      [3, 40],
      [4, 50],
      [5, 80],
      [6, 90],
      [7, 149],
      [8, 150],
    ].map(([value = 0, now = 0]) => quiet.isTime(value, now));
    assert.deepEqual(answers, [true, false, true, true, false, false, false, true, false, true]);
  });
});
