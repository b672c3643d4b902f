import assert from 'node:assert/strict';
import { fabricSettings, foreignEpgs, parseConfiguration } from '#config';
import { parsePrefix } from '#model/net';
import { contractDn, otherTenantDns, vrfDn } from '#model/settings';

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

  it('may be EPGs and external EPGs of the gateway’s tenant, each named once', () => {
    const dns = [`${IN}/ap-a/epg-db`, `${IN}/out-wan/instP-branch`];
    assert.deepEqual(
      of(...dns.map((dn) => `{ dn: ${dn} }`)).map(({ dn }) => dn),
      dns,
    );
    assert.throws(
      () => of(`{ dn: ${IN}/BD-pods }`),
      /^InvalidInputError: test: fabric\.foreignEpgs\.0\.dn: '.*BD-pods' is no EPG; expected .*epg-… or .*instP-…/,
    );
    assert.throws(
      () => of(`{ dn: ${IN}/ap-a/esg-db }`),
      /foreignEpgs\.0\.dn: '.*esg-db' is an endpoint security group, and no contract holds between these and the EPGs of pods; expected .*epg-… or .*instP-…/,
    );
    assert.throws(() => of('{ dn: uni/tn-other/ap-a/epg-db }'), /foreignEpgs\.0\.dn: .* is not in tenant 'prod'/);
    assert.throws(() => of(`{ dn: ${dns[0]} }`, `{ dn: ${dns[0]} }`), /foreignEpgs\.1\.dn: .* is named twice/);
  });

  it('may be in any tenant where the VRF is in tenant common, and the fabric of these tenants is followed', () => {
    const shared = (fabric: string) => parseConfiguration('test', `fabric: { ${fabric} }`);
    const vrf = 'vrf: { name: shared, own: false, tenant: common }';
    const configuration = shared(
      `${vrf}, foreignEpgs: [{ dn: ${IN}/ap-a/epg-db }, { dn: uni/tn-common/out-w/instP-b }]`,
    );
    assert.equal(foreignEpgs(configuration).length, 2);
    const settings = fabricSettings(configuration);
    assert.deepEqual(otherTenantDns(settings), ['uni/tn-common', IN]);
    assert.equal(contractDn(settings, 'web'), 'uni/tn-common/brc-web');
    assert.equal(vrfDn(settings), 'uni/tn-common/ctx-shared');
    assert.throws(
      () => foreignEpgs(shared(`foreignEpgs: [{ dn: ${IN}/ap-a/epg-db }]`)),
      /contracts there reach groups of that tenant only\. For groups of other tenants .*tenant: common/,
    );
  });

  it('an object in tenant common is an admin’s, no other tenant is looked in, and an L3Out there is in a VRF there', () => {
    const refused = (fabric: string, message: RegExp) =>
      assert.throws(() => fabricSettings(parseConfiguration('test', `fabric: { ${fabric} }`)), message);
    refused('vrf: { name: shared, tenant: common }', /fabric\.vrf\.own: .*set fabric\.vrf\.own: false/);
    refused('vrf: { name: shared, own: false, tenant: prod }', /fabric\.vrf\.tenant: 'prod'; expected 'common'/);
    refused(
      'l3out: { name: wan, own: false, tenant: common }',
      /fabric\.l3out\.tenant: .*set fabric\.vrf\.tenant: common/,
    );
    const named = 'tenant: { name: prod, own: false }, vrf: { name: prod, own: false, tenant: prod }';
    assert.deepEqual(fabricSettings(parseConfiguration('test', `fabric: { ${named} }`)).vrf, {
      name: 'prod',
      own: false,
    });
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
