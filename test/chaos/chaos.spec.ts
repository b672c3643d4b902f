import assert from 'node:assert/strict';
import { ETCD } from '#support/etcd-server';
import { REDIS } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { runStorms } from './storms.js';
import { tallyText } from './tally-text.js';

// Short here; `npm run chaos -- --minutes N` goes on for as long as one likes.

const STORMS = 10;

describeWith([REDIS, ETCD], 'chaos', () => {
  it(`survives ${STORMS} storms: converged, nothing lost or left, nothing foreign touched, no connection cut`, async function () {
    this.timeout(600_000);
    const lines: string[] = [];
    const tally = await runStorms({ seed: 7, goOn: (storms) => storms < STORMS, log: (line) => lines.push(line) });
    assert.equal(tally.storms, STORMS);
    assert.ok(tally.changes > STORMS && tally.commits > STORMS && tally.flows > 100, tallyText(tally));
    console.log(tallyText(tally).replace(/^/gm, '      '));
  });
});
