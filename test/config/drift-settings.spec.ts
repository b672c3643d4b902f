import assert from 'node:assert/strict';
import { driftSettings, parseConfiguration } from '#config';
import { DEFAULT_DRIFT } from '#model/settings';

const parsed = (text: string) => driftSettings(parseConfiguration('test', text));

describe('configuration of drift', () => {
  it('is the default with nothing set', () => {
    assert.deepEqual(parsed('{}'), DEFAULT_DRIFT);
  });

  it('takes rules in their order; a rule without a field is for all of the class', () => {
    const text =
      'drift: { flips: 5, windowSeconds: 60, rules: [{ class: "vz*", policy: report }, { class: fvBD, field: mac, policy: ignore }] }';
    assert.deepEqual(parsed(text), {
      flips: 5,
      windowMs: 60_000,
      rules: [
        { class: 'vz*', field: '*', policy: 'report' },
        { class: 'fvBD', field: 'mac', policy: 'ignore' },
      ],
    });
  });

  it('refuses what it does not know, and says where', () => {
    assert.throws(() => parsed('drift: { rules: [{ class: fvBD, policy: forget }] }'), /drift\.rules\.0\.policy/);
    assert.throws(
      () => parsed('drift: { rules: [{ class: "fv-BD", policy: report }] }'),
      /drift\.rules\.0\.class: .*pattern/,
    );
    assert.throws(() => parsed('drift: { flips: 0 }'), /drift\.flips/);
  });
});
