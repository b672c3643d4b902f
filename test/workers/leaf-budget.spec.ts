import assert from 'node:assert/strict';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION, type Finding } from '#model/policy';
import { DEFAULT_LIMITS, type FabricSettings, type Limits } from '#model/settings';
import { compileOpen, policiesOf } from '#policy';
import { OWN_FABRIC } from '#support/settings';
import { type BudgetMemory, type FabricPolicy, fabricPolicy } from '#workers';
import { mostGroupsAtProfile } from '../../workers/budget/limit-advice.js';

// Six services on each of two hosts, each host behind a leaf of its own. Each service lets the next one on its host in.

const SERVICES = 6;
const HOSTS = ['left', 'right'] as const;

const nameOf = (host: string, index: number): string => `${host}-${index % SERVICES}`;

const pods = HOSTS.flatMap((host, at) =>
  Array.from({ length: SERVICES }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: nameOf(host, index), labels: { app: nameOf(host, index) } },
    spec: { nodeName: host, containers: [{ name: 'c' }] },
    status: { phase: 'Running', podIPs: [{ ip: `10.0.${at}.${index + 1}` }] },
  })),
);

const policies = HOSTS.flatMap((host) =>
  Array.from({ length: SERVICES }, (_, index) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: nameOf(host, index) },
    spec: {
      podSelector: { matchLabels: { app: nameOf(host, index) } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: nameOf(host, index + 1) } } }], ports: [{ port: 8080 + index }] },
      ],
      egress: [{ to: [{ podSelector: { matchLabels: { app: nameOf(host, index + SERVICES - 1) } } }] }],
    },
  })),
);

interface Given {
  readonly limits?: Partial<Limits>;
  readonly settings?: Partial<FabricSettings>;
  readonly before?: BudgetMemory;
}

function fit({ limits = {}, settings: given = {}, before }: Given): FabricPolicy {
  const settings: FabricSettings = {
    ...OWN_FABRIC,
    encoding: 'path',
    hostPaths: HOSTS.map((host, at) => ({ nodes: host, paths: [`topology/pod-1/paths-${101 + at}/pathep-[eth1/1]`] })),
    ...given,
    budget: { hostPortsPerLeaf: 10, limits: { ...OWN_FABRIC.budget.limits, ...limits } },
  };
  const snapshot = snapshotOf({ namespaces: [], nodes: [], pods, policies }, 1);
  const { compiler, compiled } = compileOpen(snapshot, EMPTY_ALLOCATION, {
    vlanPool: settings.encoding === 'aep' ? settings.vlanPool : undefined,
    foreignEpgs: [],
  });
  return fabricPolicy(compiled, snapshot, { settings, policiesOf: policiesOf(compiler), before });
}

const usedOf = ({ forecast }: FabricPolicy, wanted: string): number =>
  forecast.find(({ resource }) => resource === wanted)?.used ?? Number.NaN;

const limitOf = ({ hosts }: FabricPolicy, resource: string): Finding | undefined =>
  hosts.findings.find(({ code, object }) => code === 'LIMIT' && object === `Limit/${resource}`);

/** Names of groups that are joined, by the fabric's group. */
const joinedIn = ({ joined }: FabricPolicy): readonly string[] => [...joined.of.keys()].sort();

