// Values that no Kubernetes API takes at a place, by the kind of place: what a permissive server or a file may hold.

/** What is no list. */
export const NO_LIST: readonly unknown[] = ['all', 3, true, {}, { podSelector: {} }];
/** What is no object; null is one without fields to the API. */
export const NO_OBJECT: readonly unknown[] = ['all', 3, false, [], [{}]];

const BAD_EXPRESSIONS: readonly unknown[] = [
  null,
  'app in (a)',
  {},
  { key: '', operator: 'Exists' },
  { key: 5, operator: 'Exists' },
  { key: 'app' },
  { key: 'app', operator: 'in', values: ['a'] },
  { key: 'app', operator: 'Gt', values: ['1'] },
  { key: 'app', operator: 'In' },
  { key: 'app', operator: 'NotIn', values: [] },
  { key: 'app', operator: 'In', values: 'a' },
  { key: 'app', operator: 'NotIn', values: [1] },
  { key: 'app', operator: 'In', values: ['a', null] },
  { key: 'app', operator: 'Exists', values: ['a'] },
  { key: 'app', operator: 'DoesNotExist', values: ['a'] },
];

/** Label selectors that are none. */
export const BAD_SELECTORS: readonly unknown[] = [
  ...NO_OBJECT,
  { matchLabels: 'app=a' },
  { matchLabels: ['app'] },
  { matchLabels: { app: 1 } },
  { matchLabels: { app: true } },
  { matchLabels: { app: { a: 'b' } } },
  { matchExpressions: {} },
  { matchExpressions: 'app' },
  { app: 'a' },
  { matchLabel: { app: 'a' } },
  { matchLabels: { app: 'a' }, matchFields: [] },
  ...BAD_EXPRESSIONS.map((expression) => ({ matchExpressions: [expression] })),
];

/** CIDRs that are none. */
export const BAD_CIDRS: readonly unknown[] = [
  '',
  'x',
  '10.0.0.0',
  '10.0.0.0/',
  '/8',
  '10.0.0/8',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0.0/ 8',
  '256.0.0.0/8',
  '0x0a.0.0.0/8',
  '1e1.0.0.0/8',
  '10.0.0.0/8,192.0.2.0/24',
  '10.0.0.0-10.0.0.9',
  '::/129',
  ':::/0',
  '1::2::3/64',
  '12345::/16',
  '2001:db8::',
  'g::/8',
  '::/0x10',
  3,
  null,
  true,
  {},
  [],
  ['10.0.0.0/8'],
];

/** Ports of a NetworkPolicy that are none. */
export const BAD_PORTS: readonly unknown[] = [
  ...NO_OBJECT,
  ...[0, 65_536, -1, 1.5, '', 'UPPER', '80', '-web', 'we--b', 'a-very-long-port-name', true, {}, []].map((port) => ({
    port,
  })),
  ...['ICMP', 'tcp', '', 6, {}].map((protocol) => ({ protocol, port: 80 })),
  { endPort: 80 },
  { number: 80 },
  { prot: 'UDP', port: 80 },
  { port: 'web', endPort: 90 },
  ...[79, 65_536, 0, '90', 80.5, []].map((endPort) => ({ port: 80, endPort })),
];

/** Peers of a NetworkPolicy that are none. */
export const BAD_PEERS: readonly unknown[] = [
  ...NO_OBJECT,
  null,
  {},
  { podSelector: null, namespaceSelector: null },
  { pods: {} },
  { podSelector: {}, serviceAccounts: {} },
  { ipBlock: { cidr: '10.0.0.0/8', excepts: ['10.0.0.0/30'] } },
  { ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} },
  { ipBlock: { cidr: '10.0.0.0/8' }, namespaceSelector: {} },
  ...NO_OBJECT.map((ipBlock) => ({ ipBlock })),
  { ipBlock: {} },
  ...BAD_CIDRS.map((cidr) => ({ ipBlock: { cidr } })),
  ...['10.0.0.0/30', 3, {}, ...BAD_CIDRS.map((cidr) => [cidr])].map((except) => ({
    ipBlock: { cidr: '10.0.0.0/8', except },
  })),
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] } },
  ...BAD_SELECTORS.flatMap((selector) => [
    { podSelector: selector },
    { namespaceSelector: selector },
    { namespaceSelector: {}, podSelector: selector },
    { namespaceSelector: selector, podSelector: {} },
  ]),
];

/** Ports of v1alpha1, and of v1alpha2, around NetworkPolicy that are none. */
export const BAD_TIERED_PORTS: readonly unknown[] = [
  ...NO_OBJECT,
  null,
  {},
  { port: 80 },
  { portNumber: {} },
  { portNumber: { protocol: 'ICMP', port: 80 } },
  { portNumber: { protocol: 'TCP', port: 0 } },
  { portRange: { protocol: 'TCP', start: 90, end: 80 } },
  { portRange: { protocol: 'TCP', start: 80 } },
  { namedPort: 'UPPER' },
  { namedPort: 80 },
  { portNumber: { protocol: 'TCP', port: 80 }, namedPort: 'web' },
  { tcp: 80 },
  { tcp: { destinationPort: {} } },
  { tcp: { destinationPort: { number: 70_000 } } },
  { tcp: { destinationPort: { number: 80, range: { start: 1, end: 2 } } } },
  { tcp: { sourcePort: { number: 80 } } },
  { tcp: {}, udp: {} },
  { icmp: {} },
  { destinationNamedPort: '' },
];

/** Peers around NetworkPolicy that are none, and what they could have meant. */
export const BAD_TIERED_PEERS: readonly {
  readonly peer: unknown;
  readonly meant: 'pods' | 'addresses' | 'anything';
}[] = [
  ...[...NO_OBJECT, null, {}, { galaxies: {} }, { namespaces: {}, pods: {} }, { ipBlock: {} }].map((peer) => ({
    peer,
    meant: 'anything' as const,
  })),
  ...BAD_SELECTORS.flatMap((selector) => [
    { peer: { namespaces: selector }, meant: 'pods' as const },
    { peer: { pods: { namespaceSelector: {}, podSelector: selector } }, meant: 'pods' as const },
    { peer: { pods: { namespaceSelector: selector, podSelector: {} } }, meant: 'pods' as const },
  ]),
  ...[{ sameLabels: ['team'] }, { notSameLabels: ['team'] }].map((namespaces) => ({
    peer: { namespaces },
    meant: 'pods' as const,
  })),
  ...BAD_CIDRS.map((cidr) => ({ peer: { networks: [cidr] }, meant: 'addresses' as const })),
  ...['10.0.0.0/8', 3, {}, []].map((networks) => ({ peer: { networks }, meant: 'addresses' as const })),
  ...BAD_SELECTORS.map((selector) => ({ peer: { nodes: selector }, meant: 'addresses' as const })),
];
