import assert from 'node:assert/strict';
import { FabricEvaluator, type Packet, planFabric } from '#fabric';
import { epgDn, mapFabric } from '#mappers';
import { canonicalMap, type FlatObject, flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { parsePrefix } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compile } from '#policy';
import { OWN_FABRIC } from '#support/settings';
import { type SmallCluster, smallClusterInputs } from '#support/small-cluster';

const web = { labels: { app: 'web' } };
const toWeb = { podSelector: { matchLabels: { app: 'web' } } };

function objectsOf(
  cluster: Omit<SmallCluster, 'title'>,
  settings = OWN_FABRIC,
  established: 'pairs' | 'vrf' = 'pairs',
): readonly FlatObject[] {
  const snapshot = snapshotOf(smallClusterInputs({ title: '', ...cluster }), 1);
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 199 }, foreignEpgs: [] });
  return flatten(mapFabric(compiled, settings, { established }).tree, '');
}

const packet = (protocol: number, more: Partial<Packet> = {}): Packet => ({
  family: 4,
  protocol,
  sourcePort: 0,
  destinationPort: 0,
  ...more,
});

describe('rendering of the policy as managed objects', () => {
  it('never puts a /0 on an external EPG: it would deploy contracts that nobody meant', () => {
    const objects = objectsOf({
      pods: { 'x/web': { ...web, ips: ['10.0.0.1', '2001:db8::1'] } },
      policies: {
        'x/zero': {
          ...toWeb,
          ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }] }],
        },
      },
    });
    const subnets = objects
      .filter(({ className }) => className === 'l3extSubnet')
      .map(({ attributes }) => attributes.ip ?? '');
    assert.deepEqual([...subnets].sort(), ['0.0.0.0/1', '128.0.0.0/1', '8000::/1', '::/1']);
  });

  it('opens protocols that no policy can name only where everything is allowed', () => {
    const all = { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] };
    const named = { ...toWeb, ingress: [{ ports: ['TCP', 'UDP', 'SCTP'].map((protocol) => ({ protocol })) }] };
    const pods = { 'x/web': {}, 'y/web': web };
    const evaluator = new FabricEvaluator(objectsOf({ pods, policies: { 'x/all': all, 'y/named': named } }));
    const gre = (from: string, to: string): boolean =>
      evaluator.verdict(epgDn(OWN_FABRIC, from), epgDn(OWN_FABRIC, to), packet(47)).permitted;
    assert.deepEqual([gre('x', 'y'), gre('y', 'x')], [false, true]);
  });

  it('permits ICMP and later fragments of UDP in the whole VRF, and neither when that is off', () => {
    const cluster = {
      pods: { 'x/web': web, 'y/client': {} },
      policies: { 'x/deny': { policyTypes: ['Ingress', 'Egress'] } },
    };
    const verdicts = (settings: FabricSettings): readonly boolean[] => {
      const evaluator = new FabricEvaluator(objectsOf(cluster, settings));
      const asked = [packet(1), packet(58, { family: 6 }), packet(17, { laterFragment: true }), packet(17), packet(6)];
      return asked.map((one) => evaluator.verdict(epgDn(settings, 'y'), epgDn(settings, 'x'), one).permitted);
    };
    assert.deepEqual(verdicts(OWN_FABRIC), [true, true, true, false, false]);
    assert.deepEqual(verdicts({ ...OWN_FABRIC, vrfWidePermits: false }), [false, false, false, false, false]);
  });

  it('permits ICMP and later fragments also from those that the VRF is closed to', () => {
    const settings = { ...OWN_FABRIC, vzAnyContracts: 'always' as const };
    const cluster = {
      pods: { 'x/web': web, 'y/client': {} },
      policies: { 'x/deny': { policyTypes: ['Ingress', 'Egress'] } },
    };
    const verdicts = (of: FabricSettings): readonly boolean[] => {
      const evaluator = new FabricEvaluator(objectsOf(cluster, of));
      const asked = [packet(1), packet(58, { family: 6 }), packet(17, { laterFragment: true }), packet(17), packet(6)];
      return asked.map((one) => evaluator.verdict(epgDn(of, 'x'), epgDn(of, 'y'), one).permitted);
    };
    assert.deepEqual(verdicts(settings), [true, true, true, false, false]);
    assert.deepEqual(verdicts({ ...settings, vrfWidePermits: false }), [false, false, false, false, false]);
    const closed = objectsOf(cluster, settings).filter(({ dn }) => dn.includes('/brc-vrf-closed/'));
    assert.ok(
      closed.some(({ attributes }) => attributes['tnVzFilterName'] === 'any-arp'),
      'the denial of everything includes ARP, which the VRF permits only below it',
    );
  });

  it('puts its prefix before contract and filter names in an admin’s tenant, within the 64 characters', () => {
    const settings = { ...OWN_FABRIC, clusterId: 'c'.repeat(40), tenant: { name: 'k8s', own: false } };
    const namespace = 'n'.repeat(63);
    const workload = 'w'.repeat(63);
    const objects = objectsOf(
      {
        pods: { [`${namespace}/${workload}`]: web, [`${namespace}/client`]: {} },
        policies: {
          [`${namespace}/p`]: {
            ...toWeb,
            ingress: [
              { ports: [{ port: 80, endPort: 81 }, { port: 443 }, { port: 65_000 }] },
              { from: [{ ipBlock: { cidr: '2001:db8:1111:2222:3333:4444:5555:6666/128' } }] },
            ],
          },
        },
      },
      settings,
    );
    const named = objects.filter(({ className }) =>
      ['vzBrCP', 'vzFilter', 'vzEntry', 'fvAEPg', 'l3extInstP'].includes(className),
    );
    assert.ok(named.length > 5);
    for (const { dn, attributes } of named) {
      assert.ok((attributes.name ?? '').length <= 64, `${dn}: name of ${attributes.name?.length} characters`);
    }
    const shared = objects.filter(({ className }) => ['vzBrCP', 'vzFilter', 'l3extInstP'].includes(className));
    for (const { attributes } of shared) assert.ok(attributes.name?.startsWith(`${settings.clusterId}_`));
  });

  it('waits for the EPG of a VM instead of creating it', () => {
    const cluster = { title: '', pods: { 'x/web': web }, policies: {} };
    const dn = 'uni/tn-k8s/ap-vms/epg-db';
    const compiled = compile(snapshotOf(smallClusterInputs(cluster), 1), EMPTY_ALLOCATION, {
      vlanPool: { from: 100, to: 199 },
      foreignEpgs: [{ dn, prefixes: [parsePrefix('192.0.2.0/24')] }],
    });
    const { tree, references } = mapFabric(compiled, OWN_FABRIC);
    assert.deepEqual(references, [dn]);
    const desired = canonicalMap(flatten(tree, ''));
    assert.ok([...desired.keys()].some((one) => one.startsWith(`${dn}/rs`)));
    const plan = planFabric({ desired, actual: new Map(), references, clusterId: 'test', limits: { objects: 50 } });
    const posted = plan.phases.flatMap(({ batches }) => batches.flatMap(({ changes }) => changes));
    assert.deepEqual(plan.missing, [dn]);
    assert.ok(posted.length > 10 && posted.every(({ object }) => !object.dn.startsWith(dn)));
  });

  it('lets a provider answer from its port, and open nothing from there', () => {
    const evaluator = new FabricEvaluator(
      objectsOf({
        pods: { 'x/web': web, 'y/client': {} },
        policies: {
          'x/in': { ...toWeb, policyTypes: ['Ingress', 'Egress'], ingress: [{ ports: [{ port: 80 }] }] },
        },
      }),
    );
    const fromWeb = (...flags: ('syn' | 'ack' | 'rst')[]): boolean => {
      const answer = packet(6, { sourcePort: 80, destinationPort: 9000, tcpFlags: new Set(flags) });
      return evaluator.verdict(epgDn(OWN_FABRIC, 'x'), epgDn(OWN_FABRIC, 'y'), answer).permitted;
    };
    assert.deepEqual(
      [fromWeb('syn', 'ack'), fromWeb('ack'), fromWeb('rst'), fromWeb('syn')],
      [true, true, true, false],
    );
  });

  it('lets answers pass inside a group of pods that are kept apart, where established TCP is permitted for the whole VRF', () => {
    const cluster = {
      pods: { 'x/one': web, 'x/two': web },
      policies: { 'x/own': { ...toWeb, ingress: [{ from: [toWeb], ports: [{ port: 80 }] }] } },
    };
    const evaluator = new FabricEvaluator(objectsOf(cluster, OWN_FABRIC, 'vrf'));
    const group = epgDn(OWN_FABRIC, 'x');
    const passes = (ports: Partial<Packet>, ...flags: ('syn' | 'ack' | 'rst')[]): boolean =>
      evaluator.verdict(group, group, packet(6, { ...ports, tcpFlags: new Set(flags) })).permitted;
    const answer = { sourcePort: 80, destinationPort: 9000 };
    assert.deepEqual(
      [passes({ sourcePort: 9000, destinationPort: 80 }, 'syn'), passes(answer, 'syn', 'ack'), passes(answer, 'rst')],
      [true, true, true],
    );
    assert.equal(passes({ sourcePort: 9000, destinationPort: 81 }, 'syn'), false);
  });
});
