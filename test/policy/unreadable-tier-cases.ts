import type { SmallCluster } from '#support/small-cluster';

const PODS = { 'x/web': { labels: { app: 'web' } }, 'x/client': { labels: { app: 'client' } } };
const everything = { namespaces: {} };
const everyPod = [{ namespaces: {} }];
const denyAll = { action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] };
const egress = (...rules: object[]): object => ({ tier: 'Admin', priority: 1, subject: everything, egress: rules });
const only = (spec: object): Record<string, object> => ({ 'ClusterNetworkPolicy/a': spec });
const WEB = 'x/client > x/web TCP 80';
const WORLD = 'x/client > 8.8.8.8 TCP 80';

/** Rule K5: what cannot be read fails closed. An Accept matches nothing by it, a Deny or Pass denies all it can mean. */
export const UNREADABLE_TIER_CASES: readonly SmallCluster[] = [
  {
    title: 'K5 a peer of no known form: the Accept matches nothing at all',
    refused: true,
    pods: PODS,
    tiered: only(egress({ action: 'Accept', to: [{ galaxies: {} }, ...everyPod] }, denyAll)),
    closed: [WEB, WORLD],
    findings: ['INVALID_PEER'],
  },
  {
    title: 'K5 a peer of no known form: a Deny or a Pass denies everything',
    refused: true,
    pods: { ...PODS, 'y/pass': {} },
    tiered: {
      'ClusterNetworkPolicy/a': {
        ...egress({ action: 'Deny', to: [{}] }),
        subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'x' } } },
      },
      'ClusterNetworkPolicy/b': { ...egress({ action: 'Pass', to: [{ galaxies: {} }] }), priority: 2 },
    },
    open: ['8.8.8.8 > x/web TCP 80'],
    closed: [WEB, WORLD, 'y/pass > x/web TCP 80', 'y/pass > 8.8.8.8 TCP 80'],
    findings: ['INVALID_PEER'],
  },
  {
    title: 'K5 addresses as sources, which the API does not have: an Accept matches nothing, a Deny everything',
    refused: true,
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': {
        ...egress(),
        ingress: [
          { action: 'Accept', from: [{ networks: ['8.8.8.0/24'] }] },
          { action: 'Deny', from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } } }] },
          { action: 'Deny', from: [{ nodes: {} }] },
        ],
      },
    },
    open: [WORLD],
    closed: [WEB, '8.8.8.8 > x/web TCP 80'],
    findings: ['INVALID_PEER'],
  },
  {
    title: 'K5 a selector that cannot be read: an Accept matches none by it, a Deny every pod',
    refused: true,
    pods: { ...PODS, 'y/other': {} },
    tiered: {
      'ClusterNetworkPolicy/a': egress({ action: 'Accept', to: [{ namespaces: { sameLabels: ['team'] } }] }),
      'ClusterNetworkPolicy/b': {
        ...egress({ action: 'Deny', to: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: 3 } } }] }),
        priority: 2,
      },
    },
    open: [WORLD],
    closed: [WEB, 'x/client > y/other TCP 80'],
    findings: ['INVALID_SELECTOR'],
  },
  {
    title: 'K5 a network that cannot be read: an Accept keeps its others, a Deny holds all addresses',
    refused: true,
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': egress({ action: 'Accept', to: [{ networks: ['192.0.2.0/24', '10.0.0.0/33'] }] }),
      'ClusterNetworkPolicy/b': { ...egress({ action: 'Deny', to: [{ networks: ['wrong'] }] }), priority: 2 },
    },
    open: ['x/client > 192.0.2.1 TCP 80'],
    closed: [WEB, WORLD],
    findings: ['INVALID_CIDR'],
  },
  {
    title: 'K5 domain names: an Accept matches nothing, and says so',
    pods: PODS,
    tiered: only(egress({ action: 'Accept', to: [{ domainNames: ['*.example.org'] }, ...everyPod] }, denyAll)),
    open: [WEB],
    closed: [WORLD],
    findings: ['CNP_DOMAIN'],
  },
  {
    title: 'K5 domain names in a Deny, which the API does not foresee: all addresses',
    refused: true,
    pods: PODS,
    tiered: only(egress({ action: 'Deny', to: [{ domainNames: ['example.org'] }] })),
    closed: [WEB, WORLD],
    findings: ['CNP_DOMAIN'],
  },
  {
    title: 'K5 a port that cannot be read: an Accept keeps its others, a Deny holds all ports',
    refused: true,
    pods: PODS,
    tiered: only(
      egress(
        {
          action: 'Accept',
          to: everyPod,
          protocols: [{ tcp: { destinationPort: { number: 80 } } }, { icmp: {} }, { tcp: { destinationPort: {} } }],
        },
        { action: 'Deny', to: everyPod, protocols: [{ tcp: { destinationPort: { range: { start: 9, end: 5 } } } }] },
      ),
    ),
    open: [WEB, WORLD],
    closed: ['x/client > x/web TCP 81', 'x/client > x/web UDP 80'],
    findings: ['INVALID_PORT'],
  },
  {
    title: 'K5 rules that are no list: that direction denies everything',
    refused: true,
    pods: PODS,
    tiered: only({ ...egress(), egress: { action: 'Accept', to: everyPod } }),
    open: ['8.8.8.8 > x/web TCP 80'],
    closed: [WEB, WORLD],
    findings: ['INVALID_OBJECT'],
  },
  {
    title: 'K5 an unknown action denies',
    refused: true,
    pods: PODS,
    tiered: only(egress({ action: 'Log', to: everyPod })),
    open: [WORLD],
    closed: [WEB, 'x/web > x/client UDP 1'],
    findings: ['INVALID_OBJECT'],
  },
  {
    title: 'K5 a BaselineAdminNetworkPolicy cannot pass: the rule denies',
    refused: true,
    pods: PODS,
    tiered: {
      'BaselineAdminNetworkPolicy/default': { subject: everything, egress: [{ action: 'Pass', to: everyPod }] },
    },
    open: [WORLD],
    closed: [WEB],
    findings: ['INVALID_OBJECT'],
  },
  {
    title: 'K5 a rule without peers: an Accept matches nothing, a Deny everything',
    refused: true,
    pods: PODS,
    tiered: only(
      egress(
        { action: 'Accept' },
        { action: 'Deny', to: [], protocols: [{ tcp: { destinationPort: { number: 80 } } }] },
      ),
    ),
    open: ['8.8.8.8 > x/web TCP 80'],
    closed: [WEB, WORLD, 'x/client > x/web UDP 80'],
    findings: ['INVALID_PEER'],
  },
  {
    title: 'K5 a subject or tier that cannot be read: the Deny rules hold for every pod, the others for none',
    refused: true,
    pods: { ...PODS, 'x/isolated': { labels: { app: 'isolated' } } },
    policies: { 'x/isolated': { podSelector: { matchLabels: { app: 'isolated' } }, policyTypes: ['Egress'] } },
    tiered: {
      'ClusterNetworkPolicy/a': { ...egress({ action: 'Accept', to: everyPod }, denyAll), subject: {} },
      'ClusterNetworkPolicy/b': { ...egress({ action: 'Accept', to: everyPod }), tier: 'Middle', priority: 2 },
    },
    open: ['8.8.8.8 > x/web TCP 80'],
    closed: [WEB, WORLD, 'x/isolated > x/web TCP 80'],
    findings: ['INVALID_OBJECT', 'INVALID_SELECTOR'],
  },
  {
    title: 'K5 a priority that cannot be read stands behind all others',
    refused: true,
    pods: PODS,
    tiered: {
      'ClusterNetworkPolicy/a': { ...egress({ action: 'Accept', to: everyPod }), priority: 'first' },
      'ClusterNetworkPolicy/b': {
        ...egress(
          { action: 'Deny', to: everyPod, protocols: [{ tcp: { destinationPort: { number: 80 } } }] },
          {
            action: 'Pass',
            to: [{ networks: ['8.8.8.8/32'] }],
          },
        ),
        priority: 1000,
      },
    },
    open: ['x/client > x/web TCP 81', WORLD],
    closed: [WEB],
    findings: ['INVALID_OBJECT'],
  },
];
