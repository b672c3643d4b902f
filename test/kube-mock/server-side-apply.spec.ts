import assert from 'node:assert/strict';
import { create } from 'axios';
import * as fc from 'fast-check';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';
import { crd } from '#support/crds';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';
import { configMap } from './sample-objects.js';

const MAP = '/api/v1/namespaces/default/configmaps/map';
const GROUPS = '/apis/aci-gateway.io/v1alpha1/fabricgroups';

describeWith([KUBECTL], 'kube-mock: server-side apply', () => {
  let mock: KubeMock;
  let kubectl: Kubectl;

  beforeEach(async () => {
    mock = await startKubeMock();
    kubectl = kubectlFor(mock.url);
  });
  afterEach(async () => {
    kubectl.dispose();
    await mock.stop();
  });

  const apply = (path: string, manager: string, body: object, force = false) =>
    create({ baseURL: mock.url, validateStatus: () => true, proxy: false }).patch(
      `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`,
      JSON.stringify(body),
      { headers: { 'Content-Type': 'application/apply-patch+yaml' } },
    );
  const data = (values: Readonly<Record<string, string>>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'map' },
    data: values,
  });
  const stored = (): unknown => mock.objects('configmaps').find(({ metadata }) => metadata.name === 'map')?.['data'];

  it('makes what is not there, and names the owner of each field', async () => {
    const made = await apply(MAP, 'one', data({ a: '1' }));
    assert.equal(made.status, 201);
    const [entry] = fieldAt(made.data, 'metadata', 'managedFields') as readonly Record<string, unknown>[];
    assert.deepEqual(entry?.['fieldsV1'], { 'f:data': { 'f:a': {} } });
    assert.deepEqual([entry?.['manager'], entry?.['operation']], ['one', 'Apply']);
  });

  it('refuses to change what another owns, says whose it is, and takes it by force', async () => {
    await apply(MAP, 'one', data({ a: '1', b: '1' }));
    const refused = await apply(MAP, 'two', data({ a: '2' }));
    assert.equal(refused.status, 409);
    assert.equal(refused.data.message, 'Apply failed with 1 conflict: conflict with "one" using v1: .data.a');
    assert.equal((await apply(MAP, 'two', data({ a: '1' }))).status, 200, 'the same value is no conflict');
    assert.equal((await apply(MAP, 'two', data({ a: '2' }), true)).status, 200);
    assert.deepEqual(stored(), { a: '2', b: '1' });
    await apply(MAP, 'one', data({ b: '1' }));
    assert.deepEqual(stored(), { a: '2', b: '1' }, 'what was taken is not removed with its former owner');
  });

  it('removes what its owner does not say any more, but not what somebody else owns too', async () => {
    await apply(MAP, 'one', data({ a: '1', b: '1' }));
    await apply(MAP, 'two', data({ a: '1' }));
    await apply(MAP, 'one', data({ c: '1' }));
    assert.deepEqual(stored(), { a: '1', c: '1' });
  });

  it('keeps what was there before anybody applied, and what is written otherwise', async () => {
    mock.apply([configMap('map')]);
    await apply(MAP, 'one', data({ a: '1' }));
    await apply(MAP, 'one', data({}));
    assert.deepEqual(stored(), { key: 'value' });
    assert.equal((await apply(MAP, 'one', data({ key: 'other' }))).status, 409);
    await apply(MAP, 'one', data({ b: '1' }));
    await kubectl.ok(['patch', 'configmap', 'map', '--type=merge', '-p', '{"data":{"b":"2"}}']);
    const { status, data: answer } = await apply(MAP, 'one', data({ b: '1' }));
    assert.equal(status, 409, 'who patched it owns it');
    assert.match(answer.message, /conflict with "kubectl-patch"/);
  });

  it('serves kubectl apply --server-side', async () => {
    const args = ['apply', '--server-side', '--field-manager=kubectl', '-f', '-'];
    const manifest = JSON.stringify({ ...data({ a: '1' }), metadata: { name: 'map', namespace: 'default' } });
    assert.match(await kubectl.ok(args, manifest), /serverside-applied/);
    await apply(MAP, 'gateway', data({ a: '2' }), true);
    const { code, stderr } = await kubectl.run(args, manifest);
    assert.equal(code, 1);
    assert.match(stderr, /conflict with "gateway"/);
  });

  it('merges conditions by their type, from whomever they come', async () => {
    mock.apply([crd('fabricgroups')]);
    const time = '2026-01-01T00:00:00Z';
    const condition = (type: string, status: string) => ({
      type,
      status,
      lastTransitionTime: time,
      reason: 'R',
      message: '',
    });
    const status = (...conditions: readonly object[]) => ({
      metadata: { name: 'g' },
      status: { dn: 'uni', kind: 'ExternalGroup', tenant: 't', conditions },
    });
    await apply(`${GROUPS}/g`, 'one', { metadata: { name: 'g' } });
    await apply(`${GROUPS}/g/status`, 'one', status(condition('A', 'True'), condition('B', 'True')));
    await apply(`${GROUPS}/g/status`, 'two', status(condition('C', 'True')));
    await apply(`${GROUPS}/g/status`, 'one', status(condition('B', 'False')));
    const conditions = listAt(mock.objects('fabricgroups.aci-gateway.io')[0], 'status', 'conditions');
    assert.deepEqual(
      conditions.map((found) => `${textAt(found, 'type')}=${textAt(found, 'status')}`),
      ['B=False', 'C=True'],
    );
  });

  it('checks and prunes custom resources by their schema', async () => {
    mock.apply([crd('fabricgroups')]);
    await apply(`${GROUPS}/g`, 'one', { metadata: { name: 'g' } });
    const body = { status: { dn: 'uni', kind: 'ExternalGroup', tenant: 't', rack: 3 } };
    assert.equal((await apply(`${GROUPS}/g/status`, 'one', body)).data.status.rack, undefined);
    const { status, data: answer } = await apply(`${GROUPS}/g/status`, 'one', {
      status: { dn: 'uni', health: 'good' },
    });
    assert.equal(status, 422);
    assert.match(answer.message, /status\.kind: Required value/);
    assert.match(answer.message, /status\.health: Invalid value: "good": .* must be of type integer/);
  });

  it('property: after any history each field is there exactly when somebody applies it', async () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { maxKeys: 3 });
    const step = fc.record({ manager: fc.constantFrom('one', 'two', 'three'), values });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        mock.remove(configMap('map'));
        const claims = new Map<string, Readonly<Record<string, string>>>();
        for (const { manager, values: wanted } of steps) {
          await apply(MAP, manager, data(wanted), true);
          // What is taken by force with another value is the taker's alone.
          for (const [other, held] of claims) {
            const kept = Object.entries(held).filter(([key, value]) => (wanted[key] ?? value) === value);
            claims.set(other, Object.fromEntries(kept));
          }
          claims.set(manager, wanted);
        }
        const expected = Object.assign({}, ...claims.values()) as Readonly<Record<string, string>>;
        assert.deepEqual(stored() ?? {}, expected);
      }),
      { numRuns: 60 },
    );
  });
});
