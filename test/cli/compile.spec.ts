import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FabricEvaluator } from '#fabric';
import { type FlatObject, flatten, type ManagedObject, type WireObject } from '#model/aci';
import { FlowQuestions } from '#support/fabric-flows';
import { runAcigw } from '#support/run-command';

interface Output {
  readonly schema: string;
  readonly managedObjects: WireObject;
  readonly endpoints: readonly {
    readonly namespace: string;
    readonly pod: string;
    readonly node: string | null;
    readonly ips: readonly string[];
    readonly groupDn: string;
    readonly encap: string | null;
  }[];
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly object: string;
    readonly message: string;
  }[];
}

/** A pod that stands in the input as it would come from a cluster. */
const pod = (name: string, ip: string, app: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${app} } }
spec: { nodeName: node-1, containers: [{ name: c, image: none }] }
status: { phase: Running, podIP: ${ip}, podIPs: [{ ip: ${ip} }] }
`;

const policy = (name: string, spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
`;

const GOOD = [
  pod('web', '10.244.0.10', 'web'),
  pod('client', '10.244.0.11', 'client'),
  policy(
    'web',
    '{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }], ports: [{ port: 80 }] }] }',
  ),
];

async function compile(
  input: string,
  args: readonly string[] = [],
): Promise<{ exitCode: number | null; output: Output; stderr: string }> {
  const { exitCode, stdout, stderr } = await runAcigw(['compile', '--from', '-', ...args], input);
  assert.ok(stdout !== '', stderr);
  return { exitCode, output: JSON.parse(stdout) as Output, stderr };
}

function fromWire(object: WireObject): ManagedObject {
  const [entry] = Object.entries(object);
  assert.ok(entry !== undefined);
  const [className, { attributes, children = [] }] = entry;
  return { className, attributes, children: children.map(fromWire) };
}

function flowsOf(output: Output): (from: string, to: string, port: number) => boolean {
  const objects: readonly FlatObject[] = flatten(fromWire(output.managedObjects), '');
  const questions = new FlowQuestions(new FabricEvaluator(objects), 'uni/tn-k8s-kubernetes/ctx-k8s-kubernetes');
  const place = (name: string): { ip: string; epg: string } => {
    const row = output.endpoints.find((endpoint) => endpoint.pod === name);
    assert.ok(row !== undefined, `no endpoint ${name}`);
    return { ip: row.ips[0] ?? '', epg: row.groupDn };
  };
  return (from, to, port) => questions.opens(place(from), place(to), 'TCP', port);
}

