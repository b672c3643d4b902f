import assert from 'node:assert/strict';
import {
  expandWorkloads,
  generatedPodName,
  type KubernetesObject,
  type OwnerReference,
  podTemplateHash,
  stringMapAt,
  textAt,
} from '#model/kubernetes';

const template = (labels: Readonly<Record<string, string>>, spec: object = {}): object => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec },
});

const workload = (kind: string, name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: template({ app: name }), ...spec },
});

const pod = (name: string, rest: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [] },
  ...rest,
});

const node = (name: string, address: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

const ofKind = (objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] =>
  objects.filter((object) => object.kind === kind);

const podsOf = (given: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  ofKind(expandWorkloads(given), 'Pod');
const names = (objects: readonly KubernetesObject[]): string[] => objects.map((object) => object.metadata.name);
const controller = (kind: string, name: string, uid: string): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
});
const address = (object: KubernetesObject | undefined): string => textAt(object, 'status', 'podIP') ?? '';
const place = (object: KubernetesObject | undefined): string => textAt(object, 'spec', 'nodeName') ?? '';

describe('model: names of generated objects', () => {
  it('the template hash does not depend on the order of fields, and differs for another template', () => {
    assert.equal(podTemplateHash({ a: 1, b: { c: 2, d: 3 } }), podTemplateHash({ b: { d: 3, c: 2 }, a: 1 }));
    assert.equal(podTemplateHash({}), podTemplateHash({ spec: { restartPolicy: 'Always' } }));
    assert.notEqual(podTemplateHash({ a: 1 }), podTemplateHash({ a: 2 }));
    assert.match(podTemplateHash({ a: 1 }), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });

  it('ten thousand pods of one owner have ten thousand names', () => {
    const names = Array.from({ length: 10_000 }, (_, ordinal) => generatedPodName('web-abc', ordinal));
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => /^web-abc-[a-z0-9]{5}$/.test(name)));
  });

  it('a name stays within 63 characters', () => {
    assert.equal(generatedPodName('x'.repeat(80), 0).length, 63);
  });
});

