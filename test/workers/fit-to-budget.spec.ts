import assert from 'node:assert/strict';
import { fabricOf } from '#mappers';
import { flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION, type Finding } from '#model/policy';
import type { FabricSettings, Limits } from '#model/settings';
import { compileOpen, policiesOf } from '#policy';
import { OWN_FABRIC } from '#support/settings';
import { type BudgetMemory, type FittedPolicy, fitToBudget } from '#workers';

// A chain of services in one namespace: each isolates its ingress and lets the one before it in, on TCP/8080.

const LABEL = 'app';

function service(index: number, isFree: boolean) {
  const namespace = 'shop';
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: `s${index}`,
      labels: { [LABEL]: `s${index}` },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name: `s${index}`, uid: `${index}`, controller: true },
      ],
    },
    spec: { containers: [{ name: 'c' }] },
    status: { phase: 'Running', podIPs: [{ ip: `10.0.0.${index + 1}` }] },
  };
  const only = {
    from: [{ podSelector: { matchLabels: { [LABEL]: `s${index - 1}` } } }],
    ports: [{ protocol: 'TCP', port: 8080 }],
  };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name: `p${index}` },
    spec: {
      podSelector: { matchLabels: { [LABEL]: `s${index}` } },
      ingress: isFree ? [{}] : [only],
    },
  };
  return { pod, policy };
}

function fit(
  services: number,
  given: {
    limits?: Partial<Limits>;
    settings?: Partial<FabricSettings>;
    before?: BudgetMemory | undefined;
    isFree?: boolean;
  },
): FittedPolicy {
  const all = Array.from({ length: services }, (_, index) => service(index, given.isFree === true));
  const objects = {
    namespaces: [],
    nodes: [],
    pods: all.map(({ pod }) => pod),
    policies: all.map(({ policy }) => policy),
  };
  const settings: FabricSettings = {
    ...OWN_FABRIC,
    ...given.settings,
    budget: { hostPortsPerLeaf: 10, limits: { ...OWN_FABRIC.budget.limits, ...given.limits } },
  };
  const { compiler, compiled } = compileOpen(snapshotOf(objects, 1), EMPTY_ALLOCATION, {
    vlanPool: settings.vlanPool,
    foreignEpgs: [],
    preSplit: true,
  });
  return fitToBudget(compiled, { settings, policiesOf: policiesOf(compiler), before: given.before });
}

const usedOf = ({ forecast }: FittedPolicy, wanted: string): number =>
  forecast.find(({ resource }) => resource === wanted)?.used ?? Number.NaN;

/** Codes of findings that are about limits. */
const codesOf = ({ hosts }: FittedPolicy): ReadonlySet<string> =>
  new Set(hosts.findings.map(({ code }) => code).filter((code) => !OF_PROTOCOLS.has(code)));

const OF_PROTOCOLS: ReadonlySet<string> = new Set(['UDP_REVERSE', 'SCTP_PORTS']);

const findingOf = ({ hosts }: FittedPolicy, object: string): Finding | undefined =>
  hosts.findings.find((finding) => finding.object === object);

/** Entries of the policy memory that ten services take when nothing is done. */
const plainEntries = usedOf(fit(10, {}), 'policyEntriesPerLeaf');

