import assert from 'node:assert/strict';
import { FabricEvaluator } from '#fabric';
import { mapFabric } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { parsePrefix } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compile, type ForeignEpg } from '#policy';
import { FlowQuestions } from '#support/fabric-flows';
import { OWN_FABRIC } from '#support/settings';

// Address plan: the only pod is shop/a at 10.244.0.2; the virtual machines of EPG db are 10.20.0.0/24.
const VM_EPG = 'uni/tn-prod/ap-legacy/epg-db';
const ADMINS: FabricSettings = {
  ...OWN_FABRIC,
  tenant: { name: 'prod', own: false },
  vrf: { name: 'prod', own: false },
  l3out: { name: 'internet', own: false },
  vlanPool: { ...OWN_FABRIC.vlanPool, own: false },
};

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [] },
  status: { phase: 'Running', podIPs: [{ ip: '10.244.0.2' }] },
};

const egressTo = (cidr: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'out', namespace: 'shop' },
  spec: {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr } }], ports: [{ port: 5432 }] }],
  },
});

function mapped(
  policies: readonly KubernetesObject[],
  settings: FabricSettings,
  foreignEpgs: readonly ForeignEpg[] = [],
) {
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods: [pod], policies }, 1);
  const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: settings.vlanPool, foreignEpgs });
  const desired = mapFabric(compiled, settings);
  return { compiled, desired, objects: flatten(desired.tree, '') };
}

const vms: ForeignEpg = { dn: VM_EPG, prefixes: [parsePrefix('10.20.0.0/24')] };
const withBridge = (objects: readonly FlatObject[]): readonly FlatObject[] => [
  ...objects,
  { className: 'fvCtx', dn: 'uni/tn-prod/ctx-prod', attributes: { name: 'prod' } },
  { className: 'fvBD', dn: 'uni/tn-prod/BD-vms', attributes: { name: 'vms' } },
  { className: 'fvRsCtx', dn: 'uni/tn-prod/BD-vms/rsctx', attributes: { tnFvCtxName: 'prod' } },
  { className: 'fvRsBd', dn: `${VM_EPG}/rsbd`, attributes: { tnFvBDName: 'vms' } },
];