describe('model: expandWorkloads', () => {
  it('makes a ReplicaSet and pods of a Deployment, with labels, owners, status and namespace', () => {
    const objects = expandWorkloads([workload('Deployment', 'web', { replicas: 2 })]);
    const [set] = ofKind(objects, 'ReplicaSet');
    const pods = ofKind(objects, 'Pod');
    const hash = set?.metadata.labels?.['pod-template-hash'];
    assert.equal(set?.metadata.name, `web-${hash}`);
    assert.equal(set?.metadata.ownerReferences?.[0]?.name, 'web');
    assert.equal(pods.length, 2);
    for (const made of pods) {
      assert.match(made.metadata.name, new RegExp(`^web-${hash}-[a-z0-9]{5}$`));
      assert.deepEqual(made.metadata.labels, { app: 'web', 'pod-template-hash': hash });
      assert.equal(made.metadata.namespace, 'default');
      assert.equal(made.metadata.ownerReferences?.[0]?.uid, set?.metadata.uid);
      assert.equal(textAt(made, 'status', 'phase'), 'Running');
    }
  });

  it('spreads pods over the three default nodes and gives each node its own range', () => {
    const objects = expandWorkloads([workload('Deployment', 'web', { replicas: 5 })]);
    assert.deepEqual(
      ofKind(objects, 'Node').map((object) => object.metadata.name),
      ['node-1', 'node-2', 'node-3'],
    );
    assert.deepEqual(
      ofKind(objects, 'Pod').map((made) => `${place(made)} ${address(made)}`),
      ['node-1 10.244.0.2', 'node-2 10.244.1.2', 'node-3 10.244.2.2', 'node-1 10.244.0.3', 'node-2 10.244.1.3'],
    );
  });

  it('names the pods of a StatefulSet by number and of a DaemonSet one a node', () => {
    const pods = podsOf([workload('StatefulSet', 'db', { replicas: 2 }), workload('DaemonSet', 'agent')]);
    assert.deepEqual(
      pods.slice(0, 2).map((made) => made.metadata.name),
      ['db-0', 'db-1'],
    );
    assert.equal(pods[0]?.metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-0');
    assert.deepEqual(pods.slice(2).map(place), ['node-1', 'node-2', 'node-3']);
  });

  it('uses the nodes that are given, and a hostNetwork pod has its node address', () => {
    const nodes = [node('a', '10.1.0.1'), node('b', '10.1.0.2')];
    const [host, chosen] = podsOf([
      ...nodes,
      pod('host', { spec: { hostNetwork: true, nodeName: 'b', containers: [] } }),
      pod('chosen'),
    ]);
    assert.equal(address(host), '10.1.0.2');
    assert.deepEqual([place(chosen), address(chosen)], ['a', '10.244.0.2']);
    assert.equal(ofKind(expandWorkloads(nodes), 'Node').length, 2);
  });

  it('keeps a pod with a status as it is, and never hands its address out', () => {
    const held = pod('held', { status: { phase: 'Running', podIP: '10.244.0.2' } });
    const [first, second] = podsOf([pod('first'), held]);
    assert.equal(address(first), '10.244.0.3');
    assert.deepEqual(second?.status, held.status);
  });

  it('gives a completed pod no address, and its old address to others', () => {
    const done = pod('done', { status: { phase: 'Succeeded', podIP: '10.244.0.2' } });
    const [kept, other] = podsOf([done, pod('other')]);
    assert.deepEqual(kept?.status, done.status);
    assert.equal(address(other), '10.244.0.2');
  });

  it('leaves a pod Pending whose node is not there, or when every node is full', () => {
    const [lost] = podsOf([pod('lost', { spec: { nodeName: 'nowhere', containers: [] } })]);
    assert.deepEqual(lost?.status, { phase: 'Pending' });
    const many = podsOf([node('a', '10.1.0.1'), workload('Deployment', 'web', { replicas: 255 })]);
    const running = many.filter((made) => address(made) !== '');
    assert.equal(running.length, 253);
    assert.equal(new Set(running.map(address)).size, 253);
  });

  it('does not double what a dump of a cluster already holds', () => {
    const once = expandWorkloads([workload('Deployment', 'web', { replicas: 3 }), workload('DaemonSet', 'agent')]);
    const twice = expandWorkloads(once);
    assert.deepEqual(twice, once);
  });

  it('makes nothing beside the pods of a Deployment whose ReplicaSet is not in the dump', () => {
    const dump = [
      workload('Deployment', 'web', { replicas: 3 }),
      workload('Deployment', 'web-canary', { replicas: 1 }),
    ];
    const whole = expandWorkloads(dump).filter(({ kind }) => kind !== 'ReplicaSet');
    const given = [...whole].sort((a, b) => (a.kind < b.kind ? 1 : -1));
    assert.deepEqual(names(podsOf(given)).sort(), names(ofKind(whole, 'Pod')).sort());
    assert.deepEqual(ofKind(expandWorkloads(given), 'ReplicaSet'), []);
  });

  it('takes no pod for a Deployment’s that is another’s by selector, name or namespace', () => {
    const foreign = (name: string, set: string, labels: object, namespace = 'default'): KubernetesObject =>
      pod(name, {
        metadata: { name, namespace, labels, ownerReferences: [controller('ReplicaSet', set, 'uid-of-a-cluster')] },
        status: { phase: 'Running', podIP: '10.9.0.1' },
      });
    const others = [
      foreign('by-selector', 'web-5d4f', { app: 'other' }),
      foreign('by-name', 'web-api-5d4f', { app: 'web' }),
      foreign('by-namespace', 'web-5d4f', { app: 'web' }, 'elsewhere'),
    ];
    assert.equal(podsOf([workload('Deployment', 'web', { replicas: 2 }), ...others]).length, 3 + 2);
    const own = foreign('own', 'web-5d4f', { app: 'web', 'pod-template-hash': '5d4f' });
    assert.deepEqual(names(podsOf([workload('Deployment', 'web', { replicas: 2 }), own])), ['own']);
  });

  it('makes no more pods of what a cluster runs, and knows it again by name where a file has no uid', () => {
    const given = ['StatefulSet', 'DaemonSet', 'ReplicaSet'].flatMap((kind) => [
      workload(kind, `one-${kind.toLowerCase()}`, { replicas: 3 }),
      pod(`of-${kind}`, {
        metadata: {
          name: `of-${kind}`,
          ownerReferences: [controller(kind, `one-${kind.toLowerCase()}`, 'uid-of-a-cluster')],
        },
        spec: { nodeName: 'node-2', containers: [] },
        status: { phase: 'Running', podIP: `10.9.0.${kind.length}` },
      }),
    ]);
    assert.deepEqual(names(podsOf(given)), ['of-StatefulSet', 'of-DaemonSet', 'of-ReplicaSet']);
  });

  it('is a function of its input', () => {
    const given = [workload('Deployment', 'web', { replicas: 3 }), pod('one')];
    assert.deepEqual(expandWorkloads(given), expandWorkloads(structuredClone(given)));
  });

  it('adds the namespaces that are used, and the name label where it lacks', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { a: 'b' } } };
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'x' },
    };
    const objects = ofKind(expandWorkloads([namespace, policy, pod('one')]), 'Namespace');
    const labels = objects.map((object) => stringMapAt(object, 'metadata', 'labels'));
    assert.deepEqual(labels, [
      { 'kubernetes.io/metadata.name': 'x' },
      { 'kubernetes.io/metadata.name': 'default' },
      { a: 'b', 'kubernetes.io/metadata.name': 'shop' },
    ]);
  });

  it('opens lists, typed ones too', () => {
    const list = { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: [{ metadata: { name: 'a' }, spec: {} }] };
    const wrapped = { apiVersion: 'v1', kind: 'List', metadata: {}, items: [list] } as unknown as KubernetesObject;
    const [only] = podsOf([wrapped]);
    assert.deepEqual([only?.kind, only?.metadata.name, only?.metadata.namespace], ['Pod', 'a', 'default']);
  });

  it('expands the later of two workloads of one name', () => {
    const pods = podsOf([
      workload('Deployment', 'web', { replicas: 3 }),
      workload('Deployment', 'web', { replicas: 1 }),
    ]);
    assert.equal(pods.length, 1);
  });
});
