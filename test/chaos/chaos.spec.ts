import assert from 'node:assert/strict';
import { ETCD } from '#support/etcd-server';
import { REDIS } from '#support/redis-server';
import { describeWith } from '#support/requirement';
import { runStorms } from './storms.js';
import { tallyText } from './tally-text.js';

// Short here; `npm run chaos -- --minutes N` goes on for as long as one likes.

const STORMS = { own: 10, common: 4 } as const;

describeWith([REDIS, ETCD], 'chaos', () => {
  for (const vrf of ['own', 'common'] as const) {
    const wanted = STORMS[vrf];
    const where = vrf === 'own' ? 'its own VRF' : 'a VRF of tenant common';
    it(`survives ${wanted} storms in ${where}: converged, nothing lost or left, nothing foreign touched, no connection cut`, async function () {
      this.timeout(600_000);
      const tally = await runStorms({ seed: 7, vrf, goOn: (storms) => storms < wanted, log: () => undefined });
      assert.equal(tally.storms, wanted);
      assert.ok(tally.changes > wanted && tally.commits > wanted && tally.flows > 100, tallyText(tally));
      console.log(tallyText(tally).replace(/^/gm, '      '));
    });
  }
});
