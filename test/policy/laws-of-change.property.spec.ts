import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mapFabric } from '#mappers';
import { toWire } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { formatAddress, formatConn, formatPrefix, parseAddress, parsePrefix } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { type CompileOptions, compile } from '#policy';
import { clusterArbitrary, type GeneratedCluster, networkPolicyClusters } from '#support/cluster-arbitrary';
import {
  addressesOf,
  explicit,
  explicitTypes,
  type LabelMap,
  type NamedPolicy,
  type PolicyBody,
  policiesOf,
  rewriteAllPeers,
  rewritePods,
  rewritePorts,
  rewriteSelectors,
  rewriteSpecs,
  type SelectorBody,
  withAddresses,
  withPolicies,
} from '#support/policy-rewriting';
import { OWN_FABRIC } from '#support/settings';
import { smallClusterInputs } from '#support/small-cluster';
import { rewriteTiered, rewriteTieredPeers, rewriteTieredSelectors } from '#support/tiered-rewriting';
import {
  type ClusterObjects,
  compileObjects,
  gained,
  OUTSIDE_ADDRESSES,
  tableText,
  type VerdictTable,
  verdictTable,
  WIDE_POOL,
} from '#support/verdict-table';

// Laws of policy.md §4.6 by which a change of the cluster changes what may be opened, or does not. They need no oracle.

/** Every way in which groups are cut: names and members must be stable in each. */
const WAYS: readonly CompileOptions[] = (['namespace', 'none'] as const).flatMap((groupBoundary) =>
  [true, false].map((preSplit) => ({ ...WIDE_POOL, groupBoundary, preSplit })),
);

const added = (objects: ClusterObjects, ...policies: readonly NamedPolicy[]): ClusterObjects =>
  withPolicies(objects, [...policiesOf(objects), ...policies]);

/** Addresses of the pods that a selector of a policy in the namespace selects; computed for `{app: a}` and `{}` alone. */
const selected = ({ endpoints }: GeneratedCluster, namespace: string, labels: LabelMap): ReadonlySet<string> =>
  new Set(
    endpoints
      .filter(({ endpoint }) => endpoint.namespace === namespace)
      .filter(({ endpoint }) => Object.entries(labels).every(([key, value]) => endpoint.labels?.[key] === value))
      .flatMap(({ ips }) => ips),
  );

const SUBJECTS: readonly LabelMap[] = [{}, { app: 'a' }, { app: 'b' }, { tier: '' }];
const subject = fc.record({
  namespace: fc.constantFrom('x', 'y'),
  labels: fc.constantFrom(...SUBJECTS),
  type: fc.constantFrom('Ingress' as const, 'Egress' as const),
});