describe('mappers: an admin’s tenant and EPGs', () => {
  it('relates a policy’s ipBlock to the EPG of the virtual machines by contract only', () => {
    const { desired, objects } = mapped([egressTo('10.20.0.0/24')], ADMINS, [vms]);
    const below = objects.filter(({ dn }) => dn.startsWith(`${VM_EPG}/`) && !dn.includes('annotationKey'));
    assert.deepEqual(
      below.map(({ className }) => className).sort(),
      ['fvRsCons', 'fvRsProv'],
      'the pod reaches the database by the policy; nothing isolates the pod from the machines',
    );
    assert.deepEqual(
      objects.find(({ dn }) => dn === VM_EPG)?.attributes,
      { name: 'db' },
      'the EPG itself says nothing',
    );
    assert.ok(desired.references.includes(VM_EPG), 'it must be there already');
    const flows = new FlowQuestions(new FabricEvaluator(withBridge(objects)), 'uni/tn-prod/ctx-prod');
    const from = { ip: '10.244.0.2', epg: 'uni/tn-prod/ap-k8s-test/epg-shop' };
    // The pods' own bridge domain is ours in these settings, and in the admin's VRF.
    assert.ok(flows.opens(from, { ip: '10.20.0.9', epg: VM_EPG }, 'TCP', 5432));
    assert.ok(!flows.opens(from, { ip: '10.20.0.9', epg: VM_EPG }, 'TCP', 22));
  });

  it('says so when an ipBlock cuts the EPG, permits the union, and keeps the parts apart for the hosts', () => {
    const { compiled, objects } = mapped([egressTo('10.20.0.0/25')], ADMINS, [vms]);
    assert.deepEqual(
      compiled.findings.map(({ code, object }) => [code, object]),
      [
        // What may come in freely has its answers let out, whatever egress says.
        ['UDP_REVERSE', 'NetworkPolicy/shop/out'],
        ['SCTP_PORTS', 'NetworkPolicy/shop/out'],
        ['IPBLOCK_SPLITS_EPG', `EPG/${VM_EPG}`],
      ],
    );
    assert.equal(compiled.groups.filter(({ kind }) => kind === 'foreign').length, 2);
    assert.ok(objects.some(({ dn }) => dn.startsWith(`${VM_EPG}/rsprov-`)));
  });

  it('does not take an EPG with addresses of both families for one that is cut', () => {
    const both: ForeignEpg = { dn: VM_EPG, prefixes: [parsePrefix('10.20.0.0/24'), parsePrefix('2001:db8:20::/64')] };
    const { compiled } = mapped([egressTo('10.20.0.0/24')], ADMINS, [both]);
    const codes: readonly string[] = compiled.findings.map(({ code }) => code);
    assert.equal(codes.includes('IPBLOCK_SPLITS_EPG'), false, codes.join());
  });

  it('opens no IPv6 to an EPG of both families where policies allow IPv4 only', () => {
    const both: ForeignEpg = { dn: VM_EPG, prefixes: [parsePrefix('10.20.0.0/24'), parsePrefix('2001:db8:20::/64')] };
    const status = { phase: 'Running', podIPs: [{ ip: '10.244.0.2' }, { ip: '2001:db8::2' }] };
    const pods = [{ ...pod, status }];
    const snapshot = snapshotOf({ namespaces: [], nodes: [], pods, policies: [egressTo('10.20.0.0/24')] }, 1);
    const compiled = compile(snapshot, EMPTY_ALLOCATION, { vlanPool: ADMINS.vlanPool, foreignEpgs: [both] });
    const objects = flatten(mapFabric(compiled, ADMINS).tree, '');
    const consumed = objects.filter(({ dn }) => dn.startsWith(`${VM_EPG}/rsprov-`));
    const names = consumed.map(({ attributes }) => attributes['tnVzBrCPName']);
    const used = objects.filter(({ className, dn }) => className === 'vzRsFiltAtt' && dn.includes(`/brc-${names[0]}/`));
    const filters = new Set(used.map(({ attributes }) => attributes['tnVzFilterName']));
    const entries = objects.filter(
      ({ className, dn }) => className === 'vzEntry' && [...filters].some((name) => dn.includes(`/flt-${name}/`)),
    );
    assert.ok(entries.length > 0);
    assert.deepEqual([...new Set(entries.map(({ attributes }) => attributes['etherT']))], ['ipv4']);
  });

  it('relates the EPG of the nodes by contract only, and leaves their addresses to it', () => {
    const dn = 'uni/tn-prod/ap-infra/epg-nodes';
    const snapshot = snapshotOf({ namespaces: [], nodes: [], pods: [pod], policies: [egressTo('192.0.2.0/24')] }, 1);
    const nodeEpg = { dn, prefixes: [parsePrefix('192.0.2.0/24')] };
    const options = { vlanPool: ADMINS.vlanPool, foreignEpgs: [], nodeEpg };
    const desired = mapFabric(compile(snapshot, EMPTY_ALLOCATION, options), ADMINS);
    const objects = flatten(desired.tree, '');
    const below = objects.filter((object) => object.dn.startsWith(`${dn}/`) && !object.dn.includes('annotationKey'));
    assert.deepEqual(below.map(({ className }) => className).sort(), ['fvRsCons', 'fvRsProv']);
    assert.ok(desired.references.includes(dn), 'it must be there already');
    const prefixes = objects.flatMap(({ className, attributes }) =>
      className === 'l3extSubnet' ? [attributes['ip']] : [],
    );
    assert.deepEqual(prefixes, ['0.0.0.0/1', '128.0.0.0/1']);
  });

  it('names every admin’s object that must be there, and puts the cluster’s name before what is shared', () => {
    const { desired, objects } = mapped([egressTo('10.20.0.0/24')], ADMINS);
    assert.deepEqual(desired.references, [
      'uni/tn-prod',
      'uni/tn-prod/ctx-prod',
      'uni/tn-prod/out-internet',
      'uni/infra/vlanns-[k8s-test]-static',
    ]);
    const shared = objects.filter(({ className }) => ['vzBrCP', 'vzFilter', 'l3extInstP'].includes(className));
    assert.ok(shared.length > 3);
    for (const { attributes } of shared) assert.match(attributes['name'] ?? '', /^test_/);
  });
});
