import fc from 'fast-check';
import type { KubernetesObject } from '#model/kubernetes';
import type { Endpoint, SpecificationState } from '#policy';
import { caseOf, caseText } from './case-text.js';
import { CIDRS, labels, selector } from './selector-arbitrary.js';
import { type GeneratedTieredPolicy, tieredObject, tieredPolicy } from './tiered-arbitrary.js';

// Address plan: pods 10.0.0.1.., every second one also 2001:db8::1.., the sixth 2001:db8::6 only; outside addresses 192.0.2.1, .200, 203.0.113.9, 8.8.8.8.
// Frequencies follow policy.md §4.5: empty selectors, missing policyTypes, ipBlocks and named ports are all common.

const EXCEPT: Readonly<Record<string, readonly string[]>> = {
  '0.0.0.0/0': ['10.0.0.0/30', '192.0.2.0/24', '203.0.113.9/32'],
  '10.0.0.0/8': ['10.0.0.2/32', '10.0.0.0/30'],
  '192.0.2.0/24': ['192.0.2.128/25', '192.0.2.200/32'],
  '2001:db8::/64': ['2001:db8::2/128'],
};
/** Phases of pods that no policy sees any more (policy.md N1); one that waits, or is being deleted, still counts (N2). */
const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);
/** The address of the one node; to pods it is an outside one. */
const NODE = '203.0.113.9';
const OUTSIDE = ['192.0.2.1', '192.0.2.200', NODE, '8.8.8.8', '2001:db8:1::1'];

