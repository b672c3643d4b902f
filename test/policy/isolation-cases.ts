import type { SmallCluster } from '#support/small-cluster';

const web = { labels: { app: 'web' } };
const client = { labels: { app: 'client' } };
const toWeb = { podSelector: { matchLabels: { app: 'web' } } };
const PODS = { 'x/web': web, 'x/client': client, 'y/other': {} };

/** Rules N8 to N12: which policies apply, what is isolated, and how rules add up. */
export const ISOLATION_CASES: readonly SmallCluster[] = [
  {
    title: 'N8 a policy applies to pods of its own namespace only',
    pods: { 'x/web': web, 'y/web': web, 'y/other': {} },
    policies: { 'x/deny': toWeb },
    open: ['y/other > y/web TCP 80'],
    closed: ['y/other > x/web TCP 80'],
  },
  {
    title: 'N9 without policyTypes a policy isolates ingress; an empty egress list adds nothing',
    pods: PODS,
    policies: { 'x/default': { ...toWeb, egress: [] } },
    open: ['x/web > x/client TCP 80', 'x/web > 8.8.8.8 UDP 53'],
    closed: ['x/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
  },
  {
    title: 'N9 without policyTypes egress rules isolate egress, and ingress all the same',
    pods: PODS,
    policies: { 'x/both': { ...toWeb, policyTypes: [], egress: [{ to: [{ podSelector: {} }] }] } },
    open: ['x/web > x/client TCP 80'],
    closed: ['x/web > y/other TCP 80', 'x/web > 8.8.8.8 TCP 443', 'x/client > x/web TCP 80'],
  },
  {
    title: 'N9 policyTypes Ingress: egress rules are not looked at',
    pods: PODS,
    policies: { 'x/in': { ...toWeb, policyTypes: ['Ingress', 'Ingress'], egress: [{ ports: [{ port: 53 }] }] } },
    open: ['x/web > x/client TCP 80', 'x/web > y/other UDP 99'],
    closed: ['y/other > x/web TCP 53'],
  },
  {
    title: 'N9 policyTypes Egress: ingress stays open, ingress rules are not looked at',
    pods: PODS,
    policies: { 'x/out': { ...toWeb, policyTypes: ['Egress'], ingress: [{ ports: [{ port: 53 }] }] } },
    open: ['x/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
    closed: ['x/web > x/client TCP 80', 'x/web > 8.8.8.8 UDP 53'],
  },
  {
    title: 'N10 a pod that no policy selects is open both ways',
    pods: PODS,
    policies: { 'x/web': { ...toWeb, policyTypes: ['Ingress', 'Egress'] } },
    open: ['x/client > y/other TCP 80', 'y/other > x/client SCTP 1', '8.8.8.8 > x/client TCP 65535'],
    closed: ['x/client > x/web TCP 80', 'x/web > y/other TCP 80'],
  },
  {
    title: 'N11 policies and rules add up, in any order, and a denial takes nothing away',
    pods: PODS,
    policies: {
      'x/a-deny': { podSelector: {} },
      'x/b-clients': { ...toWeb, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] },
      'x/c-more': {
        ...toWeb,
        ingress: [{ ports: [{ port: 443 }] }, { ports: [{ port: 443 }] }, { ports: [{ port: 444 }] }],
      },
      'x/z-deny': { podSelector: {} },
    },
    open: ['x/client > x/web TCP 80', 'y/other > x/web TCP 443', 'y/other > x/web TCP 444', 'x/client > x/web TCP 443'],
    closed: ['y/other > x/web TCP 80', 'x/client > x/web TCP 445', 'x/web > x/client TCP 80'],
  },
  {
    title: 'N11 one empty rule allows everything, no rule nothing',
    pods: { ...PODS, 'x/db': { labels: { app: 'db' } } },
    policies: {
      'x/all': { ...toWeb, ingress: [{}] },
      'x/none': { podSelector: { matchLabels: { app: 'db' } }, ingress: [] },
    },
    open: ['y/other > x/web UDP 7', '8.8.8.8 > x/web TCP 1', 'x/db > x/web SCTP 9'],
    closed: ['x/web > x/db TCP 80', '8.8.8.8 > x/db TCP 80'],
  },
  {
    title: 'N12 a connection needs the source’s egress and the destination’s ingress',
    pods: PODS,
    policies: {
      'x/out': {
        podSelector: { matchLabels: { app: 'client' } },
        policyTypes: ['Egress'],
        egress: [{ ports: [{ port: 80, endPort: 90 }] }],
      },
      'x/in': { ...toWeb, ingress: [{ ports: [{ port: 85, endPort: 95 }] }] },
    },
    open: ['x/client > x/web TCP 85', 'x/client > x/web TCP 90', 'x/client > y/other TCP 80', 'y/other > x/web TCP 95'],
    closed: [
      'x/client > x/web TCP 84',
      'x/client > x/web TCP 91',
      'x/client > y/other TCP 91',
      'y/other > x/web TCP 84',
    ],
  },
  {
    title: 'N12 inside one group: members reach each other as far as the policy says',
    pods: { 'x/web-1': web, 'x/web-2': web, 'x/db-1': { labels: { app: 'db' } }, 'x/db-2': { labels: { app: 'db' } } },
    policies: {
      'x/web': { ...toWeb, ingress: [{ from: [toWeb], ports: [{ port: 7000 }] }] },
      'x/db': { podSelector: { matchLabels: { app: 'db' } } },
    },
    open: ['x/web-1 > x/web-2 TCP 7000'],
    closed: ['x/web-1 > x/web-2 TCP 7001', 'x/db-1 > x/db-2 TCP 80', 'x/db-2 > x/db-1 UDP 80'],
  },
];
