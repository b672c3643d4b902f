import fc from 'fast-check';
import type { KubernetesObject } from '#model/kubernetes';
import type { TieredPolicyObject } from '#policy';
import { CIDRS, selector } from './selector-arbitrary.js';

// Policies around NetworkPolicy in all three kinds and all their forms. Few priorities, so that equal ones are common.

const namespacedPods = fc.record({ namespaceSelector: selector, podSelector: selector });
const podPeer = fc.oneof(fc.record({ namespaces: selector }), fc.record({ pods: namespacedPods }));
const outsidePeer = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ networks: fc.uniqueArray(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ nodes: selector }) },
);
const egressPeer = fc.oneof({ weight: 2, arbitrary: podPeer }, { weight: 1, arbitrary: outsidePeer });

const number = fc.constantFrom(53, 80, 81, 8080);
const range = fc.constantFrom({ start: 80, end: 8000 }, { start: 8000, end: 8080 });
const name = fc.constantFrom('web', 'dns', 'ghost');
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');

/** Entries of `ports`, v1alpha1. */
const port: fc.Arbitrary<object> = fc.oneof(
  fc.record({ portNumber: fc.record({ protocol, port: number }, { requiredKeys: ['port'] }) }),
  fc.record({ portRange: fc.tuple(protocol, range).map(([of, ports]) => ({ protocol: of, ...ports })) }),
  fc.record({ namedPort: name }),
);

/** Entries of `protocols`, v1alpha2. */
const destination = fc.oneof(
  fc.record({ destinationPort: fc.record({ number }) }),
  fc.record({ destinationPort: fc.record({ range }) }),
  fc.constant({}),
);
const protocolEntry: fc.Arbitrary<object> = fc.oneof(
  fc.record({ tcp: destination }),
  fc.record({ udp: destination }),
  fc.record({ sctp: destination }),
  fc.record({ destinationNamedPort: name }),
);

function rules(direction: 'ingress' | 'egress', actions: readonly string[], v1alpha2: boolean): fc.Arbitrary<object[]> {
  const peers = fc.array(direction === 'ingress' ? podPeer : egressPeer, { minLength: 1, maxLength: 2 });
  const entries = fc.array(v1alpha2 ? protocolEntry : port, { minLength: 1, maxLength: 2 });
  const fields = {
    action: fc.constantFrom(...actions),
    [direction === 'ingress' ? 'from' : 'to']: peers,
    [v1alpha2 ? 'protocols' : 'ports']: fc.option<readonly object[], undefined>(entries, { nil: undefined }),
  };
  return fc.array(fc.record(fields).map(withoutUndefined), { maxLength: 3 });
}

const withoutUndefined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const subject = fc.oneof(fc.record({ namespaces: selector }), fc.record({ pods: namespacedPods }));
const priority = fc.constantFrom(0, 1, 1000);

/** One of the three kinds, without a name. */
export interface GeneratedTieredPolicy {
  readonly kind: string;
  readonly spec: object;
}

const admin = fc.record({
  kind: fc.constant('AdminNetworkPolicy'),
  spec: fc.record({
    priority,
    subject,
    ingress: rules('ingress', ['Allow', 'Deny', 'Pass'], false),
    egress: rules('egress', ['Allow', 'Deny', 'Pass'], false),
  }),
});
const baseline = fc.record({
  kind: fc.constant('BaselineAdminNetworkPolicy'),
  spec: fc.record({
    subject,
    ingress: rules('ingress', ['Allow', 'Deny'], false),
    egress: rules('egress', ['Allow', 'Deny'], false),
  }),
});
const cluster = fc.record({
  kind: fc.constant('ClusterNetworkPolicy'),
  spec: fc.record({
    tier: fc.constantFrom('Admin', 'Baseline'),
    priority,
    subject,
    ingress: rules('ingress', ['Accept', 'Deny', 'Pass'], true),
    egress: rules('egress', ['Accept', 'Deny', 'Pass'], true),
  }),
});

/** A policy around NetworkPolicy that the API would take. */
export const tieredPolicy: fc.Arbitrary<GeneratedTieredPolicy> = fc.oneof(
  { weight: 2, arbitrary: admin },
  { weight: 1, arbitrary: baseline },
  { weight: 3, arbitrary: cluster },
);

/** The API object of a generated policy; its name comes from its position. */
export const tieredObject = (
  { kind, spec }: GeneratedTieredPolicy,
  index: number,
): KubernetesObject & TieredPolicyObject => ({
  apiVersion: `policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}`,
  kind,
  metadata: { name: `tiered-${index}` },
  spec: spec as TieredPolicyObject['spec'],
});