describe('fitting a policy into the fabric', () => {
  it('changes nothing and says nothing within the limits', () => {
    const fitted = fit(10, {});
    assert.equal(fitted.memory.escalations.size, 0);
    assert.equal(fitted.joined.of.size, 0);
    assert.equal(fitted.fabric.groups, fitted.hosts.groups);
    assert.deepEqual([...codesOf(fitted)], []);
  });

  it('permits established TCP for the whole VRF first when rules are too many', () => {
    const fitted = fit(10, { limits: { policyEntriesPerLeaf: plainEntries - 1 } });
    assert.deepEqual([...fitted.memory.escalations], ['established']);
    assert.equal(fitted.joined.of.size, 0);
    assert.ok(usedOf(fitted, 'policyEntriesPerLeaf') < plainEntries);
    assert.deepEqual([...codesOf(fitted)].sort(), ['ACK_PROBE', 'LIMIT']);
    const limit = findingOf(fitted, 'Limit/policyEntriesPerLeaf');
    assert.equal(limit?.severity, 'warning');
    assert.match(limit.message, new RegExp(`take ${plainEntries} of ${plainEntries - 1}, now \\d+: established TCP`));
    const contracts = flatten(fabricOf(fitted.mapper, OWN_FABRIC).tree, '').map(({ dn }) => dn);
    assert.ok(contracts.some((dn) => dn.endsWith('/brc-vrf-established')));
  });

  it('joins groups at once where an admin wants no vzAny', () => {
    const settings = { vzAnyContracts: 'never' as const };
    const limit = plainEntries - 5;
    const fitted = fit(10, { settings, limits: { policyEntriesPerLeaf: limit } });
    assert.equal(fitted.memory.escalations.size, 0);
    assert.ok(fitted.joined.of.size > 0);
    assert.ok(usedOf(fitted, 'policyEntriesPerLeaf') <= limit);
    assert.deepEqual([...codesOf(fitted)].sort(), ['FABRIC_APPROXIMATED', 'LIMIT']);
  });

  it('opens free groups by vzAny when established TCP for the whole VRF helps nothing', () => {
    const explicit = fit(12, { isFree: true });
    assert.equal(explicit.mapper.memory.rendering, 'explicit');
    const limit = usedOf(explicit, 'policyEntriesPerLeaf') - 1;
    const fitted = fit(12, { isFree: true, limits: { policyEntriesPerLeaf: limit } });
    assert.deepEqual([...fitted.memory.escalations], ['vzAny']);
    assert.equal(fitted.mapper.memory.rendering, 'vzAny');
    assert.deepEqual([...codesOf(fitted)], ['LIMIT']);
    const never = {
      isFree: true,
      limits: { policyEntriesPerLeaf: limit },
      settings: { vzAnyContracts: 'never' as const },
    };
    assert.equal(fit(12, never).mapper.memory.rendering, 'explicit');
  });

  it('neither permits established TCP nor uses vzAny for VLANs: it joins groups', () => {
    const fitted = fit(10, { limits: { vlansPerLeaf: 6 } });
    assert.equal(fitted.memory.escalations.size, 0);
    assert.equal(usedOf(fitted, 'vlansPerLeaf'), 6);
    assert.equal(usedOf(fitted, 'endpointGroups'), 5);
    const message = findingOf(fitted, 'Limit/vlansPerLeaf')?.message ?? '';
    assert.match(
      message,
      /take 12 of 6, now 6: \d+ groups are joined to \d+ in the fabric\. Set fabric\.encoding to path/,
    );
  });

  it('names the policies that the fabric does not keep exactly, with the groups', () => {
    const fitted = fit(3, { limits: { endpointGroups: 1 } });
    const finding = fitted.hosts.findings.find(
      ({ code, object }) => code === 'FABRIC_APPROXIMATED' && object === 'NetworkPolicy/shop/p0',
    );
    assert.ok(finding !== undefined);
    assert.match(finding.message, /\(shop, shop\.s0, shop\.s1, shop\.s2\) as one group/);
  });

  it('gives groups without a VLAN that of another one, and takes their finding back', () => {
    const fitted = fit(10, { settings: { vlanPool: { ...OWN_FABRIC.vlanPool, from: 100, to: 103 } } });
    const codes = codesOf(fitted);
    assert.ok(!codes.has('VLANS_EXHAUSTED'));
    assert.match(findingOf(fitted, 'Limit/vlanPool')?.message ?? '', /take 11 of 4, now 4/);
    for (const group of fitted.hosts.groups) assert.ok(group.kind !== 'pods' || group.vlan !== undefined, group.name);
    assert.equal(fitted.hosts.groups.filter(({ kind }) => kind === 'pods').length, 11, 'hosts keep every group');
  });

  it('says so when nothing helps', () => {
    const fitted = fit(3, { limits: { policyEntriesPerLeaf: 1 } });
    const finding = findingOf(fitted, 'Limit/policyEntriesPerLeaf');
    assert.equal(finding?.severity, 'error');
    assert.match(finding.message, /that is not enough/);
    assert.equal(fitted.fabric.groups.filter(({ kind }) => kind === 'pods').length, 1);
  });

  describe('at the limit', () => {
    /** What is over by one, and what is a little below: neither may change anything from one time to the next. */
    it('keeps an escalation until the use without it is well below', () => {
      const limit = plainEntries - 1;
      const first = fit(10, { limits: { policyEntriesPerLeaf: limit } });
      const near = Math.floor(plainEntries / 0.95);
      const second = fit(10, { limits: { policyEntriesPerLeaf: near }, before: first.memory });
      assert.deepEqual([...second.memory.escalations], ['established']);
      assert.ok(codesOf(second).has('LIMIT'), 'it says why');
      const fresh = fit(10, { limits: { policyEntriesPerLeaf: near } });
      assert.equal(fresh.memory.escalations.size, 0, 'by itself it would not be escalated');
      const far = Math.ceil(plainEntries / 0.85);
      const third = fit(10, { limits: { policyEntriesPerLeaf: far }, before: second.memory });
      assert.equal(third.memory.escalations.size, 0);
    });

    it('keeps groups joined until they would fit well, and one more joins as few as needed', () => {
      const ten = fit(10, { limits: { endpointGroups: 9 } });
      const eleven = fit(11, { limits: { endpointGroups: 9 }, before: ten.memory });
      for (const [group, name] of ten.joined.of) assert.equal(eleven.joined.of.get(group), name);
      const nine = fit(8, { limits: { endpointGroups: 9 }, before: ten.memory });
      assert.ok(nine.joined.of.size > 0, 'nine groups of nine');
      const few = fit(6, { limits: { endpointGroups: 9 }, before: nine.memory });
      assert.equal(few.joined.of.size, 0);
      assert.deepEqual([...codesOf(few)], []);
    });

    it('keeps groups that were joined for rules', () => {
      const settings = { vzAnyContracts: 'never' as const };
      const first = fit(10, { settings, limits: { policyEntriesPerLeaf: plainEntries - 5 } });
      const near = Math.floor(plainEntries / 0.95);
      const second = fit(10, { settings, limits: { policyEntriesPerLeaf: near }, before: first.memory });
      assert.deepEqual(second.joined, first.joined);
      const far = Math.ceil(plainEntries / 0.85);
      const third = fit(10, { settings, limits: { policyEntriesPerLeaf: far }, before: second.memory });
      assert.equal(third.joined.of.size, 0);
    });
  });
});
