import type { SmallCluster } from '#support/small-cluster';

// Verdicts are written by hand from the text of policy.md §1 and the API types, rule by rule.

const web = { labels: { app: 'web' } };
const client = { labels: { app: 'client' } };
const fromClients = {
  podSelector: { matchLabels: { app: 'web' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }],
};

/** Rules N1 to N7: who is an endpoint, and what a selector selects. */
export const ENDPOINT_CASES: readonly SmallCluster[] = [
  {
    title: 'N1 a finished pod is nobody: its address may be another pod’s already',
    pods: {
      'x/web': web,
      'x/done': { ...client, phase: 'Succeeded', ips: ['10.0.0.9'] },
      'x/broken': { ...client, phase: 'Failed', ips: ['10.0.0.8'] },
      'y/heir': { ips: ['10.0.0.9'] },
      'x/client': client,
    },
    policies: { 'x/clients': fromClients },
    open: ['x/client > x/web TCP 80', 'x/client > y/heir TCP 80', 'x/web > y/heir TCP 80'],
    closed: ['y/heir > x/web TCP 80', 'x/broken > x/web TCP 80'],
  },
  {
    title: 'N1 a pod without an address is none yet, and everyone else is served',
    pods: { 'x/web': web, 'x/client': client, 'x/waiting': { ...client, phase: 'Pending', ips: [] } },
    policies: { 'x/clients': fromClients },
    open: ['x/client > x/web TCP 80'],
    closed: ['10.9.9.9 > x/web TCP 80'],
    findings: ['POD_WITHOUT_IP'],
  },
  {
    title: 'N2 a terminating pod stays subject and peer',
    pods: { 'x/web': { ...web, terminating: true }, 'x/client': { ...client, terminating: true }, 'x/other': {} },
    policies: { 'x/clients': fromClients },
    open: ['x/client > x/web TCP 80'],
    closed: ['x/other > x/web TCP 80'],
  },
  {
    title: 'N3 a hostNetwork pod is no subject, and no peer of a selector',
    pods: { 'x/web': web, 'x/host': { ...client, hostNetwork: true, ips: ['192.168.100.11'] }, 'x/client': client },
    policies: { 'x/clients': fromClients, 'x/deny': { podSelector: {} } },
    open: ['x/client > x/host TCP 80', 'x/client > x/web TCP 80'],
    closed: ['x/host > x/web TCP 80', 'x/host > x/client TCP 80'],
  },
  {
    title: 'N3 a hostNetwork pod is matched by the node’s address in an ipBlock',
    pods: { 'x/web': web, 'x/host': { hostNetwork: true, ips: ['192.168.100.11'] } },
    policies: { 'x/node': { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '192.168.100.11/32' } }] }] } },
    open: ['x/host > x/web TCP 80'],
    closed: ['192.168.100.12 > x/web TCP 80'],
  },
  {
    title: 'N3 a policy that selects hostNetwork pods only has no effect, and says so',
    pods: { 'x/host': { ...web, hostNetwork: true, ips: ['192.168.100.11'] }, 'x/client': client },
    policies: { 'x/clients': { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] } },
    open: ['x/client > x/host TCP 80', 'x/host > x/client TCP 80'],
    findings: ['HOSTNET_SELECTED'],
  },
  {
    title: 'N4 every namespace has its name as a label, whether or not a file says so',
    namespaces: { z: { team: 'z' } },
    pods: { 'x/web': web, 'y/client': {}, 'z/client': {} },
    policies: {
      'x/from-y': {
        podSelector: {},
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'y' } } }] }],
      },
    },
    open: ['y/client > x/web TCP 80'],
    closed: ['z/client > x/web TCP 80'],
  },
  {
    title: 'N5 two families: selectors match in both, an ipBlock in its own only',
    pods: {
      'x/web': { ...web, ips: ['10.0.0.1', '2001:db8::1'] },
      'x/client': { ...client, ips: ['10.0.0.2', '2001:db8::2'] },
      'y/other': { ips: ['10.0.0.3', '2001:db8::3'] },
      'y/six': { ips: ['2001:db8::4'] },
    },
    policies: {
      'x/mixed': {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          { from: [{ podSelector: {} }], ports: [{ port: 443 }] },
          { from: [{ ipBlock: { cidr: '10.0.0.0/24' } }], ports: [{ port: 80 }] },
          { from: [{ ipBlock: { cidr: '2001:db8::4/128' } }], ports: [{ port: 81 }] },
        ],
      },
    },
    open: [
      'x/client > x/web TCP 443 v4',
      'x/client > x/web TCP 443 v6',
      'x/client > x/web TCP 80 v4',
      'y/other > x/web TCP 80 v4',
      'y/six > x/web TCP 81 v6',
      'x/web > y/other TCP 80 v6',
      '10.0.0.77 > x/web TCP 80',
    ],
    closed: [
      'x/client > x/web TCP 80 v6',
      'y/other > x/web TCP 80 v6',
      'y/other > x/web TCP 443 v4',
      'y/six > x/web TCP 80 v6',
      '2001:db8::99 > x/web TCP 81',
      'x/web > y/six TCP 80 v4',
    ],
  },
  {
    title: 'N6 a missing, null or empty podSelector selects every pod of the namespace',
    pods: { 'x/web': web, 'x/bare': {}, 'y/web': web, 'z/web': web, 'w/free': {} },
    policies: { 'x/missing': {}, 'y/null': { podSelector: null }, 'z/empty': { podSelector: { matchLabels: null } } },
    open: ['x/web > w/free TCP 80'],
    closed: ['w/free > x/web TCP 80', 'w/free > x/bare TCP 80', 'w/free > y/web TCP 80', 'w/free > z/web TCP 80'],
  },
  {
    title: 'N6 a selector that is null is one that was not given',
    pods: { 'x/web': web, 'x/client': client, 'y/client': client, 'z/web': web },
    policies: {
      'x/own': {
        podSelector: {},
        ingress: [{ from: [{ namespaceSelector: null, podSelector: { matchLabels: { app: 'client' } } }] }],
      },
      'z/all': { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {}, podSelector: null }] }] },
    },
    open: ['x/client > x/web TCP 80', 'x/web > z/web TCP 80', 'y/client > z/web TCP 80'],
    closed: ['y/client > x/web TCP 80', '10.9.9.9 > z/web TCP 80'],
  },
  {
    title: 'N7 NotIn and DoesNotExist hold for a pod without the key',
    pods: { 'x/web': {}, 'x/none': {}, 'x/a': { labels: { tier: 'a' } }, 'x/b': { labels: { tier: 'b' } } },
    policies: {
      'x/not-in': {
        podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
        ingress: [
          { from: [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['a'] }] } }] },
        ],
      },
    },
    open: ['x/none > x/web TCP 80', 'x/b > x/web TCP 80', 'x/none > x/a TCP 80'],
    closed: ['x/a > x/web TCP 80', 'x/a > x/none TCP 80'],
  },
  {
    title: 'N7 an empty value is a value: it needs the key, and Exists takes it',
    pods: { 'x/web': web, 'x/empty': { labels: { tier: '' } }, 'x/none': {}, 'x/full': { labels: { tier: 'a' } } },
    policies: {
      'x/tiers': {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          { from: [{ podSelector: { matchLabels: { tier: '' } } }], ports: [{ port: 80 }] },
          {
            from: [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } }],
            ports: [{ port: 81 }],
          },
          {
            from: [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: [''] }] } }],
            ports: [{ port: 82 }],
          },
        ],
      },
    },
    open: ['x/empty > x/web TCP 80', 'x/empty > x/web TCP 81', 'x/empty > x/web TCP 82', 'x/full > x/web TCP 81'],
    closed: [
      'x/none > x/web TCP 80',
      'x/none > x/web TCP 81',
      'x/none > x/web TCP 82',
      'x/full > x/web TCP 80',
      'x/full > x/web TCP 82',
    ],
  },
  {
    title: 'N7 requirements are AND-ed, and values differ by case',
    pods: {
      'x/web': web,
      'x/both': { labels: { app: 'client', tier: 'a' } },
      'x/one': client,
      'x/upper': { labels: { app: 'Client', tier: 'a' } },
    },
    policies: {
      'x/and': {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          {
            from: [
              {
                podSelector: {
                  matchLabels: { app: 'client' },
                  matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }],
                },
              },
            ],
          },
        ],
      },
    },
    open: ['x/both > x/web TCP 80'],
    closed: ['x/one > x/web TCP 80', 'x/upper > x/web TCP 80'],
  },
];
