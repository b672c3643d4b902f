import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { formatPrefix, parsePrefix } from '#model/net';
import { EMPTY_ALLOCATION, type Finding, type Group } from '#model/policy';
import { type CompileOptions, compile, type NodeEpg, PolicyCompiler, resultOf } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { NODE_ADDRESSES, nodesArbitrary } from '#support/nodes-arbitrary';
import { OUTSIDE_ADDRESSES, tableText, verdictTable, WIDE_POOL } from '#support/verdict-table';

// Address plan: pod shop/a is 10.244.0.2; nodes n1 to n3 are 192.0.2.1 to 192.0.2.3; clients are elsewhere.
const EPG = 'uni/tn-k8s/ap-infra/epg-nodes';

const node = (name: string, ips: readonly string[], labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  status: {
    addresses: [
      ...ips.map((address) => ({ type: 'InternalIP', address })),
      { type: 'ExternalIP', address: '203.0.113.77' },
    ],
  },
});
const N1 = node('n1', ['192.0.2.1'], { disk: 'ssd' });
const N2 = node('n2', ['192.0.2.2']);
const N3 = node('n3', ['192.0.2.3'], { disk: 'ssd' });

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [] },
  status: { phase: 'Running', podIPs: [{ ip: '10.244.0.2' }] },
};

const fromBlock = (name: string, cidr: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }], ports: [{ port: 80 }] }] },
});

const denyNodes = (selector: object): KubernetesObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'no-nodes' },
  spec: {
    tier: 'Admin',
    priority: 1,
    subject: { namespaces: {} },
    egress: [{ action: 'Deny', to: [{ nodes: selector }] }],
  },
});

interface Given {
  readonly nodes?: readonly KubernetesObject[];
  readonly policies?: readonly KubernetesObject[];
  readonly tieredPolicies?: readonly KubernetesObject[];
}

const snapshot = ({ nodes = [N1, N2], policies = [], tieredPolicies = [] }: Given): ClusterSnapshot =>
  snapshotOf({ namespaces: [], nodes, pods: [pod], policies, tieredPolicies }, 1);

const options = (nodeEpg?: NodeEpg): CompileOptions => ({ ...WIDE_POOL, nodeEpg });

const compiled = (given: Given, nodeEpg?: NodeEpg) => compile(snapshot(given), EMPTY_ALLOCATION, options(nodeEpg));

/** `kind name: prefixes` of all groups that are no pods. */
const outsideOf = (groups: readonly Group[]): readonly string[] =>
  groups
    .flatMap((group) =>
      group.kind === 'pods' ? [] : [`${group.kind} ${group.name}: ${group.prefixes.map(formatPrefix).join(' ')}`],
    )
    .sort();

const ofCode = (findings: readonly Finding[], code: string) =>
  findings
    .filter((finding) => finding.code === code)
    .map(({ object, severity, message }) => ({ object, severity, message }));

const EVERYWHERE = 'external ext-0.0.0.0-1: 0.0.0.0/1 128.0.0.0/1';