describe('fitting groups behind leaves', () => {
  it('judges the rules by the fullest leaf, not by the whole VRF', () => {
    const plain = fit({});
    const wholeVrf = fit({ settings: { encoding: 'aep' } });
    const [entries, all] = [usedOf(plain, 'policyEntriesPerLeaf'), usedOf(wholeVrf, 'policyEntriesPerLeaf')];
    assert.ok(entries < all * 0.6, `${entries} of ${all}`);
    assert.equal(fit({ limits: { policyEntriesPerLeaf: entries } }).memory.escalations.size, 0);
  });

  it('permits established TCP for the whole VRF when the rules of a leaf are too many, then joins groups', () => {
    const entries = usedOf(fit({}), 'policyEntriesPerLeaf');
    const tight = fit({ limits: { policyEntriesPerLeaf: entries - 1 } });
    assert.deepEqual([...tight.memory.escalations], ['established']);
    assert.deepEqual(joinedIn(tight), []);
    assert.match(limitOf(tight, 'policyEntriesPerLeaf')?.message ?? '', /Spread the pods over more leaves/);
    const tighter = fit({
      limits: { policyEntriesPerLeaf: entries - 1 },
      settings: { vzAnyContracts: 'never' },
    });
    assert.equal(tighter.memory.escalations.size, 0);
    assert.ok(joinedIn(tighter).length > 0);
    assert.ok(usedOf(tighter, 'policyEntriesPerLeaf') < entries);
  });

  it('joins groups behind the leaf that has too few VLANs, and no others', () => {
    const paths = [
      {
        nodes: 'left',
        paths: ['topology/pod-1/paths-101/pathep-[eth1/1]', 'topology/pod-1/paths-101/pathep-[eth1/2]'],
      },
      { nodes: 'right', paths: ['topology/pod-1/paths-102/pathep-[eth1/1]'] },
    ];
    const tight = fit({ limits: { portVlansPerLeaf: 10 }, settings: { hostPaths: paths } });
    assert.ok(joinedIn(tight).length > 0);
    assert.ok(joinedIn(tight).every((name) => name.startsWith('shop') && !isOn(tight, name, 'right')));
    assert.equal(usedOf(tight, 'portVlansPerLeaf'), 10);
  });

  it('joins groups when the pool has too few VLANs for what is behind one leaf', () => {
    const vlanPool = { ...OWN_FABRIC.vlanPool, from: 100, to: 103 };
    const tight = fit({ settings: { vlanPool } });
    assert.equal(usedOf(tight, 'vlanPool'), 4);
    assert.match(limitOf(tight, 'vlanPool')?.message ?? '', /take 6 of 4, now 4: .*spread the pods/);
    assert.ok(!tight.hosts.findings.some(({ code }) => code === 'VLANS_EXHAUSTED'));
    assert.deepEqual(fit({ settings: { vlanPool }, before: tight.memory }).joined, tight.joined);
  });
});

describe('what bindings at the AEP are good for', () => {
  const withGoodFor = (groups: number): FabricPolicy =>
    fit({ settings: { encoding: 'aep' }, limits: { vlansPerLeaf: Math.ceil((groups * 3960) / 3000) } });
  const groups = usedOf(fit({ settings: { encoding: 'aep' } }), 'endpointGroups');

  it('is min(3,000, 55,000 / host ports per leaf) with the limits that a fabric has by default', () => {
    const most = [1, 10, 18, 19, 48].map((hostPortsPerLeaf) =>
      mostGroupsAtProfile({ hostPortsPerLeaf, limits: DEFAULT_LIMITS }),
    );
    assert.deepEqual(most, [3000, 3000, 3000, 2894, 1145]);
  });

  it('is said when it is exceeded, before anything is over its limit', () => {
    const finding = limitOf(withGoodFor(groups - 1), 'encoding');
    assert.equal(finding?.severity, 'warning');
    assert.match(finding.message, /Set fabric\.encoding to path/);
  });

  it('is said from nine tenths of it on, as information', () => {
    assert.equal(limitOf(withGoodFor(groups), 'encoding')?.severity, 'info');
    assert.equal(limitOf(withGoodFor(Math.ceil(groups / 0.9) + 1), 'encoding'), undefined);
  });

  it('is no matter where groups are bound on paths', () => {
    assert.equal(limitOf(fit({ limits: { vlansPerLeaf: 9 } }), 'encoding'), undefined);
  });
});

/** Whether a pod of the group runs on the host. */
const isOn = ({ hosts }: FabricPolicy, group: string, host: string): boolean =>
  [...hosts.membership].some(([pod, name]) => name === group && pod.startsWith(`shop/${host}-`));
