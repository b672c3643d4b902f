import assert from 'node:assert/strict';
import { InvalidInputError } from '#errors';
import type { NodePolicy } from '#model/node';
import { decodeNodePolicy, encodeNodePolicy } from '#store';
import { policyOf } from './policy-store-contract.js';

const POLICY = policyOf('n1', 'r1');
const changed = (change: object): string => JSON.stringify({ ...POLICY, ...change });

describe('store: text of a node policy', () => {
  it('is JSON with every member of the policy', () => {
    assert.deepEqual(JSON.parse(encodeNodePolicy(POLICY)), POLICY);
    assert.deepEqual(decodeNodePolicy(encodeNodePolicy(POLICY), 'n1'), POLICY);
  });

  it('is right for slices that share their groups and addresses, and for others beside them', () => {
    const shared = { groups: POLICY.groups, addresses: POLICY.addresses };
    const others: readonly NodePolicy[] = [
      { ...POLICY, node: 'n2', endpoints: [], ...shared },
      { ...POLICY, node: 'n3', groups: POLICY.groups.slice(1) },
      { ...POLICY, node: 'n4', addresses: [], permits: [] },
    ];
    for (const policy of [POLICY, ...others, POLICY]) assert.deepEqual(JSON.parse(encodeNodePolicy(policy)), policy);
  });

  for (const [version, remedy] of [
    [2, /older gateway wrote it.*writes it anew/],
    [4, /newer gateway wrote it; update the agent/],
  ] as const) {
    it(`names version ${version} before any field of it`, () => {
      const text = changed({ schema: version, groups: 'of another kind' });
      assert.throws(() => decodeNodePolicy(text, 'nodes/n1'), InvalidInputError);
      assert.throws(
        () => decodeNodePolicy(text, 'nodes/n1'),
        new RegExp(`^.*nodes/n1: field schema: ${version}, expected 3`),
      );
      assert.throws(() => decodeNodePolicy(text, 'nodes/n1'), remedy);
    });
  }

  it('ignores members that it does not know, so that a newer writer may add some', () => {
    assert.deepEqual(decodeNodePolicy(changed({ more: 1 }), 'n1'), POLICY);
  });

  for (const [what, change, field] of [
    ['no version', { schema: undefined }, 'schema'],
    ['a group of pods that does not say what it grants', { groups: [{ kind: 'pods', name: 'a' }] }, 'groups.0.egress'],
    ['a group of no known kind', { groups: [{ kind: 'vm', name: 'a' }] }, 'groups.0.kind'],
    ['a VLAN that is none', { endpoints: [{ pod: 'ns/a', ips: [], group: 'web', vlan: 4095 }] }, 'endpoints.0.vlan'],
    [
      'a word for connections that is none',
      { permits: [{ source: 'a', destination: 'b', families: [4], connections: 'all' }] },
      'permits.0.connections',
    ],
    [
      'a port that is none',
      {
        permits: [{ source: 'a', destination: 'b', families: [4], connections: { tcp: [[0, 1]], udp: [], sctp: [] } }],
      },
      'permits.0.connections',
    ],
    [
      'an openness for one family only',
      { groups: [{ ...POLICY.groups[0], egress: { pods: { ipv4: 'nothing' } } }] },
      'groups.0.egress',
    ],
  ] as const) {
    it(`refuses ${what}, and names ${field}`, () => {
      assert.throws(() => decodeNodePolicy(changed(change), 'nodes/n1'), InvalidInputError);
      assert.throws(() => decodeNodePolicy(changed(change), 'nodes/n1'), new RegExp(`nodes/n1: field ${field}`));
    });
  }
});
