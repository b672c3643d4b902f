import assert from 'node:assert/strict';
import { encodePolicy, groupPools, mapFabric, nodePolicies, recoverAllocation } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { type Allocation, EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compile } from '#policy';
import { OWN_FABRIC } from '#support/settings';

// Three hosts: n1 on a port of leaf 101, n2 on a bundle of the pair 101 and 102, n3 on a port of leaf 103.
const N1 = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const N2 = 'topology/pod-1/protpaths-101-102/pathep-[vpc-n2]';
const N3 = 'topology/pod-1/paths-103/pathep-[eth1/3]';
const PATHS: FabricSettings = {
  ...OWN_FABRIC,
  encoding: 'path',
  hostPaths: [
    { nodes: 'n*', paths: ['topology/pod-1/protpaths-101-102/pathep-[vpc-{node}]'] },
    { nodes: 'n1', paths: [N1] },
    { nodes: 'n3', paths: [N3] },
  ],
};

interface PodSetting {
  readonly name: string;
  readonly namespace: string;
  readonly node?: string;
  readonly address?: string;
  readonly phase?: string;
}

function pod({ name, namespace, node, address, phase = 'Pending' }: PodSetting): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name.split('-')[0] ?? '' } },
    spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
    status: address === undefined ? { phase } : { phase: 'Running', podIPs: [{ ip: address }] },
  };
}

const PODS: readonly PodSetting[] = [
  { namespace: 'shop', name: 'web-1', node: 'n1', address: '10.244.0.2' },
  { namespace: 'shop', name: 'web-2', node: 'n2', address: '10.244.0.3' },
  { namespace: 'shop', name: 'web-3', node: 'n1', address: '10.244.0.4' },
  { namespace: 'bank', name: 'vault-1', node: 'n3', address: '10.244.0.5' },
  { namespace: 'bank', name: 'vault-2', node: 'n2', address: '10.244.0.6' },
];

