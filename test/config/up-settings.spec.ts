import assert from 'node:assert/strict';
import { fabricPolicyRules, inventorySettings, parseConfiguration } from '#config';

const configured = (text: string) => parseConfiguration('test', text);
const allow = (entry: string) => configured(`fabricPolicies: { allow: [${entry}] }`);

describe('configuration of what comes up from the fabric', () => {
  it('follows no group and grants nothing unless it is told to', () => {
    assert.deepEqual(inventorySettings(configured('')), { groups: [], ipConflicts: true });
    assert.equal(fabricPolicyRules(configured('')), undefined);
  });

  it('reads groups by the form of their Dn, and refuses what would follow every tenant', () => {
    const { groups } = inventorySettings(configured('inventory: { groups: ["uni/tn-prod/ap-*/epg-db*"] }'));
    assert.deepEqual(
      groups.map(({ tenant, kind }) => [tenant, kind]),
      [['prod', 'EndpointGroup']],
    );
    assert.throws(
      () => configured('inventory: { groups: ["uni/tn-*/ap-a/epg-b"] }'),
      /inventory\.groups.*expected uni\/tn-TENANT/s,
    );
  });

  it('reads grants, and refuses ports that are none and entries without names', () => {
    const rules = fabricPolicyRules(
      allow('{ namespaces: [shop], groups: [epg.*], ports: ["TCP:1", "UDP:80-90", "SCTP:65535"] }'),
    );
    assert.deepEqual(rules, [{ namespaces: ['shop'], groups: ['epg.*'], ports: ['TCP:1', 'UDP:80-90', 'SCTP:65535'] }]);
    for (const port of ['TCP:0', 'TCP:65536', 'TCP:90-80', 'ICMP:1', 'TCP', '80']) {
      assert.throws(() => allow(`{ namespaces: [a], groups: [b], ports: ["${port}"] }`), /PROTOCOL:PORT/, port);
    }
    assert.throws(() => allow('{ namespaces: [], groups: [b] }'), /namespaces/);
    assert.throws(() => allow('{ namespaces: [a] }'), /groups/);
  });
});
