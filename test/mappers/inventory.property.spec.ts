import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { fabricGroupName, fabricGroupState, ipConflicts, type LearnedAddress, type PodPlace } from '#mappers';
import type { FlatObject } from '#model/aci';
import { groupKindOf, readGroupPattern } from '#model/settings';

const NAME = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/);
const DN = fc.oneof(
  fc.tuple(NAME, NAME, NAME).map(([tenant, profile, name]) => `uni/tn-${tenant}/ap-${profile}/epg-${name}`),
  fc.tuple(NAME, NAME, NAME).map(([tenant, profile, name]) => `uni/tn-${tenant}/ap-${profile}/esg-${name}`),
  fc.tuple(NAME, NAME, NAME).map(([tenant, out, name]) => `uni/tn-${tenant}/out-${out}/instP-${name}`),
);

describe('groups of the fabric: names and patterns', () => {
  it('a name is one that Kubernetes takes, and follows from the Dn', () => {
    fc.assert(
      fc.property(DN, (dn) => {
        const name = fabricGroupName(dn);
        assert.ok(name.length <= 253, name);
        assert.match(name, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/);
        assert.equal(fabricGroupName(dn), name);
      }),
    );
  });

  it('different Dns have different names, also where only letters that are changed differ', () => {
    const close = fc.tuple(fc.constantFrom('a', 'A', 'a_', 'a-', 'a.b', 'a-b', 'a_b'), fc.constantFrom('epg', 'esg'));
    const dn = fc.tuple(close, NAME).map(([[profile, kind], name]) => `uni/tn-t/ap-${profile}/${kind}-${name}`);
    fc.assert(
      fc.property(dn, dn, (a, b) => {
        fc.pre(a !== b);
        assert.notEqual(fabricGroupName(a), fabricGroupName(b));
      }),
    );
    assert.notEqual(fabricGroupName('uni/tn-t/ap-a/epg-B'), fabricGroupName('uni/tn-t/ap-a/epg-b'));
  });

  it('a Dn without a star selects itself; stars select within their name and never across', () => {
    fc.assert(
      fc.property(DN, DN, (dn, other) => {
        const pattern = readGroupPattern(dn);
        assert.ok(pattern !== undefined && pattern.expression.test(dn));
        assert.equal(pattern.expression.test(other), dn === other);
        assert.equal(pattern.kind, groupKindOf(dn));
        const wide = readGroupPattern(dn.replace(/(epg|esg|instP)-.*$/, '$1-*'));
        assert.ok(wide !== undefined && wide.expression.test(dn));
        assert.ok(!wide.expression.test(`${dn}/cep-00:50:56:AA:BB:01`));
      }),
    );
  });

  it('refuses what would follow every tenant, or is no group', () => {
    for (const text of [
      'uni/tn-*/ap-a/epg-b',
      'uni/tn-t',
      'uni/tn-t/ap-a',
      'uni/tn-t/BD-b',
      'uni/tn-t/out-o/epg-b',
      '',
      '*',
    ]) {
      assert.equal(readGroupPattern(text), undefined, text);
    }
  });
});

describe('groups of the fabric: what is kept of a large one', () => {
  const epg = 'uni/tn-t/ap-a/epg-e';
  const member = (index: number): readonly FlatObject[] => {
    const mac = `00:50:56:00:${String(Math.floor(index / 100)).padStart(2, '0')}:${String(index % 100).padStart(2, '0')}`;
    const dn = `${epg}/cep-${mac}`;
    return [
      { className: 'fvCEp', dn, attributes: { mac } },
      {
        className: 'fvIp',
        dn: `${dn}/ip-[10.0.${Math.floor(index / 250)}.${index % 250}]`,
        attributes: { addr: `10.0.${Math.floor(index / 250)}.${index % 250}` },
      },
    ];
  };

  it('counts all endpoints and lists the first hundred, the same ones whatever the order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 250 }), fc.boolean(), (count, isTurned) => {
        const objects = Array.from({ length: count }, (_, index) => member(index)).flat();
        const state = fabricGroupState(epg, isTurned ? objects.toReversed() : objects);
        assert.equal(state?.endpointCount, count);
        assert.deepEqual(
          state.endpoints.map(({ mac }) => mac),
          Array.from({ length: Math.min(count, 100) }, (_, index) => member(index)[0]?.attributes['mac']),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('addresses of pods that the fabric knows elsewhere', () => {
  const GROUPS = ['uni/tn-t/ap-k8s/epg-a', 'uni/tn-t/ap-k8s/epg-b', 'uni/tn-t/ap-x/epg-vm'];
  const PATHS = ['topology/pod-1/paths-101/pathep-[eth1/1]', 'topology/pod-1/paths-102/pathep-[eth1/1]'];
  const ADDRESSES = ['10.0.0.1', '10.0.0.2', '2001:db8::1'];
  const isOwn = (group: string): boolean => group.startsWith('uni/tn-t/ap-k8s/');

  const pod = fc.record({
    pod: fc.constantFrom('shop/a', 'shop/b'),
    addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 2 }),
    epg: fc.option(fc.constantFrom(...GROUPS.slice(0, 2)), { nil: undefined }),
    node: fc.constant('n1'),
    paths: fc.option(fc.constantFrom([PATHS[0] ?? ''], PATHS), { nil: undefined }),
  });
  const seen = fc.record({
    address: fc.constantFrom(...ADDRESSES),
    mac: fc.constantFrom('00:00:00:00:00:01', '00:00:00:00:00:02'),
    group: fc.constantFrom(...GROUPS),
    paths: fc.subarray(PATHS),
  });

  it('property: exactly those of another group, or seen on a port that is not the node’s', () => {
    fc.assert(
      fc.property(fc.array(pod, { maxLength: 3 }), fc.array(seen, { maxLength: 5 }), (pods, learned) => {
        const found = ipConflicts(pods, byAddress(learned), isOwn);
        const expected = pods.flatMap((place) =>
          learned.filter((known) => place.addresses.includes(known.address) && isConflict(place, known)),
        );
        assert.equal(found.length, expected.length);
        for (const { finding, mayPass } of found) {
          assert.equal(finding.code, 'IP_CONFLICT');
          assert.equal(mayPass, !finding.message.includes('in uni/tn-t/ap-x/'));
        }
      }),
    );
  });

  const isConflict = ({ epg, paths }: PodPlace, known: LearnedAddress): boolean => {
    if (epg !== undefined && known.group !== epg) return true;
    return paths !== undefined && known.paths.some((path) => !paths.includes(path));
  };
  const byAddress = (learned: readonly LearnedAddress[]): ReadonlyMap<string, readonly LearnedAddress[]> =>
    new Map(ADDRESSES.map((address) => [address, learned.filter((known) => known.address === address)]));
});