function encoded(pods: readonly PodSetting[], settings = PATHS, remembered: Allocation = EMPTY_ALLOCATION) {
  const namespaces = ['shop', 'bank', 'idle'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  const snapshot = snapshotOf({ namespaces, nodes: [], pods: pods.map(pod), policies: [] }, 1);
  const policy = compile(snapshot, remembered, { ...groupPools(settings), foreignEpgs: [] });
  const { compiled, encoding } = encodePolicy(policy, snapshot, settings);
  const objects = flatten(mapFabric(compiled, settings, { encoding }).tree, '');
  const slices = nodePolicies(compiled, snapshot, settings, encoding);
  return { compiled, encoding, objects, slices };
}

/** `group path encap` of every binding on a path. */
const bindings = (objects: readonly FlatObject[]): readonly string[] =>
  objects.flatMap(({ className, dn, attributes: { tDn = '', encap = '' } }) =>
    className === 'fvRsPathAtt' ? [`${/epg-([^/]+)/.exec(dn)?.[1]} ${tDn} ${encap}`] : [],
  );

const codes = ({ compiled }: ReturnType<typeof encoded>) =>
  compiled.findings.filter(({ code }) => code !== 'POD_WITHOUT_IP').map(({ code, object }) => [code, object]);

describe('groups bound path by path', () => {
  it('are bound once on the path of each host that has a member, and nowhere else', () => {
    const { objects } = encoded(PODS);
    assert.deepEqual(
      bindings(objects).map((text) => text.split(' ').slice(0, 2)),
      [
        ['bank', N3],
        ['bank', N2],
        ['shop', N1],
        ['shop', N2],
      ],
    );
    assert.ok(
      objects.some(({ dn }) => dn.endsWith('/epg-idle')),
      'a group without pods has its EPG',
    );
    assert.ok(!objects.some(({ className }) => className === 'infraRsFuncToEpg'));
  });

  it('have one VLAN on leaves that share a path, and VLANs of their own on others', () => {
    const { objects, slices } = encoded(PODS);
    const of = (group: string, path: string): string | undefined =>
      bindings(objects)
        .find((text) => text.startsWith(`${group} ${path} `))
        ?.split(' ')[2];
    assert.equal(of('shop', N1), of('shop', N2), 'leaf 101 carries both');
    assert.notEqual(of('shop', N2), of('bank', N2));
    assert.equal(of('bank', N3), 'vlan-100', 'leaf 103 begins with the first number again');
    for (const { node, endpoints } of slices) {
      const path = { n1: N1, n2: N2, n3: N3 }[node] ?? '';
      for (const { group, vlan } of endpoints) assert.equal(`vlan-${vlan}`, of(group, path), `${group} on ${node}`);
    }
  });

  it('get their VLANs back from the bindings on the fabric', () => {
    const first = encoded(PODS);
    const rest = encoded(PODS.slice(1), PATHS, first.compiled.allocation);
    const found = new Map(rest.objects.map((object) => [object.dn, object]));
    const anew = encoded(PODS.slice(1), PATHS, recoverAllocation(found, PATHS));
    assert.deepEqual(anew.objects, rest.objects);
    assert.deepEqual(bindings(rest.objects), bindings(first.objects), 'another pod of the group is still on the host');
  });

  it('get their VNIs back from the marks on the EPGs, in either encoding', () => {
    for (const way of [PATHS, OWN_FABRIC]) {
      const settings = { ...way, vniPool: { from: 9000, to: 9100 } };
      const { objects } = encoded(PODS, settings);
      const { groups } = recoverAllocation(new Map(objects.map((object) => [object.dn, object])), settings);
      assert.deepEqual([...groups.values()].map(({ name, vni }) => `${name} ${vni}`).sort(), [
        'bank 9000',
        'idle 9001',
        'shop 9002',
      ]);
    }
  });

  it('tell of a node without a path, whose pods have no VLAN; the others are bound', () => {
    const settings = { ...PATHS, hostPaths: PATHS.hostPaths.filter(({ nodes }) => nodes !== 'n*') };
    const result = encoded(PODS, settings);
    assert.deepEqual(codes(result), [['NODE_WITHOUT_PATH', 'Node/n2']]);
    assert.equal(bindings(result.objects).length, 2);
    const slice = result.slices.find(({ node }) => node === 'n2');
    assert.deepEqual(
      slice?.endpoints.map(({ vlan }) => vlan),
      [undefined, undefined],
    );
  });

  it('tell of a leaf that has no VLAN left for a group; other leaves have one', () => {
    const result = encoded(PODS, { ...PATHS, vlanPool: { ...PATHS.vlanPool, from: 100, to: 100 } });
    assert.deepEqual(codes(result), [['VLANS_EXHAUSTED', 'Group/shop']]);
    assert.deepEqual(
      bindings(result.objects).map((text) => text.split(' ')[0]),
      ['bank', 'bank'],
    );
  });

  it('are bound on the host of a pod that has no address yet when a sibling shows its group', () => {
    const starting = [...PODS, { namespace: 'shop', name: 'web-4', node: 'n3' }];
    const { objects, slices } = encoded(starting);
    assert.ok(bindings(objects).some((text) => text.startsWith(`shop ${N3} `)));
    const known = slices.find(({ node }) => node === 'n3')?.endpoints.map(({ pod: key }) => key);
    assert.deepEqual(known, ['bank/vault-1']);
    const ended = [...PODS, { namespace: 'shop', name: 'web-5', node: 'n3', phase: 'Succeeded' }];
    assert.deepEqual(bindings(encoded(ended).objects), bindings(encoded(PODS).objects));
    const stranger = [...PODS, { namespace: 'shop', name: 'other-1', node: 'n3' }];
    assert.ok(!bindings(encoded(stranger).objects).some((text) => text.startsWith(`shop ${N3} `)));
  });

  it('leave the EPGs, their marks and the contracts byte by byte as they are when bound at the AEP', () => {
    const [atProfile, onPaths] = [encoded(PODS, OWN_FABRIC), encoded(PODS)];
    const rest = ({ objects }: { objects: readonly FlatObject[] }) =>
      objects.filter(({ dn }) => !/\/rs(funcToEpg|pathAtt)-\[/.test(dn));
    assert.deepEqual(rest(onPaths), rest(atProfile));
    assert.ok(rest(onPaths).length > 40 && bindings(onPaths.objects).length > 0);
  });

  it('are told by either encoding as they are in the tree', () => {
    for (const settings of [OWN_FABRIC, PATHS]) {
      const { encoding, objects } = encoded(PODS, settings);
      const parents = new Set(objects.map(({ dn }) => dn));
      const told = [...parents].flatMap((dn) => encoding.below(dn).map((object) => flatten(object, dn)[0]));
      assert.ok(told.length >= 2);
      assert.deepEqual(
        new Set(told),
        new Set(objects.filter(({ className }) => /^(infraRsFuncToEpg|fvRsPathAtt)$/.test(className))),
      );
      const placed = encoding.bind('shop', 'n1');
      for (const [dn, below] of placed)
        for (const one of below) assert.ok(told.some((each) => each?.dn === flatten(one, dn)[0]?.dn));
      assert.equal(placed.size, 1);
    }
  });

  it('keep the VLANs that they had at the AEP when the setting changes, and find back to them', () => {
    const first = encoded(PODS, OWN_FABRIC);
    const fabric = new Map(first.objects.map((object) => [object.dn, object]));
    const second = encoded(PODS, PATHS, recoverAllocation(fabric, PATHS));
    const vlans = ({ slices }: typeof first) => slices.map(({ endpoints }) => endpoints);
    assert.deepEqual(vlans(second), vlans(first), 'no host changes a tag');
    const onPaths = new Map(second.objects.map((object) => [object.dn, object]));
    const third = encoded(PODS, OWN_FABRIC, recoverAllocation(onPaths, OWN_FABRIC));
    assert.deepEqual(vlans(third), vlans(first));
  });
});
