import type { SmallCluster } from '#support/small-cluster';

const PODS = {
  'x/web': { labels: { app: 'web' } },
  'x/client': { labels: { app: 'client' } },
  'y/client': { labels: { app: 'client' } },
};
const everything = { namespaces: {} };
const everyPod = [{ namespaces: {} }];
const namespace = (name: string): object => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const tcp = (number: number): object => ({ tcp: { destinationPort: { number } } });
/** Ingress rules of an Admin or Baseline tier for every pod. */
const cluster = (tier: 'Admin' | 'Baseline', priority: number, ...ingress: object[]): object => ({
  tier,
  priority,
  subject: everything,
  ingress,
});
const rule = (action: string, from: readonly object[] = everyPod, protocols?: readonly object[]): object =>
  protocols === undefined ? { action, from } : { action, from, protocols };
const denyAllOfX = { 'x/deny': { policyTypes: ['Ingress'] } };
const allowClientsInX = { 'x/allow': { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }] } };

/** Rules K1 to K4 and K6: the tiers around NetworkPolicy. */
export const TIER_CASES: readonly SmallCluster[] = [
  {
    title: 'K1 each direction is decided on its own: egress accepted, ingress denied is closed',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': {
        ...cluster('Admin', 1, rule('Deny', [{ namespaces: namespace('x') }])),
        egress: [{ action: 'Accept', to: everyPod }],
      },
    },
    open: ['y/client > x/web TCP 80', 'x/web > 8.8.8.8 TCP 80', '8.8.8.8 > x/web TCP 80'],
    closed: ['x/client > x/web TCP 80', 'x/client > y/client TCP 80'],
  },
  {
    title: 'K1 the tiers of v1alpha1 are those of v1alpha2',
    pods: PODS,
    tiered: {
      'AdminNetworkPolicy/a': {
        priority: 5,
        subject: everything,
        ingress: [rule('Allow', [{ namespaces: namespace('y') }])],
      },
      'BaselineAdminNetworkPolicy/default': { subject: everything, ingress: [rule('Deny')] },
    },
    open: ['y/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
    closed: ['x/client > x/web TCP 80'],
  },
  {
    title: 'K2 the lower priority decides first, whatever the kind',
    pods: PODS,
    tiered: {
      'AdminNetworkPolicy/z': {
        priority: 3,
        subject: everything,
        ingress: [rule('Allow', [{ namespaces: namespace('x') }])],
      },
      'ClusterNetworkPolicy/a': cluster('Admin', 4, rule('Deny')),
    },
    open: ['x/client > x/web TCP 80'],
    closed: ['y/client > x/web TCP 80'],
  },
  {
    title: 'K2 rules decide in the order of the list, port by port',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': cluster('Admin', 0, rule('Accept', everyPod, [tcp(80)]), rule('Deny'), rule('Accept')),
    },
    open: ['x/client > x/web TCP 80'],
    closed: ['x/client > x/web TCP 81', 'x/client > x/web UDP 80'],
  },
  {
    title: 'K2 equal priorities on the same pods are ordered by name, across kinds, and reported',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': cluster('Admin', 7, rule('Deny', [{ namespaces: namespace('x') }])),
      'AdminNetworkPolicy/b': { priority: 7, subject: everything, ingress: [rule('Allow')] },
    },
    open: ['y/client > x/web TCP 80'],
    closed: ['x/client > x/web TCP 80'],
    findings: ['EQUAL_PRIORITY'],
  },
  {
    title: 'K2 equal priorities on different pods, or in different tiers, are nothing to report',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': { ...cluster('Admin', 7, rule('Deny')), subject: { namespaces: namespace('x') } },
      'ClusterNetworkPolicy/b': { ...cluster('Admin', 7, rule('Accept')), subject: { namespaces: namespace('y') } },
      'ClusterNetworkPolicy/c': cluster('Baseline', 7, rule('Deny')),
    },
    open: ['x/client > y/client TCP 80'],
    closed: ['y/client > x/web TCP 80'],
  },
  {
    title: 'K3 Accept is final: NetworkPolicy is not asked',
    pods: PODS,
    policies: denyAllOfX,
    tiered: { 'ClusterNetworkPolicy/a': cluster('Admin', 1, rule('Accept', [{ namespaces: namespace('y') }])) },
    open: ['y/client > x/web TCP 80'],
    closed: ['x/client > x/web TCP 80'],
  },
  {
    title: 'K3 Deny is final: NetworkPolicy is not asked',
    pods: PODS,
    policies: allowClientsInX,
    tiered: { 'ClusterNetworkPolicy/a': cluster('Admin', 1, rule('Deny', everyPod, [tcp(80)])) },
    open: ['x/client > x/web TCP 81'],
    closed: ['x/client > x/web TCP 80', 'y/client > x/web TCP 81'],
  },
  {
    title: 'K3 Pass skips the rest of the Admin tier and asks NetworkPolicy',
    pods: PODS,
    policies: allowClientsInX,
    tiered: { 'ClusterNetworkPolicy/a': cluster('Admin', 1, rule('Pass'), rule('Accept')) },
    open: ['x/client > x/web TCP 80', 'x/client > y/client TCP 80'],
    closed: ['y/client > x/web TCP 80'],
  },
  {
    title: 'K3 Pass reaches the Baseline tier where no NetworkPolicy isolates',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': cluster('Admin', 1, rule('Pass', everyPod, [tcp(80)]), rule('Accept')),
      'ClusterNetworkPolicy/b': cluster('Baseline', 1, rule('Deny')),
    },
    open: ['x/client > x/web TCP 81'],
    closed: ['x/client > x/web TCP 80'],
  },
  {
    title: 'K3 a NetworkPolicy that isolates is final: the Baseline tier is not asked',
    pods: PODS,
    policies: allowClientsInX,
    tiered: {
      'ClusterNetworkPolicy/b': cluster('Baseline', 1, rule('Deny', [{ namespaces: namespace('x') }]), rule('Accept')),
    },
    open: ['x/client > x/web TCP 80'],
    closed: ['y/client > x/web TCP 80', 'x/client > y/client TCP 80'],
  },
  {
    title: 'K3 what the Baseline tier passes on or does not decide is open',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/b': cluster('Baseline', 1, rule('Pass', everyPod, [tcp(80)]), rule('Deny', everyPod)),
    },
    open: ['x/client > x/web TCP 80', '8.8.8.8 > x/web TCP 81'],
    closed: ['x/client > x/web TCP 81'],
  },
  {
    title: 'K4 a subject is of namespaces, or of pods by both selectors',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': {
        tier: 'Admin',
        priority: 1,
        subject: { pods: { namespaceSelector: namespace('x'), podSelector: { matchLabels: { app: 'client' } } } },
        egress: [
          { action: 'Deny', to: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } } }] },
        ],
      },
    },
    open: ['y/client > x/web TCP 80', 'x/client > y/client TCP 80', 'x/client > 8.8.8.8 TCP 80'],
    closed: ['x/client > x/web TCP 80'],
  },
  {
    title: 'K4 hostNetwork pods are neither subjects nor peers by selector',
    pods: { ...PODS, 'x/host': { labels: { app: 'client' }, ips: ['192.0.2.7'], hostNetwork: true } },
    tiered: { 'ClusterNetworkPolicy/a': cluster('Admin', 1, rule('Deny')) },
    open: ['x/host > x/web TCP 80'],
    closed: ['x/client > x/web TCP 80'],
  },
  {
    title: 'K4 networks hold the addresses of pods too',
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': {
        tier: 'Admin',
        priority: 1,
        subject: everything,
        egress: [
          { action: 'Accept', to: [{ networks: ['10.0.0.1/32', '192.0.2.0/24'] }] },
          { action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] },
        ],
      },
    },
    open: ['x/client > x/web TCP 80', 'x/client > 192.0.2.9 TCP 80'],
    closed: ['x/client > y/client TCP 80', 'x/client > 8.8.8.8 TCP 80'],
  },
  {
    title: 'K4 nodes are the addresses of the nodes with the labels',
    pods: PODS,
    nodes: {
      'node-1': { labels: { disk: 'ssd' }, ips: ['192.0.2.1'] },
      'node-2': { labels: {}, ips: ['192.0.2.2'] },
    },
    tiered: {
      'ClusterNetworkPolicy/a': {
        tier: 'Admin',
        priority: 1,
        subject: everything,
        egress: [{ action: 'Deny', to: [{ nodes: { matchLabels: { disk: 'ssd' } } }] }],
      },
    },
    open: ['x/client > 192.0.2.2 TCP 80', 'x/client > x/web TCP 80'],
    closed: ['x/client > 192.0.2.1 TCP 80'],
  },
  {
    title: 'K6 ports of v1alpha1: a number is TCP unless given, ranges are inclusive',
    pods: PODS,
    tiered: {
      'AdminNetworkPolicy/a': {
        priority: 1,
        subject: everything,
        ingress: [
          {
            action: 'Deny',
            from: everyPod,
            ports: [{ portNumber: { port: 80 } }, { portRange: { protocol: 'UDP', start: 53, end: 55 } }],
          },
        ],
      },
    },
    open: ['x/client > x/web TCP 81', 'x/client > x/web UDP 80', 'x/client > x/web UDP 56'],
    closed: ['x/client > x/web TCP 80', 'x/client > x/web UDP 53', 'x/client > x/web UDP 55'],
  },
  {
    title: 'K6 a port’s name has no protocol: each container port of that name counts, looked up on the destination',
    pods: {
      ...PODS,
      'x/web': {
        labels: { app: 'web' },
        ports: [
          { name: 'api', containerPort: 8080 },
          { name: 'api', containerPort: 8081, protocol: 'UDP' },
        ],
      },
    },
    tiered: {
      'AdminNetworkPolicy/a': {
        priority: 1,
        subject: everything,
        egress: [{ action: 'Deny', to: everyPod, ports: [{ namedPort: 'api' }] }],
      },
    },
    open: ['x/client > x/web UDP 8080', 'x/client > y/client TCP 8080'],
    closed: ['x/client > x/web TCP 8080', 'x/client > x/web UDP 8081'],
  },
  {
    title: 'K6 protocols of v1alpha2: whole protocols, ranges and names',
    pods: { ...PODS, 'x/web': { labels: { app: 'web' }, ports: [{ name: 'api', containerPort: 8080 }] } },
    tiered: {
      'ClusterNetworkPolicy/a': cluster(
        'Admin',
        1,
        rule('Accept', everyPod, [
          { udp: {} },
          { sctp: { destinationPort: { range: { start: 9000, end: 9003 } } } },
          { destinationNamedPort: 'api' },
        ]),
        rule('Deny'),
      ),
    },
    open: ['x/client > x/web UDP 7', 'x/client > x/web SCTP 9003', 'x/client > x/web TCP 8080'],
    closed: ['x/client > x/web SCTP 9004', 'x/client > x/web TCP 8081'],
  },
];