const BOMB = [
  'a0: &a0 [x, x]',
  ...Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`),
].join('\n');

const DEPTH = 100_000;
const NESTED: readonly (readonly [what: string, document: string])[] = [
  ['a list in a list, and so on', `kind: ${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`],
  ['a map in a map, as JSON', `${'{"kind":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`],
  ['a list in a list, as blocks', `${'- '.repeat(DEPTH)}1`],
];

/** Bad input in many forms: what is put beside the good objects, and what must be said about it. */
const BAD: readonly {
  readonly what: string;
  readonly document: string;
  readonly code: string;
  readonly says: readonly RegExp[];
}[] = [
  {
    what: 'a document that is no YAML',
    document: 'kind: Pod\n  metadata: [',
    code: 'UNPARSABLE_DOCUMENT',
    says: [/\(standard input\):\d+/, /not YAML/],
  },
  {
    what: 'a document that is no object',
    document: '- just\n- a list',
    code: 'UNPARSABLE_DOCUMENT',
    says: [/\(standard input\):\d+/, /expected a Kubernetes object/],
  },
  {
    what: 'an unknown kind',
    document: 'apiVersion: apps/v1\nkind: Depolyment\nmetadata: { name: typo }',
    code: 'UNKNOWN_KIND',
    says: [/Depolyment\/typo/, /kind: no Depolyment in apps\/v1/],
  },
  {
    what: 'an object without a name',
    document: 'apiVersion: v1\nkind: Pod\nmetadata: {}',
    code: 'INVALID_OBJECT',
    says: [/metadata\.name: missing/],
  },
  {
    what: 'an object whose name is a number',
    document: 'apiVersion: v1\nkind: Pod\nmetadata: { name: 5 }',
    code: 'INVALID_OBJECT',
    says: [/Pod\/\(no name\)/, /metadata\.name: expected text, found a number/],
  },
  {
    what: 'an object whose metadata is a list',
    document: 'apiVersion: v1\nkind: Pod\nmetadata: [name]',
    code: 'INVALID_OBJECT',
    says: [/\(standard input\):\d+: metadata: expected a map, found a list/],
  },
  {
    what: 'an object whose kind is a number',
    document: 'apiVersion: v1\nkind: 7',
    code: 'INVALID_OBJECT',
    says: [/\(standard input\):\d+: kind: expected text, found a number/],
  },
  {
    what: 'a List whose items are a number',
    document: 'apiVersion: v1\nkind: List\nitems: 7',
    code: 'INVALID_OBJECT',
    says: [/\(standard input\):\d+: List: items: expected a list, found a number/],
  },
  {
    what: 'aliases that grow without bounds',
    document: BOMB,
    code: 'UNPARSABLE_DOCUMENT',
    says: [/\(standard input\):\d+: not YAML: Excessive alias count .*; the document is left out/],
  },
  ...NESTED.map(([what, document]) => ({
    what,
    document,
    code: 'UNPARSABLE_DOCUMENT',
    says: [/\(standard input\):24: not YAML: nested too deep; the document is left out/],
  })),
  {
    what: 'an object whose owners are no list',
    document: 'apiVersion: v1\nkind: Pod\nmetadata: { name: odd, ownerReferences: nobody }\nspec: 5',
    code: 'INVALID_OBJECT',
    says: [/Pod\/odd/, /metadata\.ownerReferences: expected a list/],
  },
  {
    what: 'an object whose namespace is no text',
    document: 'apiVersion: v1\nkind: Pod\nmetadata: { name: odd, namespace: 5 }',
    code: 'INVALID_OBJECT',
    says: [/Pod\/odd/, /metadata\.namespace: expected a string/],
  },
  {
    what: 'a policy with a bad CIDR',
    document: policy('bad-cidr', '{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/33 } }] }] }'),
    code: 'INVALID_CIDR',
    says: [
      /NetworkPolicy\/shop\/bad-cidr/,
      /spec\.ingress\[0\]\.from\[0\]\.ipBlock\.cidr/,
      /10\.0\.0\.0\/33/,
      /at most \/32/,
    ],
  },
  {
    what: 'a pod without an address',
    document:
      'apiVersion: v1\nkind: Pod\nmetadata: { name: pending, namespace: shop }\nspec: { nodeName: node-1, containers: [] }\nstatus: { phase: Pending }',
    code: 'POD_WITHOUT_IP',
    says: [/Pod\/shop\/pending/, /status\.podIP/],
  },
  {
    what: 'a name longer than ACI takes',
    document: `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: ${'x'.repeat(60)}, namespace: shop }\nspec: { replicas: 1, selector: { matchLabels: { app: client } }, template: { metadata: { labels: { app: client } }, spec: { containers: [{ name: c, image: none }] } } }`,
    code: 'NAME_SHORTENED',
    says: [/StatefulSet\/shop\/x+/, /metadata\.name/, /longer than an ACI name/],
  },
  {
    what: 'two objects of one name',
    document: GOOD[2] ?? '',
    code: 'DUPLICATE_OBJECT',
    says: [/NetworkPolicy\/shop\/web/, /the same object is at \(standard input\):\d+/],
  },
  {
    what: 'a port out of range',
    document: policy(
      'bad-port',
      '{ podSelector: { matchLabels: { app: none } }, ingress: [{ ports: [{ port: 70000 }] }] }',
    ),
    code: 'INVALID_PORT',
    says: [/spec\.ingress\[0\]\.ports\[0\]\.port/, /70000/],
  },
];

describe('acigw compile', () => {
  it('prints one polUni tree, the endpoints and the findings, and exits 0', async () => {
    const { exitCode, output } = await compile(GOOD.join('---\n'));
    assert.equal(exitCode, 0);
    assert.deepEqual(Object.keys(output), ['schema', 'managedObjects', 'endpoints', 'findings', 'forecast']);
    assert.equal(output.schema, 'acigw.compile/v1');
    assert.deepEqual(Object.keys(output.managedObjects), ['polUni']);
    const web = output.endpoints.find(({ pod: name }) => name === 'web');
    assert.deepEqual(web, {
      namespace: 'shop',
      pod: 'web',
      node: 'node-1',
      ips: ['10.244.0.10'],
      groupDn: web?.groupDn,
      encap: web?.encap,
    });
    assert.match(web?.groupDn ?? '', /^uni\/tn-k8s-kubernetes\/ap-k8s-kubernetes\/epg-shop(:[a-z0-9]{6})?$/);
    assert.match(web?.encap ?? '', /^vlan-\d+$/);
    const opens = flowsOf(output);
    assert.deepEqual(
      [opens('client', 'web', 80), opens('client', 'web', 81), opens('web', 'client', 81)],
      [true, false, true],
    );
  });

  it('takes Lists, JSON, and folders with everything below them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'acigw-compile-'));
    try {
      const list = {
        apiVersion: 'v1',
        kind: 'List',
        items: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'listed' } }],
      };
      writeFileSync(join(folder, 'list.json'), JSON.stringify(list));
      writeFileSync(join(folder, 'good.yaml'), GOOD.join('---\n'));
      const { exitCode, stdout } = await runAcigw(['compile', '--from', folder]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /epg-|"name": "listed"/);
      assert.equal((JSON.parse(stdout) as Output).endpoints.length, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes the policies of the tiers around NetworkPolicy, and says what of them it cannot do', async () => {
    const guard = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: guard }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: {} }
  ingress:
    - { action: Deny, from: [{ namespaces: {} }], protocols: [{ tcp: { destinationPort: { number: 80 } } }] }
    - { action: Accept, from: [{ namespaces: {} }] }
  egress: [{ action: Accept, to: [{ domainNames: [example.org] }] }]
`;
    const { exitCode, output } = await compile([...GOOD, guard].join('---'));
    assert.equal(exitCode, 0);
    const opens = flowsOf(output);
    assert.ok(!opens('client', 'web', 80), 'denied, though the NetworkPolicy allows it');
    assert.ok(opens('client', 'web', 81), 'accepted, though the NetworkPolicy does not allow it');
    const [finding] = output.findings.filter(({ code }) => code === 'CNP_DOMAIN');
    assert.equal(finding?.object, 'ClusterNetworkPolicy/guard');
    assert.match(finding?.message ?? '', /^\(standard input\):\d+: spec\.egress\[0\]\.to\[0\]\.domainNames/);
  });

  it('prints the same bytes for the same input', async () => {
    const [first, second] = await Promise.all(
      [0, 1].map(() => runAcigw(['compile', '--from', '-'], GOOD.join('---\n'))),
    );
    assert.equal(first?.stdout, second?.stdout);
  });

  for (const { what, document, code, says } of BAD) {
    it(`${what}: says where and what, exits 2, and does everything else`, async () => {
      const { exitCode, output, stderr } = await compile([...GOOD, document].join('\n---\n'));
      assert.equal(exitCode, 2);
      const finding = output.findings.find((one) => one.code === code);
      assert.ok(finding !== undefined, JSON.stringify(output.findings));
      for (const pattern of says) assert.match(`${finding.object}: ${finding.message}`, pattern);
      assert.ok(stderr.includes(finding.message), 'said on stderr as well');
      const opens = flowsOf(output);
      assert.equal(opens('client', 'web', 81), false, 'the good policy is in force');
      if (code !== 'INVALID_CIDR') assert.equal(opens('client', 'web', 80), true);
    });
  }

  it('takes an empty List for an empty cluster, and no document at all for a mistake', async () => {
    for (const items of ['[]', 'null']) {
      const { exitCode, output } = await compile(`apiVersion: v1\nkind: List\nitems: ${items}`);
      assert.deepEqual([exitCode, output.endpoints], [0, []]);
    }
    const folder = mkdtempSync(join(tmpdir(), 'acigw-compile-'));
    try {
      writeFileSync(join(folder, 'pods.txt'), GOOD.join('---\n'));
      for (const [from, input] of [
        [folder, ''],
        ['-', ''],
        ['-', '# a remark\n---\n---\n'],
      ] as const) {
        const { exitCode, stdout, stderr } = await runAcigw(['compile', '--from', from], input);
        assert.deepEqual([exitCode, stdout], [2, '']);
        const place = from === '-' ? '(standard input)' : from;
        assert.ok(stderr.startsWith(`acigw: ${place}: holds no document; expected Kubernetes objects`), stderr);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('exits 2 with one line when the place or the configuration cannot be read', async () => {
    const missing = await runAcigw(['compile', '--from', '/does/not/exist']);
    assert.deepEqual([missing.exitCode, missing.stdout], [2, '']);
    assert.match(missing.stderr, /^acigw: \/does\/not\/exist: cannot be read: .+\n$/);
    const folder = mkdtempSync(join(tmpdir(), 'acigw-compile-'));
    try {
      const file = join(folder, 'acigw.yaml');
      writeFileSync(file, 'fabric: { vlanPool: { from: 3000, to: 100 }, tennant: {} }');
      const bad = await runAcigw(['compile', '--from', '-', '--config', file], GOOD[0]);
      assert.equal(bad.exitCode, 2);
      assert.match(bad.stderr, /acigw\.yaml: .*fabric.*tennant/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
