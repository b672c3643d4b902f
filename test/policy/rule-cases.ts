import type { SmallCluster } from '#support/small-cluster';

const web = { labels: { app: 'web' } };
const client = { labels: { app: 'client' } };
const toWeb = { podSelector: { matchLabels: { app: 'web' } } };
const clients = { podSelector: { matchLabels: { app: 'client' } } };
const NAMESPACES = { x: { team: 'one' }, y: { team: 'one' }, z: { team: 'two' } };
const PODS = { 'x/web': web, 'x/client': client, 'y/client': client, 'y/other': {}, 'z/client': client };
const from = (...peers: object[]): object => ({ ...toWeb, ingress: [{ from: peers }] });
const teamOne = { namespaceSelector: { matchLabels: { team: 'one' } } };

/** Rules N13 to N16: peers. */
export const PEER_CASES: readonly SmallCluster[] = [
  {
    title: 'N13 a missing or empty list of peers is everyone, the outside included',
    pods: { ...PODS, 'x/db': { labels: { app: 'db' } } },
    policies: {
      'x/missing': { ...toWeb, ingress: [{ ports: [{ port: 80 }] }] },
      'x/empty': { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: [], ports: [{ port: 80 }] }] },
    },
    open: ['y/other > x/web TCP 80', '8.8.8.8 > x/web TCP 80', 'y/other > x/db TCP 80', '8.8.8.8 > x/db TCP 80'],
    closed: ['8.8.8.8 > x/web TCP 81', 'y/other > x/db TCP 81'],
  },
  {
    title: 'N13 a missing or empty list of ports is every port of every protocol',
    pods: { ...PODS, 'x/db': { labels: { app: 'db' } } },
    policies: {
      'x/missing': from(clients),
      'x/empty': { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: [clients], ports: [] }] },
    },
    open: ['x/client > x/web TCP 1', 'x/client > x/web SCTP 65535', 'x/client > x/db UDP 9'],
    closed: ['y/other > x/web TCP 1', 'x/web > x/db TCP 1'],
  },
  {
    title: 'N14 a podSelector alone names pods of the policy’s namespace',
    pods: PODS,
    policies: { 'x/own': from(clients) },
    open: ['x/client > x/web TCP 80'],
    closed: ['y/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
  },
  {
    title: 'N14 a namespaceSelector alone names all pods of the matching namespaces',
    namespaces: NAMESPACES,
    pods: PODS,
    policies: { 'x/team': from(teamOne) },
    open: ['x/client > x/web TCP 80', 'y/client > x/web TCP 80', 'y/other > x/web TCP 80'],
    closed: ['z/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
  },
  {
    title: 'N14 both selectors in one item are AND-ed, in the policy’s own namespace too',
    namespaces: { ...NAMESPACES, x: { team: 'two' } },
    pods: PODS,
    policies: { 'x/and': from({ ...teamOne, ...clients }) },
    open: ['y/client > x/web TCP 80'],
    closed: ['x/client > x/web TCP 80', 'y/other > x/web TCP 80', 'z/client > x/web TCP 80'],
  },
  {
    title: 'N14 the same two in two items are OR-ed',
    namespaces: NAMESPACES,
    pods: { ...PODS, 'x/other': {} },
    policies: { 'x/or': from({ namespaceSelector: { matchLabels: { team: 'two' } } }, clients) },
    open: ['x/client > x/web TCP 80', 'z/client > x/web TCP 80'],
    closed: ['y/client > x/web TCP 80', 'x/other > x/web TCP 80'],
  },
  {
    title: 'N14 all namespaces is all pods, not everyone',
    pods: PODS,
    policies: {
      'x/pods': {
        ...toWeb,
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ namespaceSelector: {} }] }],
        egress: [{ to: [{ namespaceSelector: {} }] }],
      },
    },
    open: ['z/client > x/web TCP 80', 'x/web > z/client TCP 80'],
    closed: ['8.8.8.8 > x/web TCP 80', 'x/web > 8.8.8.8 TCP 80'],
  },
  {
    title: 'N14 a peer of no form matches nothing, and is reported',
    refused: true,
    pods: PODS,
    policies: { 'x/bad': from({}) },
    closed: ['x/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
    findings: ['INVALID_PEER'],
  },
  {
    title: 'N14 an ipBlock beside a selector matches nothing, and is reported',
    refused: true,
    pods: PODS,
    policies: { 'x/bad': from({ ipBlock: { cidr: '0.0.0.0/0' }, ...clients }) },
    closed: ['x/client > x/web TCP 80', '8.8.8.8 > x/web TCP 80'],
    findings: ['INVALID_PEER'],
  },
  {
    title: 'N15 a CIDR that cannot be read, or whose exception cannot, matches nothing',
    refused: true,
    pods: PODS,
    policies: {
      'x/bad': from(
        { ipBlock: { cidr: '8.8.8.8/33' } },
        { ipBlock: { cidr: '8.8.8.0/24', except: ['8.8.8.256/32'] } },
        { ipBlock: { cidr: '192.0.2.0/24' } },
      ),
    },
    open: ['192.0.2.1 > x/web TCP 80'],
    closed: ['8.8.8.8 > x/web TCP 80', '8.8.8.1 > x/web TCP 80'],
    findings: ['INVALID_CIDR'],
  },
  {
    title: 'N7 a selector that cannot be read selects no peer, but isolates as a subject',
    refused: true,
    pods: { ...PODS, 'y/web': web },
    policies: {
      'x/bad-peer': from({ podSelector: { matchExpressions: [{ key: 'app', operator: 'Like', values: ['c'] }] } }),
      'y/bad-subject': { podSelector: { matchLabels: { app: 7 } }, ingress: [{}] },
    },
    open: ['x/web > x/client TCP 80'],
    closed: ['x/client > x/web TCP 80', 'x/client > y/web TCP 80', 'x/client > y/other TCP 80'],
    findings: ['INVALID_SELECTOR'],
  },
  {
    title: 'N13 what is no rule, no port, no list of exceptions or no labels opens nothing',
    refused: true,
    pods: PODS,
    policies: {
      'x/rule': { ...toWeb, ingress: ['all'] },
      'x/port': { ...toWeb, ingress: [{ ports: [80] }] },
      'x/except': from({ ipBlock: { cidr: '8.0.0.0/8', except: '8.8.8.0/24' } }),
      'x/labels': from({ podSelector: { matchLabels: ['app'] } }),
      'x/expressions': from({ podSelector: { matchExpressions: { key: 'app' } } }),
    },
    closed: ['x/client > x/web TCP 80', 'y/other > x/web TCP 80', '8.8.8.8 > x/web TCP 80', '8.1.1.1 > x/web TCP 1'],
    findings: ['INVALID_OBJECT', 'INVALID_PORT', 'INVALID_SELECTOR'],
  },
  {
    title: 'N13 a rule that is null is the empty rule, as the API reads it',
    refused: true,
    pods: PODS,
    policies: { 'x/null': { ...toWeb, ingress: [null] } },
    open: ['y/other > x/web TCP 80', '8.8.8.8 > x/web UDP 1'],
  },
  {
    title: 'N15 an ipBlock matches pods by their addresses',
    pods: {
      'x/web': web,
      'x/in': { ips: ['10.0.1.1'] },
      'y/in': { ips: ['10.0.1.2'] },
      'y/out': { ips: ['10.0.2.1'] },
    },
    policies: {
      'x/block': {
        ...toWeb,
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.1.0/24' } }] }],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.1.2/32' } }] }],
      },
    },
    open: ['x/in > x/web TCP 80', 'y/in > x/web TCP 80', '10.0.1.200 > x/web TCP 80', 'x/web > y/in TCP 80'],
    closed: ['y/out > x/web TCP 80', 'x/web > x/in TCP 80', 'x/web > 10.0.1.200 TCP 80'],
  },
  {
    title: 'N15 except takes addresses from its own ipBlock only',
    pods: { 'x/web': web, 'x/client': { ...client, ips: ['10.0.1.1'] }, 'x/other': { ips: ['10.0.1.2'] } },
    policies: {
      'x/except': from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.1.0/24', '10.2.0.0/16'] } }, clients, {
        ipBlock: { cidr: '10.2.3.0/24' },
      }),
    },
    open: ['x/client > x/web TCP 80', '10.1.0.1 > x/web TCP 80', '10.2.3.4 > x/web TCP 80'],
    closed: ['x/other > x/web TCP 80', '10.0.1.9 > x/web TCP 80', '10.2.0.1 > x/web TCP 80', '11.0.0.1 > x/web TCP 80'],
  },
  {
    title: 'N15 host bits and leading zeros of a CIDR are masked, not refused',
    pods: PODS,
    policies: { 'x/bits': from({ ipBlock: { cidr: '192.0.2.77/25' } }, { ipBlock: { cidr: '203.000.113.009/32' } }) },
    open: ['192.0.2.1 > x/web TCP 80', '192.0.2.127 > x/web TCP 80', '203.0.113.9 > x/web TCP 80'],
    closed: ['192.0.2.128 > x/web TCP 80', '203.0.113.8 > x/web TCP 80'],
  },
  {
    title: 'N15 /0 is everyone of its family, pods included; except cuts it',
    pods: { ...PODS, 'y/six': { ips: ['2001:db8::6'] }, 'x/dual': { ...web, ips: ['10.0.7.1', '2001:db8::7'] } },
    policies: { 'x/zero': from({ ipBlock: { cidr: '0.0.0.0/0', except: ['128.0.0.0/1', '10.0.0.4/32'] } }) },
    open: [
      'x/client > x/web TCP 80',
      '8.8.8.8 > x/web TCP 80',
      '127.255.255.255 > x/web TCP 80',
      'z/client > x/dual TCP 80',
    ],
    closed: ['128.0.0.1 > x/web TCP 80', '255.0.0.1 > x/web TCP 80', 'y/other > x/web TCP 80', 'y/six > x/dual TCP 80'],
  },
  {
    title: 'N15 a nested block: what the inner one adds ends where it ends',
    pods: PODS,
    policies: {
      'x/nested': {
        ...toWeb,
        ingress: [
          { from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 80 }] },
          { from: [{ ipBlock: { cidr: '192.0.2.128/25', except: ['192.0.2.255/32'] } }], ports: [{ port: 81 }] },
        ],
      },
    },
    open: [
      '192.0.2.1 > x/web TCP 80',
      '192.0.2.129 > x/web TCP 80',
      '192.0.2.129 > x/web TCP 81',
      '192.0.2.255 > x/web TCP 80',
    ],
    closed: ['192.0.2.1 > x/web TCP 81', '192.0.2.255 > x/web TCP 81', '192.0.3.1 > x/web TCP 80'],
  },
  {
    title: 'N15 IPv6 blocks, from /0 down',
    pods: { 'x/web': { ...web, ips: ['2001:db8::1'] }, 'y/other': { ips: ['2001:db8::2'] } },
    policies: { 'x/six': from({ ipBlock: { cidr: '::/0', except: ['2001:db8::2/128', '8000::/1'] } }) },
    open: ['2001:db8::99 > x/web TCP 80', '::1:2 > x/web TCP 80'],
    closed: ['y/other > x/web TCP 80', 'fd00::1 > x/web TCP 80'],
  },
];

