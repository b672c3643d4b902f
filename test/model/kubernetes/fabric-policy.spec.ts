import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fabricGrants } from '#mappers';
import { readFabricPolicy } from '#model/kubernetes';
import { parsePrefix } from '#model/net';
import { OWN_FABRIC } from '#support/settings';

const EPG = 'uni/tn-k8s/ap-legacy/epg-';
const epg = (name: string, ...addresses: readonly string[]) => ({
  dn: `${EPG}${name}`,
  prefixes: addresses.map(parsePrefix),
});
const GRANTS = fabricGrants(
  [
    { namespaces: ['shop', 'team-*'], groups: ['epg.k8s.legacy.db'], ports: ['TCP:5432', 'TCP:8000-8080'] },
    { namespaces: ['ops'], groups: ['epg.k8s.*'], ports: undefined },
  ],
  [epg('db', '10.20.0.0/16', '2001:db8:20::/48'), epg('mail', '10.20.5.0/24'), epg('near', '10.244.9.0/24')],
  OWN_FABRIC,
);

const policy = (namespace: string, spec: unknown) => ({
  apiVersion: 'aci-gateway.io/v1alpha1',
  kind: 'FabricPolicy',
  metadata: { namespace, name: 'p' },
  spec,
});
const toDb = (ports?: readonly object[], group = 'epg.k8s.legacy.db') => ({
  podSelector: { matchLabels: { app: 'web' } },
  egress: [{ to: [{ group }], ...(ports === undefined ? {} : { ports }) }],
});
const read = (namespace: string, spec: unknown) => readFabricPolicy(policy(namespace, spec), GRANTS);
const refusal = (namespace: string, spec: unknown): string => {
  const { view, findings } = read(namespace, spec);
  assert.equal(view, undefined);
  return findings.map(({ code, message }) => `${code} ${message}`).join('\n');
};

describe('FabricPolicies', () => {
  it('are policies that reach a group by its addresses, without those inside that are another group’s, and isolate nothing', () => {
    const { view, findings } = read('shop', toDb([{ port: 5432 }, { protocol: 'TCP', port: 8000, endPort: 8010 }]));
    assert.deepEqual(findings, []);
    assert.equal(view?.additive, true);
    assert.equal(view.ingress, undefined);
    const [v4, v6] = [parsePrefix('10.20.0.0/16'), parsePrefix('2001:db8:20::/48')];
    assert.deepEqual(view.egress, [
      {
        peers: [
          { kind: 'block', cidr: v4, except: [parsePrefix('10.20.5.0/24')] },
          { kind: 'block', cidr: v6, except: [] },
        ],
        ports: [
          { kind: 'range', protocol: 'tcp', from: 5432, to: 5432 },
          { kind: 'range', protocol: 'tcp', from: 8000, to: 8010 },
        ],
      },
    ]);
  });

  it('open nothing when they ask for more than is granted, in part or in whole, and say what is', () => {
    assert.match(
      refusal('shop', toDb([{ port: 5432 }, { port: 22 }])),
      /FABRIC_POLICY_DENIED .*TCP:22,5432.* grants it TCP:5432,8000-8080/,
    );
    assert.match(refusal('shop', toDb()), /asks for ALL/);
    assert.match(refusal('other', toDb([{ port: 5432 }])), /grants it NONE/);
    assert.match(refusal('shop', toDb([{ port: 5432 }], 'epg.k8s.legacy.mail')), /grants it NONE/);
    assert.notEqual(read('team-a', toDb([{ port: 5432 }])).view, undefined);
    assert.notEqual(read('ops', toDb()).view, undefined);
  });

  it('open nothing toward groups that policies cannot reach, or cannot tell from pods', () => {
    assert.match(refusal('ops', toDb(undefined, 'epg.k8s.legacy.gone')), /no policy can reach .* fabric\.foreignEpgs/);
    assert.match(refusal('ops', toDb(undefined, 'epg.k8s.legacy.near')), /among those of the pods/);
    assert.match(
      refusal('shop', toDb(undefined, 'epg.k8s.legacy.gone')),
      /grants it NONE/,
      'whoever may not ask is not told',
    );
  });

  it('open nothing when something of them cannot be read', () => {
    const bad: readonly (readonly [unknown, RegExp])[] = [
      ['all', /INVALID_OBJECT spec/],
      [{ ...toDb(), extra: 1 }, /found extra/],
      [{ podSelector: { matchLabels: 3 }, egress: toDb().egress }, /INVALID_SELECTOR/],
      [{ podSelector: {}, egress: [{ to: [] }] }, /at least one group/],
      [{ podSelector: {}, egress: [{}] }, /at least one group/],
      [{ podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] }, /INVALID_PEER/],
      [{ podSelector: {}, ingress: [{ to: [{ group: 'epg.k8s.legacy.db' }] }] }, /expected from and ports/],
      [{ podSelector: {}, egress: 3 }, /expected a list/],
      [toDb([{ port: 'web' }]), /expected a number/],
      [toDb([{ port: 70_000 }]), /INVALID_PORT/],
    ];
    for (const [spec, expected] of bad) assert.match(refusal('ops', spec), expected);
  });

  it('property: exactly what one entry or several together grant is opened', () => {
    const port = fc.integer({ min: 1, max: 12 });
    const range = fc.tuple(port, port).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 4 }),
        range,
        fc.constantFrom('TCP', 'UDP'),
        (granted, [from, to], protocol) => {
          const rules = granted.map(([low, high], index) => ({
            namespaces: ['*'],
            groups: ['*'],
            ports: [`${index % 2 === 0 ? 'TCP' : 'UDP'}:${low}-${high}`],
          }));
          const grants = fabricGrants(rules, [epg('db', '10.20.0.0/16')], OWN_FABRIC);
          const spec = toDb([{ protocol, port: from, endPort: to }]);
          const covered = (number: number): boolean =>
            granted.some(
              ([low, high], index) => (index % 2 === 0 ? 'TCP' : 'UDP') === protocol && low <= number && number <= high,
            );
          const expected = Array.from({ length: to - from + 1 }, (_, index) => from + index).every(covered);
          assert.equal(readFabricPolicy(policy('any', spec), grants).view !== undefined, expected);
        },
      ),
    );
  });
});
