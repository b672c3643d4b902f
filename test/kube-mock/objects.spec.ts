import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import type { KubernetesObject } from '#model/kubernetes';
import { type ApiClient, apiClient } from './api-client.js';
import { configMap, networkPolicy, pod, service, workload } from './sample-objects.js';

const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

let mock: KubeMock;
let api: ApiClient;

const start = async (): Promise<void> => {
  mock = await startKubeMock();
  api = apiClient(mock.url);
};

describe('kube-mock: objects', () => {
  beforeEach(start);
  afterEach(() => mock.stop());

  it('creates with uid, creationTimestamp and revision, reads back, refuses a second one', async () => {
    const { status, data } = await api.post(`${CORE}/configmaps`, configMap('a'));
    assert.equal(status, 201);
    assert.match(data.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.match(data.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual((await api.get(`${CORE}/configmaps/a`)).data, data);
    const again = await api.post(`${CORE}/configmaps`, configMap('a'));
    assert.equal(again.status, 409);
    assert.equal(again.data.reason, 'AlreadyExists');
    assert.equal(again.data.message, 'configmaps "a" already exists');
  });

  it('generateName gives different names', async () => {
    const body = { metadata: { generateName: 'job-' } };
    const [one, two] = [await api.post(`${CORE}/configmaps`, body), await api.post(`${CORE}/configmaps`, body)];
    assert.match(one.data.metadata.name, /^job-[a-z0-9]{5}$/);
    assert.notEqual(one.data.metadata.name, two.data.metadata.name);
  });

  it('refuses another kind, another namespace, a revision on create, and a missing namespace', async () => {
    const cases: readonly (readonly [string, unknown, number, RegExp])[] = [
      [`${CORE}/configmaps`, pod('x'), 400, /Pod in version "v1" cannot be handled as a ConfigMap/],
      [`${CORE}/configmaps`, { metadata: { name: 'x', namespace: 'other' } }, 400, /does not match the namespace/],
      [
        `${CORE}/configmaps`,
        { metadata: { name: 'x', resourceVersion: '1' } },
        400,
        /resourceVersion should not be set/,
      ],
      ['/api/v1/namespaces/nope/configmaps', { metadata: { name: 'x' } }, 404, /namespaces "nope" not found/],
      [`${CORE}/configmaps`, { metadata: {} }, 422, /name or generateName is required/],
    ];
    for (const [path, body, code, message] of cases) {
      const { status, data } = await api.post(path, body);
      assert.equal(status, code, data.message);
      assert.match(data.message, message);
      assert.equal(data.kind, 'Status');
    }
  });

  it('a PUT with an old revision is 409 Conflict, with the present one it is taken', async () => {
    const first = (await api.post(`${CORE}/configmaps`, configMap('a'))).data;
    const changed = await api.put(`${CORE}/configmaps/a`, { ...first, data: { key: 'new' } });
    assert.equal(changed.status, 200);
    const stale = await api.put(`${CORE}/configmaps/a`, { ...first, data: { key: 'newer' } });
    assert.equal(stale.status, 409);
    assert.equal(stale.data.reason, 'Conflict');
    assert.match(stale.data.message, /the object has been modified/);
    assert.deepEqual((await api.get(`${CORE}/configmaps/a`)).data.data, { key: 'new' });
  });

  it('a write that changes nothing writes nothing', async () => {
    const { data } = await api.post(POLICIES, networkPolicy('p', { podSelector: {} }));
    const { revision } = mock;
    assert.equal((await api.put(`${POLICIES}/p`, data)).data.metadata.resourceVersion, data.metadata.resourceVersion);
    await api.patch(`${POLICIES}/p`, 'merge', { spec: { podSelector: {} } });
    assert.equal(mock.revision, revision);
  });

  it('counts generations of the spec, not of labels or status', async () => {
    await api.post(POLICIES, networkPolicy('p', { podSelector: {} }));
    const labelled = await api.patch(`${POLICIES}/p`, 'merge', { metadata: { labels: { a: 'b' } } });
    assert.equal(labelled.data.metadata.generation, 1);
    const changed = await api.patch(`${POLICIES}/p`, 'merge', { spec: { podSelector: { matchLabels: { a: 'b' } } } });
    assert.equal(changed.data.metadata.generation, 2);
  });

  it('status is written by the status subresource alone', async () => {
    const created = await api.post(`${CORE}/pods`, {
      ...pod('a', { nodeName: 'elsewhere' }),
      status: { phase: 'Failed' },
    });
    assert.equal(created.data.status.phase, 'Pending');
    const status = await api.patch(`${CORE}/pods/a/status`, 'strategic-merge', {
      metadata: { labels: { not: 'taken' } },
      status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] },
    });
    assert.equal(status.data.status.phase, 'Succeeded');
    assert.deepEqual(status.data.metadata.labels, { app: 'a' });
    const main = await api.patch(`${CORE}/pods/a`, 'merge', { status: { phase: 'Running' } });
    assert.equal(main.data.status.phase, 'Succeeded');
  });

  it('scale reads and writes replicas', async () => {
    await api.post(`${APPS}/deployments`, workload('Deployment', 'web', 2));
    const { data: scale } = await api.get(`${APPS}/deployments/web/scale`);
    assert.equal(scale.kind, 'Scale');
    assert.deepEqual([scale.spec.replicas, scale.status.replicas, scale.status.selector], [2, 2, 'app=web']);
    const written = await api.put(`${APPS}/deployments/web/scale`, { ...scale, spec: { replicas: 4 } });
    assert.equal(written.data.spec.replicas, 4);
    assert.equal(mock.objects('pods').length, 4);
    await api.patch(`${APPS}/deployments/web/scale`, 'merge', { spec: { replicas: 1 } });
    assert.equal(mock.objects('pods').length, 1);
  });

  it('a finalizer holds a deleted object until it is taken away', async () => {
    const held = { ...configMap('a'), metadata: { name: 'a', namespace: 'default', finalizers: ['test/hold'] } };
    await api.post(`${CORE}/configmaps`, held);
    const deleted = await api.delete(`${CORE}/configmaps/a`);
    assert.match(deleted.data.metadata.deletionTimestamp, /Z$/);
    assert.equal((await api.get(`${CORE}/configmaps/a`)).status, 200);
    await api.patch(`${CORE}/configmaps/a`, 'merge', { metadata: { finalizers: null } });
    assert.equal((await api.get(`${CORE}/configmaps/a`)).status, 404);
  });

  it('delete answers Success, 404 for what is not there, 409 for another uid', async () => {
    await api.post(`${CORE}/configmaps`, configMap('a'));
    assert.equal((await api.delete(`${CORE}/configmaps/a`, { preconditions: { uid: 'x' } })).status, 409);
    const { data } = await api.delete(`${CORE}/configmaps/a`);
    assert.deepEqual([data.kind, data.status, data.details.kind], ['Status', 'Success', 'configmaps']);
    const missing = await api.delete(`${CORE}/configmaps/a`);
    assert.equal(missing.status, 404);
    assert.equal(missing.data.message, 'configmaps "a" not found');
  });

  it('deletes a collection by selector', async () => {
    mock.apply([configMap('a', { x: '1' }), configMap('b', { x: '1' }), configMap('c')]);
    const { data } = await api.delete(`${CORE}/configmaps?labelSelector=x%3D1`);
    assert.equal(data.items.length, 2);
    assert.deepEqual(
      mock.objects('configmaps').map((object) => object.metadata.name),
      ['c'],
    );
  });

  it('deletes what a deleted owner owned; Orphan leaves it', async () => {
    mock.apply([workload('Deployment', 'web', 2), workload('Deployment', 'kept', 1)]);
    await api.delete(`${APPS}/deployments/web`);
    assert.deepEqual(
      mock.objects('pods').map((object) => object.metadata.labels?.app),
      ['kept'],
    );
    await api.delete(`${APPS}/deployments/kept?propagationPolicy=Orphan`);
    const [set] = mock.objects('replicasets.apps');
    assert.equal(set?.metadata.labels?.app, 'kept');
    assert.deepEqual(set?.metadata.ownerReferences, []);
  });

  it('a foreground deletion takes the dependents first', async () => {
    mock.apply([workload('Deployment', 'web', 1)]);
    const watch = await api.watch(`/apis/apps/v1/deployments?watch=true&resourceVersion=${mock.revision}`);
    await api.delete(`${APPS}/deployments/web`, { propagationPolicy: 'Foreground' });
    assert.deepEqual((await watch.next()).object.metadata.finalizers, ['foregroundDeletion']);
    assert.equal((await watch.next()).type, 'DELETED');
    assert.deepEqual([mock.objects('pods'), mock.objects('replicasets.apps')], [[], []]);
    watch.close();
  });

  it('a deleted namespace takes its contents along and takes nothing new', async () => {
    await api.post('/api/v1/namespaces', { metadata: { name: 'team' } });
    const inTeam = (object: KubernetesObject): KubernetesObject => ({
      ...object,
      metadata: { ...object.metadata, namespace: 'team' },
    });
    const held = inTeam(configMap('held'));
    mock.apply([
      inTeam(workload('Deployment', 'web', 2)),
      { ...held, metadata: { ...held.metadata, finalizers: ['a/b'] } },
    ]);
    await api.delete('/api/v1/namespaces/team');
    const { data } = await api.get('/api/v1/namespaces/team');
    assert.equal(data.status.phase, 'Terminating');
    assert.deepEqual(mock.objects('pods'), []);
    const refused = await api.post('/api/v1/namespaces/team/configmaps', { metadata: { name: 'late' } });
    assert.equal(refused.status, 403);
    assert.match(refused.data.message, /because it is being terminated/);
    await api.patch('/api/v1/namespaces/team/configmaps/held', 'json', [
      { op: 'remove', path: '/metadata/finalizers' },
    ]);
    assert.equal((await api.get('/api/v1/namespaces/team')).status, 404);
  });

  it('the default namespace stays', async () => {
    assert.equal((await api.delete('/api/v1/namespaces/default')).status, 403);
  });

  it('a namespace has its name as a label, and keeps it', async () => {
    await api.post('/api/v1/namespaces', { metadata: { name: 'team' } });
    const { data } = await api.patch('/api/v1/namespaces/team', 'merge', { metadata: { labels: null } });
    assert.deepEqual(data.metadata.labels, { 'kubernetes.io/metadata.name': 'team' });
  });

  it('services get an address of their own and keep it', async () => {
    const ports = [{ port: 80 }];
    mock.apply([service('a', { ports }), service('b', { ports }), service('none', { clusterIP: 'None', ports })]);
    const addresses = mock.objects('services').map((object) => (object.spec as { clusterIP: string }).clusterIP);
    assert.equal(new Set(addresses).size, 3);
    assert.equal(addresses[2], 'None');
    const { data } = await api.put(`${CORE}/services/a`, service('a', { ports: [{ port: 81 }] }));
    assert.equal(data.spec.clusterIP, addresses[0]);
    assert.deepEqual(data.spec.ports, [{ protocol: 'TCP', port: 81, targetPort: 81 }]);
  });

  it('dry runs write nothing', async () => {
    const { revision } = mock;
    const { status, data } = await api.post(`${APPS}/deployments?dryRun=All`, workload('Deployment', 'web', 2));
    assert.equal(status, 201);
    assert.equal(data.metadata.name, 'web');
    assert.equal(mock.revision, revision);
  });

  it('unknown paths, methods and media types are answered with a Status', async () => {
    const unknown = await api.get('/apis/example.com/v1/things');
    assert.deepEqual([unknown.status, unknown.data.reason], [404, 'NotFound']);
    assert.equal((await api.post(`${CORE}/configmaps/a`, {})).status, 405);
    assert.equal((await api.get(`${CORE}/configmaps`, 'text/html')).status, 406);
    const patch = await api.patch(`${CORE}/configmaps/a`, 'json', {});
    assert.equal(patch.status, 404);
  });

  it('health, version and discovery answer', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) assert.equal((await api.get(path)).data, 'ok');
    assert.match((await api.get('/version')).data.gitVersion, /^v1\.\d+/);
    assert.deepEqual((await api.get('/api')).data.versions, ['v1']);
    const groups = (await api.get('/apis')).data.groups.map((group: { name: string }) => group.name);
    assert.ok(groups.includes('networking.k8s.io') && !groups.includes(''));
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const { data, headers } = await api.get('/api', accept);
    assert.equal(data.kind, 'APIGroupDiscoveryList');
    assert.match(String(headers['content-type']), /as=APIGroupDiscoveryList/);
  });
});