describe('policy compiler: nodes', () => {
  it('are addresses like all others where nobody says in which EPG they are', () => {
    assert.deepEqual(outsideOf(compiled({}).groups), [EVERYWHERE]);
  });

  it('are a group of their own with the addresses of the Node objects, the internal ones only', () => {
    assert.deepEqual(outsideOf(compiled({}, { dn: EPG }).groups), [
      EVERYWHERE,
      'nodes nodes-tn-k8s.ap-infra.epg-nodes: 192.0.2.1/32 192.0.2.2/32',
    ]);
  });

  it('are the prefixes of the configuration where it names some', () => {
    const { groups } = compiled({}, { dn: EPG, prefixes: [parsePrefix('192.0.2.0/28')] });
    assert.deepEqual(outsideOf(groups), [EVERYWHERE, 'nodes nodes-tn-k8s.ap-infra.epg-nodes: 192.0.2.0/28']);
  });

  it('come and go: the group follows without being made anew', () => {
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, options({ dn: EPG }));
    compiler.apply(snapshot({ nodes: [N1] }));
    const nodesOf = () => outsideOf(resultOf(compiler).groups).filter((text) => text.startsWith('nodes'));
    const view = snapshot({ nodes: [N2] }).nodes.get('n2');
    const changes = compiler.apply({ nodes: new Map([['n2', view]]) });
    assert.deepEqual(nodesOf(), ['nodes nodes-tn-k8s.ap-infra.epg-nodes: 192.0.2.1/32 192.0.2.2/32']);
    assert.deepEqual([...changes.groups], ['nodes-tn-k8s.ap-infra.epg-nodes']);
    compiler.apply({ nodes: new Map([['n1', undefined]]) });
    assert.deepEqual(nodesOf(), ['nodes nodes-tn-k8s.ap-infra.epg-nodes: 192.0.2.2/32']);
    compiler.apply({ nodes: new Map([['n2', undefined]]) });
    assert.deepEqual(nodesOf(), [], 'no node, no group');
  });

  it('a policy that cuts them is named, and both parts are kept for the hosts', () => {
    const policies = [fromBlock('one', '192.0.2.1/32'), fromBlock('all', '192.0.2.0/24')];
    const { groups, findings } = compiled({ policies }, { dn: EPG });
    assert.equal(groups.filter(({ kind }) => kind === 'nodes').length, 1, 'the other policy opens the same to both');
    const cut = compiled({ policies: policies.slice(0, 1) }, { dn: EPG });
    assert.equal(cut.groups.filter(({ kind }) => kind === 'nodes').length, 2);
    assert.deepEqual(ofCode(findings, 'NODE_SPLIT'), []);
    const [finding] = ofCode(cut.findings, 'NODE_SPLIT');
    assert.deepEqual([finding?.object, finding?.severity], [`EPG/${EPG}`, 'warning']);
    assert.match(finding?.message ?? '', /\(NetworkPolicy\/shop\/one\)/);
  });

  it('an EPG of virtual machines that a policy cuts is IPBLOCK_SPLITS_EPG as before, with the policy', () => {
    const dn = 'uni/tn-k8s/ap-legacy/epg-db';
    const foreignEpgs = [{ dn, prefixes: [parsePrefix('10.20.0.0/24')] }];
    const given = snapshot({ policies: [fromBlock('half', '10.20.0.0/25')] });
    const { findings } = compile(given, EMPTY_ALLOCATION, { ...options({ dn: EPG }), foreignEpgs });
    assert.deepEqual(ofCode(findings, 'NODE_SPLIT'), []);
    assert.match(ofCode(findings, 'IPBLOCK_SPLITS_EPG')[0]?.message ?? '', /NetworkPolicy\/shop\/half/);
  });

  it('a peer that names nodes follows their labels and addresses', () => {
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, options());
    const given = { tieredPolicies: [denyNodes({ matchLabels: { disk: 'ssd' } })] };
    compiler.apply(snapshot({ ...given, nodes: [N1, N2] }));
    const denied = () => outsideOf(resultOf(compiler).groups).filter((text) => text !== EVERYWHERE);
    assert.deepEqual(denied(), ['external ext-192.0.2.1-32: 192.0.2.1/32 203.0.113.77/32']);
    compiler.apply({ nodes: snapshot({ nodes: [N3] }).nodes });
    assert.deepEqual(denied(), ['external ext-192.0.2.1-32: 192.0.2.1/32 192.0.2.3/32 203.0.113.77/32']);
    compiler.apply({ nodes: snapshot({ nodes: [node('n1', ['192.0.2.1'])] }).nodes });
    assert.deepEqual(denied(), ['external ext-192.0.2.3-32: 192.0.2.3/32 203.0.113.77/32']);
  });

  it('CNP_NODES: a warning for nodes that nobody knows, a note where the fabric has no EPG for them', () => {
    const tieredPolicies = [denyNodes({})];
    const severities = (given: Given, nodeEpg?: NodeEpg): readonly string[] =>
      ofCode(compiled(given, nodeEpg).findings, 'CNP_NODES').map(({ severity, message }) => `${severity} ${message}`);
    const [unknown] = severities({ tieredPolicies, nodes: [] });
    assert.match(unknown ?? '', /^warning spec\.egress\[0\]\.to: no Node object is known/);
    const silent = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n9' }, status: {} };
    const [without] = severities({ tieredPolicies, nodes: [N1, silent] }, { dn: EPG });
    assert.match(without ?? '', /^warning .*no address is known of n9/);
    assert.match(severities({ tieredPolicies })[0] ?? '', /^info .*fabric\.nodes/);
    assert.deepEqual(severities({ tieredPolicies }, { dn: EPG }), []);
  });

  it('SNAT_LB: once for a policy that tells sources apart by address, not for one that lets all of them in', () => {
    const findings = (cidr: string) => ofCode(compiled({ policies: [fromBlock('in', cidr)] }).findings, 'SNAT_LB');
    assert.deepEqual(
      findings('203.0.113.0/24').map(({ object, severity }) => [object, severity]),
      [['NetworkPolicy/shop/in', 'info']],
    );
    assert.deepEqual(findings('0.0.0.0/0'), []);
  });

  it('an EPG for the nodes changes nothing of what policies mean, at no address', function () {
    this.timeout(60_000);
    const epgs = fc.constantFrom<NodeEpg>({ dn: EPG }, { dn: EPG, prefixes: [parsePrefix('192.0.2.0/26')] });
    fc.assert(
      fc.property(clusterArbitrary, nodesArbitrary, epgs, fc.boolean(), (cluster, nodes, nodeEpg, preSplit) => {
        const objects = { ...cluster.objects, nodes };
        const outside = [...OUTSIDE_ADDRESSES, ...NODE_ADDRESSES, '192.0.2.63', '192.0.2.64'];
        const [without, within] = [undefined, nodeEpg].map((one) =>
          tableText(verdictTable(objects, { outside, options: { ...options(one), preSplit } })),
        );
        assert.deepEqual(within, without);
      }),
      { numRuns: 300 },
    );
  });
});