const port = (name: string, containerPort: number, protocol = 'TCP') => ({ name, containerPort, protocol });
const onPorts = (...ports: object[]): object => ({ ...toWeb, ingress: [{ ports }] });

/** Rules N17 to N19: ports. */
export const PORT_CASES: readonly SmallCluster[] = [
  {
    title: 'N17 the protocol is TCP unless given, and a missing port is every port of it',
    pods: { ...PODS, 'x/db': { labels: { app: 'db' } } },
    policies: {
      'x/tcp': onPorts({ port: 80 }),
      'x/udp': { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ ports: [{ protocol: 'UDP' }] }] },
    },
    open: ['y/other > x/web TCP 80', 'y/other > x/db UDP 1', 'y/other > x/db UDP 65535'],
    closed: ['y/other > x/web UDP 80', 'y/other > x/web SCTP 80', 'y/other > x/db TCP 1', 'y/other > x/db SCTP 1'],
  },
  {
    title: 'N17 SCTP is not TCP',
    pods: PODS,
    policies: { 'x/sctp': onPorts({ protocol: 'SCTP', port: 80 }) },
    open: ['y/other > x/web SCTP 80'],
    closed: ['y/other > x/web TCP 80', 'y/other > x/web UDP 80', 'y/other > x/web SCTP 81'],
  },
  {
    title: 'N18 endPort is inclusive',
    pods: PODS,
    policies: { 'x/range': onPorts({ port: 8000, endPort: 8080 }, { port: 9000, endPort: 9000, protocol: 'UDP' }) },
    open: ['y/other > x/web TCP 8000', 'y/other > x/web TCP 8080', 'y/other > x/web UDP 9000'],
    closed: [
      'y/other > x/web TCP 7999',
      'y/other > x/web TCP 8081',
      'y/other > x/web UDP 9001',
      'y/other > x/web UDP 8999',
    ],
  },
  {
    title: 'N18 endPort below port, or beside a name, matches nothing and is reported',
    refused: true,
    pods: { ...PODS, 'x/web': { ...web, ports: [port('http', 80)] } },
    policies: { 'x/bad': onPorts({ port: 90, endPort: 80 }, { port: 'http', endPort: 90 }, { endPort: 70 }) },
    closed: ['y/other > x/web TCP 80', 'y/other > x/web TCP 85', 'y/other > x/web TCP 90', 'y/other > x/web TCP 70'],
    findings: ['INVALID_PORT'],
  },
  {
    title: 'N19 a port’s name is looked up on each destination: ingress on the subject',
    pods: {
      'x/web-1': { ...web, ports: [port('http', 8080)] },
      'x/web-2': { ...web, ports: [port('http', 80)] },
      'x/web-3': web,
      'y/other': { ports: [port('http', 9999)] },
    },
    policies: { 'x/named': onPorts({ port: 'http' }) },
    open: ['y/other > x/web-1 TCP 8080', 'y/other > x/web-2 TCP 80'],
    closed: [
      'y/other > x/web-1 TCP 80',
      'y/other > x/web-2 TCP 8080',
      'y/other > x/web-3 TCP 80',
      'y/other > x/web-1 TCP 9999',
    ],
  },
  {
    title: 'N19 egress: the name is looked up on each peer, never on the source',
    pods: {
      'x/web': { ...web, ports: [port('http', 7777)] },
      'y/a': { ports: [port('http', 8080)] },
      'y/b': { ports: [port('http', 80)] },
      'y/c': {},
    },
    policies: {
      'x/named': {
        ...toWeb,
        policyTypes: ['Egress'],
        egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 'http' }] }],
      },
    },
    open: ['x/web > y/a TCP 8080', 'x/web > y/b TCP 80'],
    closed: ['x/web > y/a TCP 80', 'x/web > y/a TCP 7777', 'x/web > y/c TCP 7777', 'x/web > y/b TCP 8080'],
  },
  {
    title: 'N19 egress to everyone by name: pods that have it, nothing outside',
    pods: { 'x/web': web, 'y/a': { ports: [port('http', 8080)] } },
    policies: { 'x/named': { ...toWeb, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'http' }] }] } },
    open: ['x/web > y/a TCP 8080'],
    closed: ['x/web > 8.8.8.8 TCP 8080', 'x/web > 8.8.8.8 TCP 80', 'x/web > y/a TCP 80'],
  },
  {
    title: 'N19 a name toward outside addresses only matches nothing, and is reported',
    pods: { 'x/web': web, 'y/a': { ports: [port('http', 8080)] } },
    policies: {
      'x/named': {
        ...toWeb,
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 'http' }] }],
      },
    },
    closed: ['x/web > 192.0.2.1 TCP 8080', 'x/web > y/a TCP 8080'],
    findings: ['NAMED_PORT_EXTERNAL'],
  },
  {
    title: 'N19 a name that no destination has matches nothing, the rule’s other ports do',
    pods: PODS,
    policies: { 'x/ghost': onPorts({ port: 'ghost' }, { port: 80 }) },
    open: ['y/other > x/web TCP 80'],
    closed: ['y/other > x/web TCP 81'],
    findings: ['NAMED_PORT_UNRESOLVED'],
  },
  {
    title: 'N19 a name belongs to a protocol: one name for TCP and UDP is two, and all its numbers count',
    pods: { 'x/web': { ...web, ports: [port('dns', 53), port('dns', 5353, 'UDP'), port('dns', 54)] }, 'y/other': {} },
    policies: { 'x/named': onPorts({ port: 'dns', protocol: 'TCP' }) },
    open: ['y/other > x/web TCP 53', 'y/other > x/web TCP 54'],
    closed: ['y/other > x/web TCP 5353', 'y/other > x/web UDP 5353', 'y/other > x/web UDP 53'],
  },
  {
    title: 'N19 ports of sidecars count, of init containers that end do not',
    pods: {
      'x/web': { ...web, sidecarPorts: [port('metrics', 9090)], initPorts: [port('metrics', 9999)] },
      'y/other': {},
    },
    policies: { 'x/named': onPorts({ port: 'metrics' }) },
    open: ['y/other > x/web TCP 9090'],
    closed: ['y/other > x/web TCP 9999'],
  },
  {
    title: 'N21 UDP and SCTP are answered, though nothing may be opened back',
    pods: { 'x/web': web, 'x/client': client },
    policies: {
      'x/deny': { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      'x/in': {
        ...toWeb,
        ingress: [
          { from: [clients], ports: [{ port: 53, protocol: 'UDP' }, { port: 99, protocol: 'SCTP' }, { port: 80 }] },
        ],
      },
      'x/out': { ...clients, policyTypes: ['Egress'], egress: [{}] },
    },
    open: ['x/client > x/web UDP 53', 'x/client > x/web SCTP 99', 'x/client > x/web TCP 80'],
    closed: ['x/web > x/client TCP 80', 'x/web > x/client TCP 40000', 'x/client > x/web UDP 54'],
  },
];