describe('kube-mock: custom resources', () => {
  beforeEach(start);
  afterEach(() => mock.stop());

  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'fabricgroups.aci.example.com' },
    spec: {
      group: 'aci.example.com',
      scope: 'Namespaced',
      names: { plural: 'fabricgroups', singular: 'fabricgroup', kind: 'FabricGroup', shortNames: ['fg'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Dn', type: 'string', jsonPath: '.spec.dn' },
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          ],
        },
        { name: 'v1alpha1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  };
  const GROUPS = '/apis/aci.example.com/v1/namespaces/default/fabricgroups';
  const group = { metadata: { name: 'web' }, spec: { dn: 'uni/tn-x', free: null } };

  it('are served at once, in every version, with status and null fields kept', async () => {
    const created = await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    assert.equal(created.status, 201);
    assert.equal((await api.post(GROUPS, { ...group, status: { x: 1 } })).status, 201);
    await api.patch(`${GROUPS}/web/status`, 'merge', { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    const { data } = await api.get(GROUPS.replace('/v1/', '/v1alpha1/'));
    assert.equal(data.items[0].apiVersion, 'aci.example.com/v1alpha1');
    assert.deepEqual(data.items[0].spec, group.spec);
    assert.deepEqual(data.items[0].status, { conditions: [{ type: 'Ready', status: 'True' }] });
  });

  it('are shown with the columns of their definition', async () => {
    mock.apply([definition]);
    await api.post(GROUPS, group);
    const { data } = await api.get(GROUPS, 'application/json;as=Table;v=v1;g=meta.k8s.io');
    assert.deepEqual(
      data.columnDefinitions.map((column: { name: string }) => column.name),
      ['Name', 'Dn', 'Ready'],
    );
    assert.deepEqual(data.rows[0].cells, ['web', 'uni/tn-x', null]);
  });

  it('take no strategic merge patch', async () => {
    mock.apply([definition]);
    await api.post(GROUPS, group);
    assert.equal((await api.patch(`${GROUPS}/web`, 'strategic-merge', { spec: { dn: 'y' } })).status, 415);
    assert.equal((await api.patch(`${GROUPS}/web`, 'merge', { spec: { dn: 'y' } })).data.spec.dn, 'y');
  });

  it('have the Established condition, and go with their definition', async () => {
    mock.apply([definition]);
    await api.post(GROUPS, group);
    const [held] = mock.objects('customresourcedefinitions.apiextensions.k8s.io');
    assert.ok(held);
    const { conditions } = held.status as { conditions: { type: string; status: string }[] };
    assert.ok(conditions.some(({ type, status }) => type === 'Established' && status === 'True'));
    mock.remove(definition);
    assert.equal((await api.get(GROUPS)).status, 404);
    assert.deepEqual(mock.objects('fabricgroups.aci.example.com'), []);
  });
});
