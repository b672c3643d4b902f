import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { fieldAt } from '#model/kubernetes';
import { type ApiClient, apiClient } from './api-client.js';
import { networkPolicy, pod, service, workload } from './sample-objects.js';

const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CORE = '/api/v1/namespaces/default';

const from = (peer: unknown): object => ({ podSelector: {}, ingress: [{ from: [peer] }] });
const to = (cidr: string, ...except: readonly string[]): object => ({
  podSelector: {},
  egress: [{ to: [{ ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) } }] }],
});
const ports = (...list: readonly unknown[]): object => ({ podSelector: {}, ingress: [{ ports: list }] });

/** Policies that an API server (1.37) refuses, with its words. */
const REFUSED: readonly (readonly [string, object, string])[] = [
  ['an empty peer', from({}), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  ['a null peer', from(null), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [
    'ipBlock beside a selector',
    from({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }),
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  ['a block without cidr', from({ ipBlock: {} }), 'spec.ingress[0].from[0].ipBlock.cidr: Required value'],
  [
    'a cidr that is none',
    to('10.0.0/8'),
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0/8": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    'host bits',
    to('10.0.0.1/8'),
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
  ],
  [
    'host bits of IPv6',
    to('2001:db8::1/64'),
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "2001:db8::1/64": must not have bits set beyond the prefix length',
  ],
  [
    'leading zeros',
    to('010.0.0.0/8'),
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length',
  ],
  [
    'an except outside the block',
    to('10.0.0.0/8', '11.0.0.0/16'),
    'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
  ],
  [
    'an except that is the block',
    to('10.0.0.0/8', '10.0.0.0/8'),
    'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
  ],
  [
    'port 0',
    ports({ port: 0 }),
    'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    'an endPort below the port',
    ports({ port: 80, endPort: 70 }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`',
  ],
  [
    'an endPort alone',
    ports({ endPort: 70 }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is not specified',
  ],
  [
    'an endPort with a named port',
    ports({ port: 'http', endPort: 70 }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric',
  ],
  [
    'an unknown protocol',
    ports({ port: 80, protocol: 'ICMP' }),
    'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
  ],
  [
    'an unknown policy type',
    { podSelector: {}, policyTypes: ['Ingres'] },
    'spec.policyTypes[0]: Unsupported value: "Ingres": supported values: "Ingress", "Egress"',
  ],
  [
    'In without values',
    { podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
    "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  [
    'Exists with values',
    { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] } },
    "spec.podSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
  ],
  [
    'an unknown operator',
    { podSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
    'spec.podSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
  ],
];

describe('kube-mock: validation', () => {
  let mock: KubeMock;
  let api: ApiClient;
  before(async () => {
    mock = await startKubeMock();
    api = apiClient(mock.url);
  });
  after(() => mock.stop());

  for (const [what, spec, message] of REFUSED) {
    it(`refuses a policy with ${what}`, async () => {
      const { status, data } = await api.post(POLICIES, networkPolicy('bad', { ...spec }));
      assert.equal(status, 422);
      assert.equal(data.message, `NetworkPolicy.networking.k8s.io "bad" is invalid: ${message}`);
      assert.equal(data.details.causes[0].field, message.slice(0, message.indexOf(': ')));
    });
  }

  it('takes and defaults policies as an API server does', async () => {
    const cases: readonly (readonly [object, object])[] = [
      [{}, { podSelector: {}, policyTypes: ['Ingress'] }],
      [{ podSelector: { matchLabels: {}, matchExpressions: [] } }, { podSelector: {}, policyTypes: ['Ingress'] }],
      [{ podSelector: { matchLabels: null } }, { podSelector: {}, policyTypes: ['Ingress'] }],
      [
        { podSelector: {}, ingress: [], egress: [] },
        { podSelector: {}, policyTypes: ['Ingress'] },
      ],
      [
        { podSelector: {}, ingress: [null] },
        { podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] },
      ],
      [
        { podSelector: {}, ingress: [{ from: [] }] },
        { podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] },
      ],
      [
        ports({ port: 80 }, {}),
        {
          podSelector: {},
          ingress: [{ ports: [{ port: 80, protocol: 'TCP' }, { protocol: 'TCP' }] }],
          policyTypes: ['Ingress'],
        },
      ],
      [
        to('2001:db8::/32', '2001:db8:1::/48'),
        { ...to('2001:db8::/32', '2001:db8:1::/48'), policyTypes: ['Ingress', 'Egress'] },
      ],
      [
        { podSelector: {}, egress: [{}] },
        { podSelector: {}, egress: [{}], policyTypes: ['Ingress', 'Egress'] },
      ],
    ];
    for (const [given, expected] of cases) {
      const { data } = await api.post(`${POLICIES}?dryRun=All`, networkPolicy('good', { ...given }));
      assert.deepEqual(data.spec, expected, JSON.stringify(given));
    }
  });

  it('refuses names and labels that are none', async () => {
    const named = async (name: string, labels = {}): Promise<number> =>
      (await api.post(`${CORE}/configmaps?dryRun=All`, { metadata: { name, labels } })).status;
    for (const name of ['Upper', 'a_b', '-a', 'a-', 'a..b', 'x'.repeat(254)])
      assert.equal(await named(name), 422, name);
    for (const name of ['a.b', '1', 'x'.repeat(253)]) assert.equal(await named(name), 201, name);
    for (const labels of [{ a: 'b c' }, { 'a/b/c': 'd' }, { '': 'x' }, { a: 'x'.repeat(64) }, { '/a': 'b' }]) {
      assert.equal(await named('a', labels), 422, JSON.stringify(labels));
    }
    assert.equal(await named('a', { 'example.com/A_b.c': '' }), 201);
    assert.equal((await api.post('/api/v1/namespaces', { metadata: { name: 'a.b' } })).status, 422);
  });

  it('refuses workloads without containers, image or a selector that fits', async () => {
    const good = workload('Deployment', 'web');
    const cases: readonly (readonly [object, string])[] = [
      [{ selector: { matchLabels: { app: 'other' } } }, 'spec.template.metadata.labels'],
      [{ selector: null }, 'spec.selector'],
      [{ replicas: -1 }, 'spec.replicas'],
      [{ template: { metadata: { labels: { app: 'web' } }, spec: {} } }, 'spec.template.spec.containers'],
    ];
    for (const [change, field] of cases) {
      const { status, data } = await api.post(DEPLOYMENTS, { ...good, spec: { ...(good.spec as object), ...change } });
      assert.equal(status, 422);
      const fields = data.details.causes.map((cause: { field: string }) => cause.field);
      assert.ok(fields.includes(field), `${field} in ${fields}`);
    }
    const imageless = await api.post(`${CORE}/pods`, pod('a', { containers: [{ name: 'main' }] }));
    assert.match(imageless.data.message, /spec\.containers\[0\]\.image: Required value/);
  });

  it('refuses a changed selector and a changed pod', async () => {
    mock.apply([workload('Deployment', 'fixed', 0), pod('fixed')]);
    const selector = { matchLabels: { app: 'fixed', more: 'x' } };
    const changed = await api.patch(`${DEPLOYMENTS}/fixed`, 'merge', {
      spec: { selector, template: { metadata: { labels: selector.matchLabels } } },
    });
    assert.match(changed.data.message, /spec\.selector: Invalid value: .*: field is immutable/);
    const moved = await api.patch(`${CORE}/pods/fixed`, 'merge', { spec: { hostNetwork: true } });
    assert.match(moved.data.message, /spec: Forbidden: pod updates may not change fields other than/);
    const image = await api.patch(`${CORE}/pods/fixed`, 'json', [
      { op: 'replace', path: '/spec/containers/0/image', value: 'nginx:2' },
    ]);
    assert.equal(image.status, 200);
  });

  it('refuses services with bad ports', async () => {
    for (const spec of [
      {},
      { ports: [{ port: 0 }] },
      { ports: [{ port: 1 }, { port: 2 }] },
      { ports: [{ port: 1, protocol: 'X' }] },
    ]) {
      assert.equal((await api.post(`${CORE}/services`, service('s', spec))).status, 422, JSON.stringify(spec));
    }
  });

  it('validate: false takes what an API server refuses', async () => {
    const lax = await startKubeMock({ validate: false });
    const { status, data } = await apiClient(lax.url).post(POLICIES, networkPolicy('odd', { ...to('10.0.0.1/8') }));
    assert.equal(status, 201);
    assert.equal(fieldAt(data, 'spec', 'egress', 0, 'to', 0, 'ipBlock', 'cidr'), '10.0.0.1/8');
    await lax.stop();
  });

  it('says what is wrong with a body that cannot be read', async () => {
    const broken = await fetch(`${mock.url}${CORE}/pods`, {
      method: 'POST',
      body: '{',
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(broken.status, 400);
    const protobuf = await fetch(`${mock.url}${CORE}/pods`, {
      method: 'POST',
      body: Buffer.from([0x6b, 0x38, 0x73, 0x00, 0x0a, 0x7f]),
      headers: { 'Content-Type': 'application/vnd.kubernetes.protobuf' },
    });
    assert.equal(protobuf.status, 400);
    assert.match(((await protobuf.json()) as { message: string }).message, /protobuf body ends within a field/);
  });
});
