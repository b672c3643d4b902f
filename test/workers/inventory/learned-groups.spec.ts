import assert from 'node:assert/strict';
import type { FlatObject } from '#model/aci';
import { formatPrefix, parsePrefix } from '#model/net';
import { silentLogger } from '#runtime';
import { ManualClock } from '#support/manual-clock';
import { InventoryMirror } from '../../../workers/inventory/inventory-mirror.js';
import { LearnedGroups } from '../../../workers/inventory/learned-groups.js';

const [DB, MAIL, FIXED] = ['db', 'mail', 'fixed'].map((name) => `uni/tn-k8s/ap-legacy/epg-${name}`) as [
  string,
  string,
  string,
];
const BRANCH = 'uni/tn-k8s/out-wan/instP-branch';
const KEEP_MS = 60_000;
const WAIT_MS = 10_000;

const endpoint = (epg: string, number: number, address: string): readonly FlatObject[] => {
  const dn = `${epg}/cep-00:50:56:AA:BB:0${number}`;
  return [
    { className: 'fvCEp', dn, attributes: { mac: `00:50:56:AA:BB:0${number}` } },
    { className: 'fvIp', dn: `${dn}/ip-[${address}]`, attributes: { addr: address } },
  ];
};

describe('groups with learned addresses', () => {
  let clock: ManualClock;
  let mirror: InventoryMirror;
  let isTrusted: boolean;
  let objects: Map<string, FlatObject>;
  let groups: LearnedGroups;

  const texts = (dn: string): readonly string[] =>
    groups.epgs.find((epg) => epg.dn === dn)?.prefixes.map(formatPrefix) ?? [];
  const list = (...endpoints: readonly (readonly FlatObject[])[]): void => mirror.replaced(endpoints.flat());

  beforeEach(() => {
    clock = new ManualClock();
    isTrusted = true;
    objects = new Map([DB, MAIL, FIXED, BRANCH].map((dn) => [dn, { className: 'fvAEPg', dn, attributes: {} }]));
    mirror = new InventoryMirror({ keeps: () => true, changed: () => undefined, log: silentLogger });
    groups = new LearnedGroups({
      groups: [
        { dn: DB, prefixes: [], learned: true },
        { dn: MAIL, prefixes: [], learned: true },
        { dn: FIXED, prefixes: [parsePrefix('10.30.0.0/24'), parsePrefix('10.20.0.99/32')], learned: false },
        { dn: BRANCH, prefixes: [], learned: true },
      ],
      mirror,
      fabric: {
        objects,
        get trusted() {
          return isTrusted;
        },
      },
      podSubnets: [parsePrefix('10.244.0.0/16')],
      vrf: () => 'uni/tn-k8s/ctx-k8s',
      keepMs: KEEP_MS,
      waitMs: WAIT_MS,
      clock,
    });
  });

  it('are those of the configuration, with what the fabric knows of the others', () => {
    list(endpoint(DB, 1, '10.20.0.7'), endpoint(DB, 2, '10.20.0.5'), endpoint(FIXED, 3, '10.20.0.6'));
    assert.ok(groups.refresh());
    assert.deepEqual([DB, MAIL, FIXED].map(texts), [
      ['10.20.0.5/32', '10.20.0.7/32'],
      [],
      ['10.30.0.0/24', '10.20.0.99/32'],
    ]);
    const { epgs } = groups;
    assert.ok(!groups.refresh());
    assert.equal(groups.epgs, epgs, 'the same value while nothing is different');
  });

  it('keep an address that was forgotten for some time, unless it is seen in another group', async () => {
    list(endpoint(DB, 1, '10.20.0.7'), endpoint(DB, 2, '10.20.0.8'));
    groups.refresh();
    list(endpoint(MAIL, 1, '10.20.0.7'));
    groups.refresh();
    assert.deepEqual([DB, MAIL].map(texts), [['10.20.0.8/32'], ['10.20.0.7/32']]);
    await clock.advance(KEEP_MS - 1);
    assert.ok(!groups.refresh(), 'it may only be silent');
    // Nor is it kept for longer because somebody sets the clock.
    clock.set(-3_600_000);
    await clock.advance(1);
    assert.ok(groups.refresh());
    assert.deepEqual([DB, MAIL].map(texts), [[], ['10.20.0.7/32']]);
  });

  it('stay as they were while the fabric is not followed', () => {
    list(endpoint(DB, 1, '10.20.0.7'));
    groups.refresh();
    list();
    mirror.lost('a test');
    assert.ok(!groups.refresh());
    assert.deepEqual(texts(DB), ['10.20.0.7/32']);
  });

  it('leave out what could be a pod, and what is everybody', () => {
    list(endpoint(DB, 1, '10.244.3.3'), endpoint(DB, 2, 'no address'), endpoint(DB, 3, '10.20.0.99'));
    groups.refresh();
    assert.deepEqual(texts(DB), [], 'the last is another group’s by the configuration');
  });

  it('forget a silent address that somebody else has now, in whatever group', async () => {
    list(endpoint(DB, 1, '10.20.0.7'));
    groups.refresh();
    list(endpoint('uni/tn-k8s/ap-legacy/epg-nobody-names', 1, '10.20.0.7'));
    groups.refresh();
    assert.deepEqual(texts(DB), []);
  });

  it('keep a silent address that somebody has in another VRF', () => {
    const lab = 'uni/tn-k8s/ap-legacy/epg-lab';
    list(endpoint(DB, 1, '10.20.0.7'));
    groups.refresh();
    list(endpoint(lab, 1, '10.20.0.7'), [
      { className: 'fvRsBd', dn: `${lab}/rsbd`, attributes: { tDn: 'uni/tn-k8s/BD-lab' } },
      { className: 'fvRsCtx', dn: 'uni/tn-k8s/BD-lab/rsctx', attributes: { tDn: 'uni/tn-k8s/ctx-lab' } },
    ]);
    groups.refresh();
    assert.deepEqual(texts(DB), ['10.20.0.7/32']);
  });

  it('count no time of silence in which the fabric was not followed', async () => {
    list(endpoint(DB, 1, '10.20.0.7'));
    groups.refresh();
    await clock.advance(KEEP_MS / 2);
    groups.refresh();
    mirror.lost('a test');
    groups.refresh();
    await clock.advance(2 * KEEP_MS);
    list();
    groups.refresh();
    assert.deepEqual(texts(DB), ['10.20.0.7/32'], 'what comes back may not be learned yet');
    await clock.advance(KEEP_MS);
    groups.refresh();
    assert.deepEqual(texts(DB), []);
  });

  it('are empty at once when the group is gone', () => {
    list(endpoint(DB, 1, '10.20.0.7'));
    groups.refresh();
    list();
    objects.delete(DB);
    groups.refresh();
    assert.deepEqual(texts(DB), []);
  });

  it('are the subnets of an external EPG by which the fabric tells its members, as they are now', () => {
    const subnet = (ip: string, scope: string): void => {
      const dn = `${BRANCH}/extsubnet-[${ip}]`;
      objects.set(dn, { className: 'l3extSubnet', dn, attributes: { ip, scope } });
    };
    subnet('203.0.113.0/24', 'import-security');
    subnet('172.16.0.0/12', 'export-rtctrl');
    list();
    groups.refresh();
    assert.deepEqual(texts(BRANCH), ['203.0.113.0/24']);
    objects.delete(`${BRANCH}/extsubnet-[203.0.113.0/24]`);
    groups.refresh();
    assert.deepEqual(texts(BRANCH), []);
  });

  it('are those of an address that a selector puts into another group than its endpoint', () => {
    const [first, address] = endpoint(DB, 1, '10.20.0.7');
    assert.ok(first !== undefined && address !== undefined);
    list([first, { ...address, attributes: { ...address.attributes, esgUsegDn: MAIL } }]);
    groups.refresh();
    assert.deepEqual([DB, MAIL].map(texts), [[], []], 'which is no endpoint security group');
  });

  it('are waited for until they were listed, or for long enough', async () => {
    assert.equal(groups.waitMs, WAIT_MS);
    isTrusted = false;
    groups.refresh();
    await clock.advance(WAIT_MS);
    assert.equal(groups.waitMs, WAIT_MS, 'while the APIC is away, nothing is compiled');
    isTrusted = true;
    groups.refresh();
    clock.set(-3_600_000);
    await clock.advance(WAIT_MS);
    assert.equal(groups.waitMs, 0, 'also when the clock is put back');
    list();
    assert.ok(groups.refresh(), 'known for the first time');
  });
});
