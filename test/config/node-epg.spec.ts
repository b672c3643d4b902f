import assert from 'node:assert/strict';
import { nodeEpg, parseConfiguration } from '#config';
import { parsePrefix } from '#model/net';

const EPG = 'uni/tn-prod/ap-infra/epg-nodes';
const of = (nodes: string, more = '') =>
  nodeEpg(parseConfiguration('test', `fabric: { tenant: { name: prod, own: false }, nodes: ${nodes}${more} }`));

describe('configuration: the EPG of the nodes', () => {
  it('is none without the setting, and has the nodes’ own addresses unless prefixes are given', () => {
    assert.equal(nodeEpg(parseConfiguration('test', '{}')), undefined);
    assert.deepEqual(of(`{ epg: ${EPG} }`), { dn: EPG, prefixes: undefined });
    const prefixes = ['192.0.2.0/24', '2001:db8::/64'].map(parsePrefix);
    assert.deepEqual(of(`{ epg: ${EPG}, addresses: [192.0.2.0/24, '2001:db8::/64'] }`), { dn: EPG, prefixes });
  });

  it('must be an EPG of the gateway’s tenant, named once, with readable addresses', () => {
    assert.throws(
      () => of('{ epg: uni/tn-prod/BD-nodes }'),
      /: test: fabric\.nodes\.epg: 'uni\/tn-prod\/BD-nodes' is no EPG/,
    );
    assert.throws(() => of('{ epg: uni/tn-other/ap-a/epg-b }'), /fabric\.nodes\.epg: .* is not in tenant 'prod'/);
    assert.throws(() => of(`{ epg: ${EPG}, addresses: [nonsense] }`), /fabric\.nodes\.addresses: 'nonsense'/);
    assert.throws(
      () => parseConfiguration('test', 'fabric: { bridgeDomain: { gateways: [nonsense] } }'),
      /: test: fabric\.bridgeDomain\.gateways: 'nonsense'/,
    );
    const foreign = `, foreignEpgs: [{ dn: ${EPG}, addresses: [10.0.0.0/8] }]`;
    assert.throws(() => of(`{ epg: ${EPG} }`, foreign), /fabric\.nodes\.epg: .* name it once/);
  });
});
