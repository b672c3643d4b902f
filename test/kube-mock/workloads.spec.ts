import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { expandWorkloads, fieldAt, type KubernetesObject, listAt, numberAt, textAt } from '#model/kubernetes';
import { type ApiClient, apiClient } from './api-client.js';
import { pod, service, workload } from './sample-objects.js';

const APPS = '/apis/apps/v1/namespaces/default';
const PODS = '/api/v1/namespaces/default/pods';

/** What a pod is to a policy: where, which address, which labels, whose. */
const shape = (object: KubernetesObject): unknown => ({
  name: `${object.metadata.namespace}/${object.metadata.name}`,
  labels: object.metadata.labels,
  owner: object.metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`),
  node: textAt(object, 'spec', 'nodeName'),
  addresses: fieldAt(object, 'status', 'podIPs'),
  host: textAt(object, 'status', 'hostIP'),
  phase: textAt(object, 'status', 'phase'),
});

describe('kube-mock: workloads', () => {
  let mock: KubeMock;
  let api: ApiClient;

  beforeEach(async () => {
    mock = await startKubeMock();
    api = apiClient(mock.url);
  });
  afterEach(() => mock.stop());

  const pods = (): readonly KubernetesObject[] => mock.objects('pods');
  const images = (): readonly unknown[] => pods().map((object) => fieldAt(object, 'spec', 'containers', 0, 'image'));
  const one = (resource: string): KubernetesObject => {
    const [object] = mock.objects(resource);
    assert.ok(object);
    return object;
  };

  it('makes the pods that expandWorkloads makes: names, labels, owners, nodes and addresses', () => {
    const given = [
      workload('Deployment', 'web', 4),
      pod('bare'),
      pod('fixed', { nodeName: 'node-3' }),
      pod('host', { hostNetwork: true }),
      workload('StatefulSet', 'db', 2),
      workload('DaemonSet', 'agent'),
      workload('ReplicaSet', 'old', 2),
      { ...pod('given'), status: { phase: 'Running', podIP: '10.244.0.2', podIPs: [{ ip: '10.244.0.2' }] } },
    ];
    mock.apply(given);
    const expected = expandWorkloads(given).filter((object) => object.kind === 'Pod');
    const byName = (list: readonly KubernetesObject[]): readonly KubernetesObject[] =>
      [...list].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    assert.deepEqual(byName(pods()).map(shape), byName(expected).map(shape));
    assert.equal(pods().length, 4 + 1 + 1 + 1 + 2 + 3 + 2 + 1);
  });

  it('releases a pod whose labels were changed, and makes another in its place', () => {
    mock.apply([workload('Deployment', 'web', 2)]);
    const [first] = pods();
    assert.ok(first);
    mock.apply([{ ...first, metadata: { ...first.metadata, labels: { app: 'quarantine' } } }]);
    const released = pods().find(({ metadata }) => metadata.name === first.metadata.name);
    assert.deepEqual(released?.metadata.ownerReferences ?? [], []);
    assert.equal(pods().filter(({ metadata }) => metadata.labels?.['app'] === 'web').length, 2);
  });

  it('a pod is told as a real cluster tells it: made, bound, running; ending, gone', async () => {
    const watch = await api.watch(`${PODS}?watch=true&resourceVersion=${mock.revision}`);
    await api.post(PODS, pod('one'));
    const made = [await watch.next(), await watch.next(), await watch.next()];
    assert.deepEqual(
      made.map(({ type, object }) => [
        type,
        textAt(object, 'spec', 'nodeName') ?? '',
        textAt(object, 'status', 'phase'),
        textAt(object, 'status', 'podIP') ?? '',
      ]),
      [
        ['ADDED', '', 'Pending', ''],
        ['MODIFIED', 'node-1', 'Pending', ''],
        ['MODIFIED', 'node-1', 'Running', '10.244.0.2'],
      ],
    );
    await api.delete(`${PODS}/one`);
    const ending = await watch.next();
    assert.equal(ending.type, 'MODIFIED');
    assert.equal(ending.object.metadata.deletionGracePeriodSeconds, 30);
    assert.equal((await watch.next()).type, 'DELETED');
    watch.close();
  });

  it('gracePeriodSeconds 0 removes a pod at once', async () => {
    mock.apply([pod('one')]);
    const watch = await api.watch(`${PODS}?watch=true&resourceVersion=${mock.revision}`);
    await api.delete(`${PODS}/one?gracePeriodSeconds=0`);
    assert.equal((await watch.next()).type, 'DELETED');
    watch.close();
  });

  it('replaces a deleted pod under a name it never had', async () => {
    mock.apply([workload('Deployment', 'web', 2)]);
    const before = pods().map((object) => object.metadata.name);
    await api.delete(`${PODS}/${before[0]}`);
    const after = pods().map((object) => object.metadata.name);
    assert.equal(after.length, 2);
    assert.equal(after.filter((name) => before.includes(name)).length, 1);
  });

  it('scales up and down, and reports counts', async () => {
    mock.apply([workload('Deployment', 'web', 2)]);
    await api.patch(`${APPS}/deployments/web`, 'merge', { spec: { replicas: 5 } });
    assert.equal(pods().length, 5);
    assert.equal(numberAt(one('deployments.apps'), 'status', 'availableReplicas'), 5);
    await api.patch(`${APPS}/deployments/web`, 'merge', { spec: { replicas: 1 } });
    assert.equal(pods().length, 1);
    const { status, metadata } = one('deployments.apps');
    const { conditions, ...counts } = status as { conditions: readonly unknown[] };
    assert.deepEqual(counts, {
      observedGeneration: metadata.generation,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    });
    assert.deepEqual(
      conditions.map((item) => `${textAt(item, 'type')} ${textAt(item, 'status')} ${textAt(item, 'reason')}`),
      ['Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable'],
    );
  });

  it('a Deployment rolls: the new pods run before the old ones end', async () => {
    mock.apply([workload('Deployment', 'web', 2)]);
    const watch = await api.watch(`${PODS}?watch=true&resourceVersion=${mock.revision}`);
    mock.apply([workload('Deployment', 'web', 2, 'nginx:2')]);
    mock.closeWatches();
    const events = await watch.rest();
    const lastStart = events.findLastIndex(
      ({ object }) =>
        textAt(object, 'status', 'phase') === 'Running' && object.metadata.deletionTimestamp === undefined,
    );
    const firstEnd = events.findIndex(({ object }) => object.metadata.deletionTimestamp !== undefined);
    assert.ok(lastStart < firstEnd, `started until ${lastStart}, ended from ${firstEnd}`);
    assert.deepEqual(images(), ['nginx:2', 'nginx:2']);
    assert.equal(mock.objects('replicasets.apps').length, 2);
  });

  it('Recreate ends the old pods before the new ones run', async () => {
    const recreate = (image: string): KubernetesObject => {
      const given = workload('Deployment', 'web', 1, image);
      return { ...given, spec: { ...(given.spec as object), strategy: { type: 'Recreate' } } };
    };
    mock.apply([recreate('nginx:1')]);
    const watch = await api.watch(`${PODS}?watch=true&resourceVersion=${mock.revision}`);
    mock.apply([recreate('nginx:2')]);
    mock.closeWatches();
    const events = await watch.rest();
    const gone = events.findIndex(({ type }) => type === 'DELETED');
    const added = events.findIndex(({ type }) => type === 'ADDED');
    assert.ok(gone !== -1 && gone < added, `gone at ${gone}, added at ${added}`);
    assert.deepEqual(images(), ['nginx:2']);
  });

  it('going back to an earlier template uses its ReplicaSet again', () => {
    mock.apply([workload('Deployment', 'web', 1), workload('Deployment', 'web', 1, 'nginx:2')]);
    mock.apply([workload('Deployment', 'web', 1)]);
    assert.deepEqual(images(), ['nginx:1']);
    const sets = mock.objects('replicasets.apps');
    assert.equal(sets.length, 2);
    const revisions = sets.map((set) => set.metadata.annotations?.['deployment.kubernetes.io/revision']);
    assert.deepEqual(new Set(revisions), new Set(['2', '3']));
  });

  it('a StatefulSet keeps its names through a roll, one pod at a time', async () => {
    mock.apply([workload('StatefulSet', 'db', 3)]);
    const watch = await api.watch(`${PODS}?watch=true&resourceVersion=${mock.revision}`);
    mock.apply([workload('StatefulSet', 'db', 3, 'nginx:2')]);
    mock.closeWatches();
    const steps = (await watch.rest()).filter(({ type }) => type !== 'MODIFIED');
    assert.deepEqual(
      steps.map(({ type, object }) => `${type} ${object.metadata.name}`),
      ['DELETED db-2', 'ADDED db-2', 'DELETED db-1', 'ADDED db-1', 'DELETED db-0', 'ADDED db-0'],
    );
    const { status } = one('statefulsets.apps');
    assert.equal(textAt(status, 'currentRevision'), textAt(status, 'updateRevision'));
    assert.equal(numberAt(status, 'readyReplicas'), 3);
    mock.apply([workload('StatefulSet', 'db', 1, 'nginx:2')]);
    assert.deepEqual(
      pods().map((object) => object.metadata.name),
      ['db-0'],
    );
  });

  it('a DaemonSet follows the nodes and its template', () => {
    mock.apply([workload('DaemonSet', 'agent')]);
    mock.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-9' } }]);
    assert.equal(pods().length, 4);
    mock.remove({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
    assert.equal(pods().length, 3);
    mock.apply([workload('DaemonSet', 'agent', undefined, 'nginx:2')]);
    assert.deepEqual(images(), ['nginx:2', 'nginx:2', 'nginx:2']);
    assert.equal(numberAt(one('daemonsets.apps'), 'status', 'desiredNumberScheduled'), 3);
  });

  it('a pod waits, with a reason, until a node takes it', async () => {
    await mock.stop();
    mock = await startKubeMock({ nodes: 0 });
    mock.apply([pod('one')]);
    assert.equal(textAt(pods()[0], 'status', 'conditions', 0, 'reason'), 'Unschedulable');
    const addresses = [{ type: 'InternalIP', address: '10.1.0.1' }];
    mock.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, status: { addresses } }]);
    assert.equal(textAt(pods()[0], 'status', 'hostIP'), '10.1.0.1');
    assert.equal(textAt(pods()[0], 'status', 'podIP'), '10.244.0.2');
  });

  it('never gives two live pods one address, and gives addresses back', () => {
    mock.apply([workload('Deployment', 'web', 700)]);
    const addresses = pods().map((object) => textAt(object, 'status', 'podIP'));
    assert.equal(new Set(addresses).size, 700);
    mock.apply([workload('Deployment', 'web', 0), workload('Deployment', 'next', 700)]);
    const next = pods().filter((object) => textAt(object, 'status', 'podIP') !== undefined);
    assert.equal(next.length, 700);
  });

  it('EndpointSlices follow the pods, with named ports resolved', async () => {
    mock.apply([
      service('web', { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] }),
      workload('Deployment', 'web', 2),
    ]);
    const slice = one('endpointslices.discovery.k8s.io');
    assert.equal(slice.metadata.labels?.['kubernetes.io/service-name'], 'web');
    assert.deepEqual(slice.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
    assert.deepEqual(
      listAt(slice, 'endpoints').map((endpoint) => fieldAt(endpoint, 'addresses', 0)),
      pods().map((object) => textAt(object, 'status', 'podIP')),
    );
    const [first] = pods();
    await api.patch(`${PODS}/${first?.metadata.name}`, 'merge', { metadata: { labels: { app: 'other' } } });
    const addresses = listAt(one('endpointslices.discovery.k8s.io'), 'endpoints').map((endpoint) =>
      fieldAt(endpoint, 'addresses', 0),
    );
    assert.equal(addresses.length, 2, 'the ReplicaSet made another pod in its place');
    assert.ok(!addresses.includes(textAt(first, 'status', 'podIP')));
    mock.remove(service('web', {}));
    assert.deepEqual(mock.objects('endpointslices.discovery.k8s.io'), []);
  });
});
