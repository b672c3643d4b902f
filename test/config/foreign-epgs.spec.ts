import assert from 'node:assert/strict';
import { foreignEpgs, parseConfiguration } from '#config';
import { parsePrefix } from '#model/net';

const IN = 'uni/tn-prod';
const of = (...groups: readonly string[]) =>
  foreignEpgs(
    parseConfiguration('test', `fabric: { tenant: { name: prod, own: false }, foreignEpgs: [${groups.join(', ')}] }`),
  );

describe('configuration: groups of VMs and bare metal', () => {
  it('have the addresses that are given, or else those that the fabric knows', () => {
    assert.deepEqual(of(`{ dn: ${IN}/ap-a/epg-db, addresses: [10.20.0.0/24] }`, `{ dn: ${IN}/ap-a/epg-mail }`), [
      { dn: `${IN}/ap-a/epg-db`, prefixes: [parsePrefix('10.20.0.0/24')], learned: false },
      { dn: `${IN}/ap-a/epg-mail`, prefixes: [], learned: true },
    ]);
  });

  it('may be EPGs, endpoint security groups and external EPGs of the gateway’s tenant, each named once', () => {
    const dns = [`${IN}/ap-a/esg-db`, `${IN}/out-wan/instP-branch`];
    assert.deepEqual(
      of(...dns.map((dn) => `{ dn: ${dn} }`)).map(({ dn }) => dn),
      dns,
    );
    assert.throws(
      () => of(`{ dn: ${IN}/BD-pods }`),
      /^InvalidInputError: test: fabric\.foreignEpgs\.0\.dn: '.*BD-pods' is no group; expected .*epg-… or .*esg-… or .*instP-…/,
    );
    assert.throws(() => of('{ dn: uni/tn-other/ap-a/epg-db }'), /foreignEpgs\.0\.dn: .* is not in tenant 'prod'/);
    assert.throws(() => of(`{ dn: ${dns[0]} }`, `{ dn: ${dns[0]} }`), /foreignEpgs\.1\.dn: .* is named twice/);
  });

  it('have readable addresses, and an external EPG has its own', () => {
    assert.throws(
      () => of(`{ dn: ${IN}/ap-a/epg-db, addresses: [nonsense] }`),
      /foreignEpgs\.0\.addresses: 'nonsense'/,
    );
    assert.throws(() => of(`{ dn: ${IN}/ap-a/epg-db, addresses: [] }`), /foreignEpgs/);
    assert.throws(
      () => of(`{ dn: ${IN}/out-w/instP-b, addresses: [10.0.0.0/8] }`),
      /foreignEpgs\.0\.addresses: .*leave them out/,
    );
  });
});