const block = fc.constantFrom(...CIDRS).chain((cidr) => {
  const inside = EXCEPT[cidr];
  if (inside === undefined) return fc.constant({ cidr });
  return fc.record(
    { cidr: fc.constant(cidr), except: fc.uniqueArray(fc.constantFrom(...inside), { maxLength: 2 }) },
    { requiredKeys: ['cidr'] },
  );
});
const peer = fc.oneof(
  { weight: 2, arbitrary: fc.record({ podSelector: selector }) },
  { weight: 2, arbitrary: fc.record({ namespaceSelector: selector }) },
  { weight: 2, arbitrary: fc.record({ namespaceSelector: selector, podSelector: selector }) },
  { weight: 3, arbitrary: fc.record({ ipBlock: block }) },
);
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const port = fc.oneof(
  fc.record({ protocol }, { requiredKeys: [] }),
  fc.record({ protocol, port: fc.constantFrom(53, 80, 81, 8080) }, { requiredKeys: ['port'] }),
  fc.record(
    { protocol, port: fc.constantFrom(80, 8000), endPort: fc.constantFrom(8000, 8080) },
    { requiredKeys: ['port', 'endPort'] },
  ),
  fc.record({ protocol, port: fc.constantFrom('web', 'dns', 'ghost') }, { requiredKeys: ['port'] }),
);
const rule = (peers: 'from' | 'to'): fc.Arbitrary<object> =>
  fc.record(
    { [peers]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
/** A field that is missing in that many of a hundred cases; shrinking drops it first. */
const missing = <Value>(percent: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: percent, arbitrary: fc.constant(undefined) },
    { weight: 100 - percent, arbitrary },
  );
const spec = fc
  .record({
    podSelector: selector,
    policyTypes: fc.oneof(
      { weight: 12, arbitrary: fc.constant(undefined) },
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 84, arbitrary: fc.subarray(['Ingress', 'Egress'], { minLength: 1 }) },
    ),
    ingress: missing(25, fc.array(rule('from'), { maxLength: 2 })),
    egress: missing(25, fc.array(rule('to'), { maxLength: 2 })),
  })
  .map((fields): object => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
const containerPort = fc.record({
  name: fc.constantFrom('web', 'dns'),
  containerPort: fc.constantFrom(53, 80, 8080),
  protocol: fc.constantFrom('TCP', 'UDP'),
});
const pod = fc.record({
  namespace: fc.constantFrom('x', 'y'),
  labels,
  ports: fc.array(containerPort, { maxLength: 2 }),
  hostNetwork: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  phase: fc.oneof(
    { weight: 17, arbitrary: fc.constant('Running') },
    { weight: 1, arbitrary: fc.constant('Pending') },
    { weight: 1, arbitrary: fc.constant('Succeeded') },
    { weight: 1, arbitrary: fc.constant('Failed') },
  ),
  terminating: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  workload: fc.constantFrom(undefined, 'one', 'two'),
});

/** A cluster as API objects, with the same thing as the oracle sees it. */
export interface GeneratedCluster {
  readonly objects: {
    readonly namespaces: readonly KubernetesObject[];
    readonly nodes: readonly KubernetesObject[];
    readonly pods: readonly KubernetesObject[];
    readonly policies: readonly KubernetesObject[];
    readonly tieredPolicies: readonly KubernetesObject[];
  };
  readonly state: SpecificationState;
  /** Pods that are policy endpoints, and outside addresses. */
  readonly endpoints: readonly { readonly key: string; readonly ips: readonly string[]; readonly endpoint: Endpoint }[];
}

/** Random clusters; names and addresses come from the position, so that shrinking keeps them. */
export const clusterArbitrary: fc.Arbitrary<GeneratedCluster> = fc
  .record({
    namespaceLabels: fc.record({ x: labels, y: labels }),
    pods: fc.array(pod, { minLength: 1, maxLength: 6 }),
    policies: fc.array(fc.record({ namespace: fc.constantFrom('x', 'y'), spec }), { maxLength: 4 }),
    tiered: fc.array(tieredPolicy, { maxLength: 3 }),
    nodeLabels: labels,
  })
  .map((parts) => printed(build(parts)));

/** The cluster, printed by fast-check as a case of test/regressions. */
const printed = (cluster: GeneratedCluster): GeneratedCluster =>
  Object.defineProperty(cluster, fc.toStringMethod, {
    value: () => `\n${caseText(caseOf(cluster.objects, 'a random cluster'))}`,
  });

/** Random clusters without policies of the tiers around NetworkPolicy: for what is true of NetworkPolicies alone. */
export const networkPolicyClusters: fc.Arbitrary<GeneratedCluster> = clusterArbitrary.map((cluster) =>
  printed({
    ...cluster,
    objects: { ...cluster.objects, tieredPolicies: [] },
    state: { ...cluster.state, tieredPolicies: [] },
  }),
);

type GeneratedPod = typeof pod extends fc.Arbitrary<infer T> ? T : never;

interface Parts {
  readonly namespaceLabels: Readonly<Record<'x' | 'y', Readonly<Record<string, string>>>>;
  readonly pods: readonly GeneratedPod[];
  readonly policies: readonly { readonly namespace: string; readonly spec: object }[];
  readonly tiered: readonly GeneratedTieredPolicy[];
  readonly nodeLabels: Readonly<Record<string, string>>;
}

function build({ namespaceLabels, pods, policies, tiered, nodeLabels }: Parts): GeneratedCluster {
  const tieredObjects = tiered.map(tieredObject);
  const policyObjects = policies.map(({ namespace, spec: body }, index) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `policy-${index}`, namespace },
    spec: body,
  }));
  const podObjects = pods.map((generated, index) => podObject(generated, index));
  const endpoints = pods.flatMap((generated, index) => {
    if (generated.hostNetwork || ENDED.has(generated.phase)) return [];
    const { namespace, labels: own, ports } = generated;
    return [{ key: `${namespace}/pod-${index}`, ips: addressesOf(index), endpoint: { namespace, labels: own, ports } }];
  });
  return {
    objects: {
      namespaces: Object.entries(namespaceLabels).map(([name, own]) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: own },
      })),
      nodes: [nodeObject(nodeLabels)],
      pods: podObjects,
      policies: policyObjects,
      tieredPolicies: tieredObjects,
    },
    state: {
      namespaceLabels,
      policies: policyObjects,
      tieredPolicies: tieredObjects,
      nodes: [{ labels: nodeLabels, ips: [NODE] }],
    },
    endpoints: [...endpoints, ...OUTSIDE.map((ip) => ({ key: ip, ips: [ip], endpoint: {} }))],
  };
}

/** Position of the pod that has an IPv6 address only. */
const LAST = 5;

const nodeObject = (own: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-0', labels: own },
  status: { addresses: [{ type: 'InternalIP', address: NODE }] },
});

const addressesOf = (index: number): readonly string[] =>
  [`10.0.0.${index + 1}`, `2001:db8::${index + 1}`].slice(
    index === LAST ? 1 : 0,
    index % 2 === 0 || index === LAST ? 2 : 1,
  );

function podObject(generated: GeneratedPod, index: number): KubernetesObject {
  const { namespace, labels: own, ports, hostNetwork, phase, workload, terminating } = generated;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${index}`,
      namespace,
      labels: own,
      ...(terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      ...(workload === undefined
        ? {}
        : {
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'StatefulSet', name: workload, uid: workload, controller: true },
            ],
          }),
    },
    spec: { hostNetwork, containers: [{ name: 'c', ports }] },
    status: { phase, podIPs: addressesOf(index).map((ip) => ({ ip })) },
  };
}

/** Protocols and ports at which a verdict can change for these clusters, and their neighbours (policy.md §4.4). */
export const CRITICAL_PORTS = [1, 52, 53, 54, 79, 80, 81, 82, 7999, 8000, 8001, 8079, 8080, 8081, 65_535];
export const PROTOCOL_NAMES = ['TCP', 'UDP', 'SCTP'] as const;