describe('what a change does to the policy', () => {
  it('3: one more rule that allows takes nothing away, and the rule that allows all gives all', () => {
    let grown = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.nat(), fc.boolean(), ({ objects }, pick, whole) => {
        fc.pre(objects.policies.length > 0);
        const chosen = pick % objects.policies.length;
        const more = whole ? {} : { ports: [{ protocol: 'TCP', port: 8080 }] };
        const before = verdictTable(objects);
        const after = verdictTable(
          withPolicies(
            objects,
            policiesOf(objects).map((policy, index) => {
              const spec = explicit(policy.spec);
              const field = explicitTypes(spec)[0]?.toLowerCase() as 'ingress' | 'egress';
              return index === chosen
                ? { ...policy, spec: { ...spec, [field]: [...(spec[field] ?? []), more] } }
                : policy;
            }),
          ),
        );
        assert.deepEqual(gained(after, before), []);
        if (gained(before, after).length > 0) grown += 1;
      }),
      { numRuns: 200 },
    );
    assert.ok(grown > 12, `only ${grown} rules allowed anything new`);
  });

  it('4: one more policy without rules only takes away, only from its pods, only in its direction', () => {
    let shrunk = 0;
    fc.assert(
      fc.property(clusterArbitrary, subject, (cluster, { namespace, labels, type }) => {
        const deny = { podSelector: { matchLabels: labels }, policyTypes: [type] };
        const before = verdictTable(cluster.objects);
        const after = verdictTable(added(cluster.objects, { namespace, name: 'deny', spec: deny }));
        assert.deepEqual(gained(before, after), []);
        const lost = gained(after, before);
        const subjects = selected(cluster, namespace, labels);
        for (const pair of lost) {
          const [source = '', destination = ''] = pair.split(' > ');
          assert.ok(subjects.has(type === 'Ingress' ? destination : source), `${pair} was lost`);
        }
        if (lost.length > 0) shrunk += 1;
      }),
      { numRuns: 300 },
    );
    assert.ok(shrunk > 12, `only ${shrunk} policies took anything away`);
  });

  it('5: deny all and allow all is allow all: nobody can tell, though the pods are isolated', () => {
    fc.assert(
      fc.property(networkPolicyClusters, subject, (cluster, { namespace, labels, type }) => {
        const policy = (name: string, rules: readonly object[]): NamedPolicy => ({
          namespace,
          name,
          spec: { podSelector: { matchLabels: labels }, policyTypes: [type], [type.toLowerCase()]: rules },
        });
        const allowing = added(cluster.objects, policy('allow', [{}]));
        const both = added(cluster.objects, policy('deny', []), policy('allow', [{}]));
        assert.deepEqual(tableText(verdictTable(both)), tableText(verdictTable(allowing)));
        const bare = withPolicies(cluster.objects, []);
        const alone = added(bare, policy('deny', []), policy('allow', [{}]));
        assert.deepEqual(tableText(verdictTable(alone)), tableText(verdictTable(bare)));
        const isolated = compileObjects(alone).groups.flatMap((group) =>
          group.kind === 'pods' && group[type === 'Ingress' ? 'ingress' : 'egress'].isolated ? group.members : [],
        );
        const subjects = selected(cluster, namespace, labels);
        const expected = cluster.endpoints.filter(({ ips }) => ips.some((ip) => subjects.has(ip)));
        assert.deepEqual(new Set(isolated), new Set(expected.map(({ key }) => key)));
      }),
      { numRuns: 100 },
    );
  });

  it('8: another key or another value for a label, everywhere, changes nothing', () => {
    const renamedLabels = (labels: LabelMap): LabelMap =>
      Object.fromEntries(
        Object.entries(labels).map(([key, value]) => [
          key === 'app' ? 'example.org/application' : key,
          value === 'a' ? 'alpha' : value,
        ]),
      );
    const renamed = ({ matchLabels, matchExpressions }: SelectorBody): SelectorBody => ({
      ...(matchLabels === undefined ? {} : { matchLabels: renamedLabels(matchLabels) }),
      ...(matchExpressions === undefined
        ? {}
        : {
            matchExpressions: matchExpressions.map(({ key, values, ...rest }) => ({
              ...rest,
              key: key === 'app' ? 'example.org/application' : key,
              ...(values === undefined ? {} : { values: values.map((value) => (value === 'a' ? 'alpha' : value)) }),
            })),
          }),
    });
    const onObject = (object: KubernetesObject): KubernetesObject => ({
      ...object,
      metadata: { ...object.metadata, labels: renamedLabels(object.metadata.labels ?? {}) },
    });
    fc.assert(
      fc.property(clusterArbitrary, ({ objects }) => {
        const specs = rewriteSpecs(objects, (spec) => rewriteSelectors(spec, renamed));
        const { policies, tieredPolicies } = rewriteTiered(specs, (spec) => rewriteTieredSelectors(spec, renamed));
        const [pods, namespaces] = [objects.pods.map(onObject), objects.namespaces.map(onObject)];
        const other = { policies, tieredPolicies, pods, namespaces, nodes: objects.nodes };
        assert.deepEqual(tableText(verdictTable(other)), tableText(verdictTable(objects)));
      }),
      { numRuns: 150 },
    );
  });

  it('9: a label that no policy mentions, and a namespace that none touches, change no byte of what there was', () => {
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom(...WAYS), ({ objects }, options) => {
        const before = compileObjects(objects, options);
        const labelled = rewritePods(objects, (pod, index) => ({
          ...pod,
          metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, 'pod-template-hash': `${index % 3}` } },
        }));
        assert.equal(bytesOf(compileObjects(labelled, options)), bytesOf(before));
        const empty = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'aaa', labels: { team: 'none' } } };
        const more = { ...objects, namespaces: [empty, ...objects.namespaces] };
        const after = compile(snapshotOf(more, 1), before.allocation, options);
        const without = {
          ...after,
          groups: after.groups.filter(({ name }) => name !== 'aaa'),
          allocation: {
            ...after.allocation,
            groups: new Map([...after.allocation.groups].filter(([name]) => name !== 'aaa')),
          },
        };
        assert.equal(bytesOf(without), bytesOf(before));
      }),
      { numRuns: 150 },
    );
  });

  it('10: a copy of a pod joins its group, and nobody else moves', () => {
    let cloned = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.nat(), fc.constantFrom(...WAYS), ({ objects }, pick, options) => {
        const index = pick % objects.pods.length;
        const pod = objects.pods[index];
        const before = compileObjects(objects, options);
        const twin = twinAddresses(index);
        const group = pod === undefined ? undefined : before.membership.get(keyOf(pod));
        if (pod === undefined || group === undefined || twin === undefined) return;
        const copy = withAddresses({ ...pod, metadata: { ...pod.metadata, name: 'copy' } }, twin);
        const after = compile(snapshotOf({ ...objects, pods: [...objects.pods, copy] }, 1), before.allocation, options);
        assert.equal(after.membership.get(keyOf(copy)), group);
        for (const [key, own] of before.membership) assert.equal(after.membership.get(key), own);
        assert.deepEqual(after.pairs, before.pairs);
        assert.equal(wireOf(after), wireOf(before), 'the fabric has nothing to do for it');
        cloned += 1;
      }),
      { numRuns: 200 },
    );
    assert.ok(cloned > 30, `only ${cloned} pods could be copied`);
  });

  it('10: nor do the reasons change their order, whichever pod of the group has which policies', () => {
    const everything = { policyTypes: ['Ingress', 'Egress'], ingress: [{}] };
    const pods = {
      'x/pod-0': { labels: { app: 'a' }, ips: ['10.0.0.1', '2001:db8::1'] },
      'x/pod-1': { ips: ['10.0.0.2'] },
      'x/pod-2': { ips: ['10.0.0.3', '2001:db8::3'] },
    };
    const copied = { ...pods, 'x/copy': { ips: ['10.0.0.9', '2001:db8::9'] } };
    const policies = {
      'x/policy-0': { podSelector: { matchLabels: { app: 'a' } }, ...everything },
      'x/policy-1': { podSelector: {}, ...everything },
    };
    const rule = { action: 'Accept', to: [{ networks: ['2001:db8::/64'] }] } as const;
    const subject = { pods: { namespaceSelector: {}, podSelector: {} } };
    const tiered = {
      'ClusterNetworkPolicy/tiered-0': { tier: 'Admin', priority: 0, subject, ingress: [], egress: [rule] },
    };
    for (const options of WAYS) {
      const compiled = (some: typeof pods, allocation = EMPTY_ALLOCATION): CompiledPolicy =>
        compile(
          snapshotOf(smallClusterInputs({ title: 'reasons', pods: some, policies, tiered }), 1),
          allocation,
          options,
        );
      const before = compiled(pods);
      const after = compiled(copied, before.allocation);
      assert.deepEqual(after.pairs, before.pairs);
    }
  });

  it('11: two pods of one namespace that exchange their names exchange nothing else', () => {
    fc.assert(
      fc.property(clusterArbitrary, ({ objects }) => {
        const names = new Map<string, string>();
        for (const namespace of ['x', 'y']) {
          const own = objects.pods.filter(({ metadata }) => metadata.namespace === namespace);
          for (const [index, pod] of own.entries()) {
            names.set(keyOf(pod), own[own.length - 1 - index]?.metadata.name ?? pod.metadata.name);
          }
        }
        const swapped = rewritePods(objects, (pod) => ({
          ...pod,
          metadata: { ...pod.metadata, name: names.get(keyOf(pod)) ?? pod.metadata.name },
        }));
        assert.deepEqual(tableText(verdictTable(swapped)), tableText(verdictTable(objects)));
      }),
      { numRuns: 150 },
    );
  });

  it('16: ingress and egress exchanged in all policies transpose the matrix', () => {
    const exchanged = (given: PolicyBody): PolicyBody => {
      const { podSelector, policyTypes, ingress, egress } = explicit(numbered(given));
      return {
        podSelector,
        policyTypes: policyTypes?.map((type) => (type === 'Ingress' ? 'Egress' : 'Ingress')) ?? [],
        ...(egress === undefined
          ? {}
          : { ingress: egress.map(({ to, ...rest }) => ({ ...rest, ...(to && { from: to }) })) }),
        ...(ingress === undefined
          ? {}
          : { egress: ingress.map(({ from, ...rest }) => ({ ...rest, ...(from && { to: from }) })) }),
      };
    };
    fc.assert(
      fc.property(networkPolicyClusters, ({ objects }) => {
        const before = verdictTable(rewriteSpecs(objects, numbered));
        const after = verdictTable(rewriteSpecs(objects, exchanged));
        assert.deepEqual(tableText(transposed(after)), tableText(before));
      }),
      { numRuns: 200 },
    );
  });

  it('18: IPv4 addresses and CIDRs renumbered together keep the matrix', () => {
    fc.assert(
      fc.property(clusterArbitrary, fc.integer({ min: 1, max: 0xffff_fffe }), ({ objects }, mask) => {
        const move = (text: string): string => {
          const address = parseAddress(text);
          return formatAddress(address.family === 4 ? { family: 4, value: address.value ^ BigInt(mask) } : address);
        };
        const moveCidr = (text: string): string => {
          const { family, first, length } = parsePrefix(text);
          if (family === 6) return text;
          const bits = BigInt(32 - length);
          return formatPrefix({ family, first: ((first ^ BigInt(mask)) >> bits) << bits, length });
        };
        const pods = rewritePods(objects, (pod) => withAddresses(pod, addressesOf(pod).map(move)));
        const moved = rewriteSpecs(pods, (spec) =>
          rewriteAllPeers(spec, ({ ipBlock, ...rest }) => [
            ipBlock === undefined
              ? rest
              : { ipBlock: { cidr: moveCidr(ipBlock.cidr), except: (ipBlock.except ?? []).map(moveCidr) } },
          ]),
        );
        const tiers = rewriteTiered(moved, (spec) =>
          rewriteTieredPeers(spec, ({ networks, ...rest }) => [
            { ...rest, ...(networks === undefined ? {} : { networks: networks.map(moveCidr) }) },
          ]),
        );
        const other = { ...tiers, nodes: objects.nodes.map((node) => movedNode(node, move)) };
        const before = [...verdictTable(objects)].map(
          ([pair, set]) => `${pair.split(' > ').map(move).join(' > ')} ${formatConn(set)}`,
        );
        const after = [...verdictTable(other, { outside: OUTSIDE_ADDRESSES.map(move) })].map(
          ([pair, set]) => `${pair} ${formatConn(set)}`,
        );
        assert.deepEqual(after.sort(), before.sort());
      }),
      { numRuns: 200 },
    );
  });
});

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`;

/** Everything of the result as text, in the order in which it is. */
const bytesOf = (policy: CompiledPolicy): string =>
  JSON.stringify(policy, (_, value: unknown) =>
    value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value,
  );

const wireOf = (policy: CompiledPolicy): string => JSON.stringify(toWire(mapFabric(policy, OWN_FABRIC).tree));

/**
 * Addresses that every block of `cluster-arbitrary` treats as those of the pod at the position: below 10.0.0.0/30 there
 * is one more, 10.0.0.2 has a block of its own and no equal.
 */
function twinAddresses(index: number): readonly string[] | undefined {
  if (index === 1) return undefined;
  if (index === 5) return ['2001:db8::99'];
  const four = index < 3 ? '10.0.0.0' : '10.0.0.99';
  return index % 2 === 0 ? [four, '2001:db8::99'] : [four];
}

const movedNode = (node: KubernetesObject, move: (ip: string) => string): KubernetesObject => {
  const { addresses } = node['status'] as { readonly addresses: readonly { readonly address: string }[] };
  return { ...node, status: { addresses: addresses.map((one) => ({ ...one, address: move(one.address) })) } };
};

/** Numbers in place of port names: a name is looked up on the destination, so it cannot be transposed. */
const numbered = (spec: PolicyBody): PolicyBody =>
  rewritePorts(spec, (port) => [typeof port.port === 'string' ? { ...port, port: 80 } : port]);

const transposed = (table: VerdictTable): VerdictTable =>
  new Map([...table].map(([pair, set]) => [pair.split(' > ').reverse().join(' > '), set]));
