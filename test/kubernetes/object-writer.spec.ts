import assert from 'node:assert/strict';
import { GatewayError } from '#errors';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type ClosableClusterWriter, clusterWriter } from '#kubernetes';
import { fieldAt, type KubernetesObject } from '#model/kubernetes';
import { WRITE_ERRORS } from '#ports';
import { crd } from '#support/crds';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { type RefusingProxy, startRefusingProxy } from '#support/refusing-proxy';
import { describeWith } from '#support/requirement';

const LABELS = { 'app.kubernetes.io/managed-by': 'aci-gateway' };

const group = (name: string, status: object = {}): KubernetesObject => ({
  apiVersion: 'aci-gateway.io/v1alpha1',
  kind: 'FabricGroup',
  metadata: { name, labels: LABELS },
  status: { dn: `uni/tn-prod/ap-legacy/epg-${name}`, kind: 'EndpointGroup', tenant: 'prod', ...status },
});

const failsWith = (code: string) => (error: unknown) => error instanceof GatewayError && error.code === code;

describeWith([KUBECTL], 'objects of the gateway in Kubernetes', () => {
  let mock: KubeMock;
  let proxy: RefusingProxy;
  let writer: ClosableClusterWriter;
  let kubectl: Kubectl;
  const { signal } = new AbortController();

  const stored = (): readonly KubernetesObject[] => mock.objects('fabricgroups.aci-gateway.io');

  beforeEach(async () => {
    mock = await startKubeMock();
    mock.apply([crd('fabricgroups')]);
    proxy = await startRefusingProxy(mock.url);
    writer = clusterWriter({ url: proxy.url });
    kubectl = kubectlFor(mock.url);
  });
  afterEach(async () => {
    kubectl.dispose();
    writer.close();
    await proxy.stop();
    await mock.stop();
  });

  it('makes an object and its status, which kubectl shows', async () => {
    await writer.apply(group('db'), signal);
    assert.equal(stored()[0]?.['status'], undefined, 'the object itself has no status');
    await writer.applyStatus(group('db', { endpointCount: 3, health: 97 }), signal);
    assert.match(await kubectl.ok(['get', 'fg', '--no-headers']), /^db\s+EndpointGroup\s+3\s+97\s/);
  });

  it('writes in full: what it does not say any more goes, what others wrote stays', async () => {
    await writer.apply(group('db'), signal);
    await kubectl.ok(['label', 'fabricgroup', 'db', 'team=payments']);
    await writer.applyStatus(group('db', { health: 97 }), signal);
    await writer.apply(group('db'), signal);
    await writer.applyStatus(group('db'), signal);
    const [object] = stored();
    assert.deepEqual(object?.metadata.labels, { ...LABELS, team: 'payments' });
    assert.equal(fieldAt(object, 'status', 'health'), undefined);
    assert.equal(fieldAt(object, 'status', 'tenant'), 'prod');
  });

  it('writes nothing new when it says the same again', async () => {
    await writer.apply(group('db'), signal);
    await writer.applyStatus(group('db'), signal);
    const { revision } = mock;
    await writer.apply(group('db'), signal);
    await writer.applyStatus(group('db'), signal);
    assert.equal(mock.revision, revision);
  });

  it('lists what carries its labels, and deletes that very object', async () => {
    await writer.apply(group('db'), signal);
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify({ ...group('hand-made'), metadata: { name: 'hand-made' } }));
    const [found, ...more] = await writer.list('FabricGroup', LABELS, signal);
    assert.ok(found !== undefined && more.length === 0);
    assert.equal(found.metadata.name, 'db');
    await writer.remove({ ...found, metadata: { ...found.metadata, uid: 'another' } }, signal);
    assert.equal(stored().length, 2, 'another object of that name is not deleted');
    await writer.remove(found, signal);
    await writer.remove(found, signal);
    assert.deepEqual(
      stored().map(({ metadata }) => metadata.name),
      ['hand-made'],
    );
  });

  it('says why a write is refused: no permission, no definition, a conflict, a bad object', async () => {
    for (const [status, code] of [
      [403, WRITE_ERRORS.forbidden],
      [409, WRITE_ERRORS.conflict],
    ] as const) {
      proxy.refuse(() => status);
      await assert.rejects(writer.apply(group('db'), signal), failsWith(code));
    }
    proxy.refuse(() => 403);
    await assert.rejects(writer.list('FabricGroup', LABELS, signal), failsWith(WRITE_ERRORS.forbidden));
    proxy.refuse(undefined);
    await assert.rejects(writer.applyStatus(group('gone'), signal), failsWith(WRITE_ERRORS.notFound));
    await writer.apply(group('db'), signal);
    const bad = group('db', { kind: 'Rack', health: 101 });
    await assert.rejects(writer.applyStatus(bad, signal), (error: unknown) => {
      assert.ok(failsWith(WRITE_ERRORS.invalid)(error));
      assert.match(String(error), /status\.kind: Unsupported value: "Rack"/);
      assert.match(String(error), /status\.health/);
      return true;
    });
    mock.remove(crd('fabricgroups'));
    await assert.rejects(writer.apply(group('db'), signal), failsWith(WRITE_ERRORS.notFound));
    await assert.rejects(writer.list('FabricGroup', LABELS, signal), failsWith(WRITE_ERRORS.notFound));
  });
});
