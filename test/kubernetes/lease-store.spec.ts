import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { kubernetesLease } from '#kubernetes';
import type { Lease, LeaseStore } from '#ports';
import { KUBECTL, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';

const signal = new AbortController().signal;
const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const lease = (holder: string): Lease => ({
  holder,
  seconds: 15,
  acquiredAt: AT,
  renewedAt: AT + 1000,
  transitions: 3,
});

describeWith([KUBECTL], 'the lease in Kubernetes', () => {
  let kube: KubeMock;
  let store: LeaseStore;

  beforeEach(async () => {
    kube = await startKubeMock();
    store = kubernetesLease({ url: kube.url }, { namespace: 'default', name: 'acigw-test', timeoutMs: 1000 });
  });
  afterEach(async () => {
    store.close();
    await kube.stop();
  });

  it('is none at first; who writes it is read back, with its times', async () => {
    assert.equal(await store.read(signal), undefined);
    assert.equal(await store.put(lease('one'), undefined, signal), true);
    const { version, ...read } = (await store.read(signal)) ?? { version: '' };
    assert.notEqual(version, '');
    assert.deepEqual(read, lease('one'));
    const kubectl = kubectlFor(kube.url);
    const row = await kubectl.ok(['get', 'lease', 'acigw-test', '--no-headers']);
    assert.match(row, /^acigw-test\s+one\s/);
    const renewed = await kubectl.ok(['get', 'lease', 'acigw-test', '-o', 'jsonpath={.spec.renewTime}']);
    assert.equal(renewed, '2026-01-02T03:04:06.678000Z', 'a MicroTime');
    kubectl.dispose();
  });

  it('is written by the first of two only', async () => {
    await store.put(lease('one'), undefined, signal);
    assert.equal(await store.put(lease('two'), undefined, signal), false, 'it is there already');
    const read = await store.read(signal);
    assert.equal(await store.put(lease('two'), read, signal), true);
    assert.equal(await store.put(lease('three'), read, signal), false, 'it is another version');
    assert.equal((await store.read(signal))?.holder, 'two');
  });

  it('is readable when somebody wrote it by hand', async () => {
    kube.apply([
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'acigw-test', namespace: 'default' },
      },
    ]);
    const { version: _, ...read } = (await store.read(signal)) ?? { version: '' };
    assert.deepEqual(read, { holder: '', seconds: 0, acquiredAt: 0, renewedAt: 0, transitions: 0 });
  });

  it('says what is missing when the API server refuses it', async () => {
    const nowhere = kubernetesLease({ url: kube.url }, { namespace: 'nowhere', name: 'acigw-test', timeoutMs: 1000 });
    await assert.rejects(nowhere.put(lease('one'), undefined, signal), /namespaces "nowhere" not found/);
    nowhere.close();
  });
});
