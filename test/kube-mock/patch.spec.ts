import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type ApiClient, apiClient } from './api-client.js';
import { configMap, networkPolicy, service, workload } from './sample-objects.js';

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/web';

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly unknown[];
  readonly ports?: readonly unknown[];
}

describe('kube-mock: patches', () => {
  let mock: KubeMock;
  let api: ApiClient;

  beforeEach(async () => {
    mock = await startKubeMock();
    api = apiClient(mock.url);
    mock.apply([workload('Deployment', 'web', 0), configMap('map', { a: '1', b: '2' })]);
  });
  afterEach(() => mock.stop());

  const patchContainers = async (containers: readonly unknown[], extra: object = {}): Promise<readonly Container[]> => {
    const patch = { spec: { template: { spec: { containers, ...extra } } } };
    const { status, data } = await api.patch(DEPLOYMENT, 'strategic-merge', patch);
    assert.equal(status, 200, data.message);
    return data.spec.template.spec.containers;
  };

  it('strategic merge: containers merge by name', async () => {
    const containers = await patchContainers([{ name: 'side', image: 's' }]);
    assert.deepEqual(
      containers.map(({ name }) => name),
      ['main', 'side'],
    );
    const changed = await patchContainers([{ name: 'main', image: 'nginx:2' }]);
    assert.equal(changed[0]?.image, 'nginx:2');
    assert.equal(changed[0]?.ports?.length, 1);
  });

  it('strategic merge: $patch delete takes an item, replace the whole list', async () => {
    await patchContainers([{ name: 'side', image: 's' }]);
    const without = await patchContainers([{ name: 'main', $patch: 'delete' }]);
    assert.deepEqual(
      without.map(({ name }) => name),
      ['side'],
    );
    const replaced = await patchContainers([{ name: 'new', image: 'n' }, { $patch: 'replace' }]);
    assert.deepEqual(
      replaced.map(({ name }) => name),
      ['new'],
    );
  });

  it('strategic merge: ports merge by containerPort, env by name with a null that deletes', async () => {
    const [main] = await patchContainers([
      { name: 'main', ports: [{ containerPort: 9090 }], env: [{ name: 'A', value: '1' }] },
    ]);
    assert.equal(main?.ports?.length, 2);
    const [again] = await patchContainers([{ name: 'main', env: [{ name: 'A', value: null }, { name: 'B' }] }]);
    assert.deepEqual(again?.env, [{ name: 'A' }, { name: 'B' }]);
  });

  it('strategic merge: $setElementOrder orders, and keeps what it does not name', async () => {
    await patchContainers([
      { name: 'b', image: 'b' },
      { name: 'c', image: 'c' },
    ]);
    const order = { '$setElementOrder/containers': [{ name: 'c' }, { name: 'main' }] };
    const containers = await patchContainers([{ name: 'c', image: 'c2' }], order);
    assert.deepEqual(
      containers.map(({ name }) => name),
      ['b', 'c', 'main'],
    );
  });

  it('strategic merge: $retainKeys drops the other keys', async () => {
    const strategy = { $retainKeys: ['type'], type: 'Recreate' };
    const { data } = await api.patch(DEPLOYMENT, 'strategic-merge', { spec: { strategy } });
    assert.deepEqual(data.spec.strategy, { type: 'Recreate' });
  });

  it('strategic merge: finalizers are a set, $deleteFromPrimitiveList takes values', async () => {
    await api.patch(DEPLOYMENT, 'strategic-merge', { metadata: { finalizers: ['a/1', 'b/2'] } });
    const added = await api.patch(DEPLOYMENT, 'strategic-merge', { metadata: { finalizers: ['c/3'] } });
    assert.deepEqual(added.data.metadata.finalizers, ['a/1', 'b/2', 'c/3']);
    const { data } = await api.patch(DEPLOYMENT, 'strategic-merge', {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['b/2'] },
    });
    assert.deepEqual(data.metadata.finalizers, ['a/1', 'c/3']);
  });

  it('strategic merge: service ports merge by port, policy rules are replaced', async () => {
    mock.apply([
      service('s', { ports: [{ port: 80, name: 'a' }] }),
      networkPolicy('p', { podSelector: {}, ingress: [{}] }),
    ]);
    const { data } = await api.patch('/api/v1/namespaces/default/services/s', 'strategic-merge', {
      spec: { ports: [{ port: 81, name: 'b' }] },
    });
    assert.equal(data.spec.ports.length, 2);
    const policy = await api.patch(
      '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/p',
      'strategic-merge',
      { spec: { ingress: [{ from: [{ podSelector: {} }] }] } },
    );
    assert.deepEqual(policy.data.spec.ingress, [{ from: [{ podSelector: {} }] }]);
  });

  it('strategic merge: refuses an unknown directive and an item without its key', async () => {
    const bad = await api.patch(DEPLOYMENT, 'strategic-merge', { spec: { $patch: 'nonsense' } });
    assert.equal(bad.status, 400);
    const keyless = await api.patch(DEPLOYMENT, 'strategic-merge', {
      spec: { template: { spec: { containers: [{ image: 'x' }] } } },
    });
    assert.equal(keyless.status, 400);
    assert.match(keyless.data.message, /does not contain declared merge key: name/);
  });

  it('merge patch: null deletes, lists are replaced', async () => {
    const { data } = await api.patch('/api/v1/namespaces/default/configmaps/map', 'merge', {
      metadata: { labels: { a: null, c: '3' } },
      data: { other: 'x' },
    });
    assert.deepEqual(data.metadata.labels, { b: '2', c: '3' });
    assert.deepEqual(data.data, { key: 'value', other: 'x' });
  });

  it('JSON patch: test guards, a path that is not there is refused', async () => {
    const path = '/api/v1/namespaces/default/configmaps/map';
    const done = await api.patch(path, 'json', [
      { op: 'test', path: '/data/key', value: 'value' },
      { op: 'replace', path: '/data/key', value: 'new' },
      { op: 'add', path: '/metadata/labels/x~1y', value: 'z' },
    ]);
    assert.equal(done.data.data.key, 'new');
    assert.equal(done.data.metadata.labels['x/y'], 'z');
    const refused = await api.patch(path, 'json', [{ op: 'test', path: '/data/key', value: 'value' }]);
    assert.equal(refused.status, 422);
    assert.equal((await api.patch(path, 'json', [{ op: 'remove', path: '/data/none' }])).status, 422);
    assert.equal((await api.patch(path, 'json', { op: 'add' })).status, 400);
  });

  it('a patch with an old revision is 409', async () => {
    const path = '/api/v1/namespaces/default/configmaps/map';
    const old = (await api.get(path)).data.metadata.resourceVersion;
    await api.patch(path, 'merge', { data: { key: 'new' } });
    const stale = await api.patch(path, 'merge', { metadata: { resourceVersion: old }, data: { key: 'newer' } });
    assert.equal(stale.status, 409);
  });

  it('a patch cannot change name, uid or creation time', async () => {
    const path = '/api/v1/namespaces/default/configmaps/map';
    assert.equal((await api.patch(path, 'merge', { metadata: { name: 'other' } })).status, 400);
    const before = (await api.get(path)).data.metadata;
    const { data } = await api.patch(path, 'merge', { metadata: { creationTimestamp: '2000-01-01T00:00:00Z' } });
    assert.equal(data.metadata.creationTimestamp, before.creationTimestamp);
  });
});
