import assert from 'node:assert/strict';
import { type Batch, batchOf, type Change, type Phase, wavesOf } from '#fabric';
import { parentDn } from '#model/aci';

const TENANT = 'uni/tn-k8s';
const made = (className: string, dn: string): Change => ({
  kind: 'create',
  object: { className, dn, attributes: {} },
  fields: [],
});
const batch = (...changes: readonly Change[]): Batch => batchOf(parentDn(changes[0]?.object.dn ?? '') ?? '', changes);
const epg = (name: string): Change => made('fvAEPg', `${TENANT}/ap-k8s/epg-${name}`);
const filter = (name: string): Change => made('vzFilter', `${TENANT}/flt-${name}`);
const contract = (name: string): Change => made('vzBrCP', `${TENANT}/brc-${name}`);
const prefix = (ip: string): Change => made('l3extSubnet', `${TENANT}/out-wan/instP-a/extsubnet-[${ip}]`);

describe('batches that may go out together', () => {
  const sizes = (name: Phase['name'], batches: readonly Batch[]): readonly number[] =>
    wavesOf({ name, batches }).map((wave) => wave.length);

  it('are those of one rank: filters before contracts, contracts before EPGs', () => {
    const batches = [filter('a'), filter('b'), contract('a'), contract('b'), epg('a'), epg('b'), epg('c')].map((one) =>
      batch(one),
    );
    assert.deepEqual(sizes('policy', batches), [2, 2, 3]);
    assert.deepEqual(wavesOf({ name: 'policy', batches }).flat(), batches, 'all of them, in their order');
  });

  it('are none with objects of several ranks in it', () => {
    assert.deepEqual(
      sizes('policy', [batch(filter('a'), contract('a')), batch(contract('b')), batch(contract('c'))]),
      [1, 2],
    );
  });

  it('are none below what another one makes', () => {
    const profile = made('fvAp', `${TENANT}/ap-k8s`);
    assert.deepEqual(sizes('policy', [batch(profile, epg('a')), batch(epg('b')), batch(epg('c'))]), [1, 2]);
  });

  it('are never prefixes, which move in the order of their lengths', () => {
    const batches = [batch(prefix('10.1.0.0/16')), batch(prefix('10.0.0.0/8'))];
    assert.deepEqual(sizes('prefixes', batches), [1, 1]);
    assert.deepEqual(sizes('merge', batches), [1, 1]);
  });
});
