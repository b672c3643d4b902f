import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type ClosableClusterEvents, eventWriter } from '#kubernetes';
import { type KubernetesObject, textAt } from '#model/kubernetes';
import type { ClusterEvent, Logger } from '#ports';
import { silentLogger } from '#runtime';
import { eventually } from '#support/eventually';
import { KUBECTL, kubectlFor } from '#support/kubectl';
import { ManualClock } from '#support/manual-clock';
import { type RefusingProxy, startRefusingProxy } from '#support/refusing-proxy';
import { describeWith } from '#support/requirement';

const policy: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};

const about = (object: string, message = 'a port has no name'): ClusterEvent => ({
  object,
  type: 'Warning',
  reason: 'InvalidPort',
  message,
});

describeWith([KUBECTL], 'events told to Kubernetes', () => {
  let mock: KubeMock;
  let proxy: RefusingProxy;
  let clock: ManualClock;
  let events: ClosableClusterEvents;
  let warnings: string[];

  const start = (rates: Parameters<typeof eventWriter>[0]['rates'] = {}): ClosableClusterEvents => {
    const warn: Logger['warn'] = (fields, message) => void warnings.push(`${message}: ${String(fields['reason'])}`);
    return eventWriter({ target: { url: proxy.url }, clock, log: { ...silentLogger, warn }, rates });
  };
  const told = (): readonly KubernetesObject[] => mock.objects('events');
  const writes = (): number => proxy.calls.filter(({ method }) => method !== 'GET').length;

  beforeEach(async () => {
    warnings = [];
    clock = new ManualClock();
    mock = await startKubeMock();
    mock.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, policy]);
    proxy = await startRefusingProxy(mock.url);
    events = start();
  });
  afterEach(async () => {
    await events.close();
    await proxy.stop();
    await mock.stop();
  });

  it('shows where people look: kubectl describe of the object', async () => {
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told().length, 1));
    const uid = mock.objects('networkpolicies.networking.k8s.io')[0]?.metadata.uid;
    assert.equal(textAt(told()[0], 'involvedObject', 'uid'), uid);
    const kubectl = kubectlFor(mock.url);
    try {
      const args = ['get', 'events', '-n', 'shop', '--field-selector', 'involvedObject.name=web', '--no-headers'];
      const line = await kubectl.ok(args);
      assert.match(line, /Warning\s+InvalidPort\s+networkpolicy\/web\s+a port has no name/);
    } finally {
      kubectl.dispose();
    }
  });

  it('tells of an object without a namespace in the namespace default', async () => {
    events.tell(about('Namespace/shop'));
    await eventually(() => assert.equal(told()[0]?.metadata.namespace, 'default'));
  });

  it('counts repetitions instead of telling them again, and not before their time', async () => {
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told().length, 1));
    for (let times = 0; times < 5; times += 1) events.tell(about('NetworkPolicy/shop/web'));
    await clock.advance(5000);
    assert.equal(told()[0]?.['count'], 1, 'held back for ten seconds');
    await clock.advance(5000);
    await eventually(() => assert.equal(told()[0]?.['count'], 6));
    assert.equal(told().length, 1);
    assert.equal(writes(), 3, 'one POST, one that found it there, one PATCH');
  });

  it('tells at once what comes while a repetition is held back', async () => {
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told().length, 1));
    events.tell(about('NetworkPolicy/shop/web'));
    await clock.advance(1000);
    events.tell(about('NetworkPolicy/shop/web', 'another'));
    await eventually(() => assert.equal(told().length, 2), { withinMs: 2000 });
    assert.equal(told()[0]?.['count'], 1);
  });

  it('tells also what comes in the very moment in which all was told', async () => {
    for (let later = 0; later < 8; later += 1) {
      await events.close();
      let isLast = false;
      const soon = (turns: number): void =>
        queueMicrotask(() =>
          turns > 0 ? soon(turns - 1) : events.tell(about('NetworkPolicy/shop/web', `late ${later}`)),
        );
      const uptime = (): number => {
        // Asked at the end, to remember when it was told.
        if (isLast && told().some(({ message }) => message === `first ${later}`)) {
          isLast = false;
          soon(later);
        }
        return clock.uptime();
      };
      events = eventWriter({
        target: { url: proxy.url },
        clock: { now: () => clock.now(), uptime, sleep: (...given) => clock.sleep(...given) },
        log: silentLogger,
      });
      events.tell(about('NetworkPolicy/shop/web', `first ${later}`));
      isLast = true;
      await eventually(
        () =>
          assert.ok(
            told().some(({ message }) => message === `late ${later}`),
            `${later}`,
          ),
        { withinMs: 2000 },
      );
    }
  });

  it('goes on counting after a restart', async () => {
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told().length, 1));
    await events.close();
    events = start();
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told()[0]?.['count'], 2));
  });

  it('tells the same of an object that was made anew under its name as an event of its own', async () => {
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told().length, 1));
    mock.remove(policy);
    mock.apply([policy]);
    events.tell(about('NetworkPolicy/shop/web'));
    await clock.advance(10_000);
    const uid = mock.objects('networkpolicies.networking.k8s.io')[0]?.metadata.uid;
    await eventually(() =>
      assert.ok(
        told().some((event) => textAt(event, 'involvedObject', 'uid') === uid),
        'kubectl describe finds events by the uid',
      ),
    );
  });

  it('writes no faster than its rates, and forgets what is too much, saying so once', async () => {
    await events.close();
    events = start({ burst: 2, everyMs: 1000, waiting: 5 });
    for (let number = 0; number < 9; number += 1) events.tell(about('NetworkPolicy/shop/web', `problem ${number}`));
    await eventually(() => assert.equal(told().length, 2));
    await clock.advance(999);
    assert.equal(told().length, 2);
    for (let second = 0; second < 4; second += 1) {
      await clock.advance(1000);
      await eventually(() => assert.equal(told().length, 3 + second));
    }
    await clock.advance(10_000);
    assert.equal(told().length, 6, 'one under way and five that waited');
    assert.deepEqual(warnings.length, 1, warnings.join());
  });

  it('goes on when the clock is put back, and counts repetitions no longer', async () => {
    await events.close();
    events = start({ burst: 1, everyMs: 1000, repeatMs: 10_000 });
    events.tell(about('NetworkPolicy/shop/web', 'before'));
    await eventually(() => assert.equal(told().length, 1));
    clock.set(-3_600_000);
    events.tell(about('NetworkPolicy/shop/web', 'after'));
    events.tell(about('NetworkPolicy/shop/web', 'before'));
    await clock.advance(1000);
    await eventually(() => assert.equal(told().length, 2));
    const of = (message: string): KubernetesObject | undefined => told().find((one) => one['message'] === message);
    assert.equal(textAt(of('after'), 'lastTimestamp'), '1969-12-31T23:16:40Z', 'by the clock that people set');
    await clock.advance(9000);
    await eventually(() => assert.equal(of('before')?.['count'], 2));
  });

  it('says once why it cannot tell, loses nothing else by it, and tells again when it may', async () => {
    proxy.refuse((method) => (method === 'POST' ? 403 : undefined));
    events.tell(about('NetworkPolicy/shop/web', 'first'));
    events.tell(about('NetworkPolicy/shop/web', 'second'));
    await eventually(() => assert.equal(writes(), 2));
    await eventually(() => assert.equal(warnings.length, 1));
    assert.match(warnings[0] ?? '', /403.*grant create/);
    proxy.refuse(undefined);
    events.tell(about('NetworkPolicy/shop/web', 'third'));
    await eventually(() => assert.equal(told().length, 1));
  });

  it('tells nothing of what is gone or is no object of Kubernetes', async () => {
    for (const object of ['NetworkPolicy/shop/gone', 'ACI/uni/tn-x', 'Cluster/test', 'NetworkPolicy/shop', '']) {
      events.tell(about(object));
    }
    events.tell(about('NetworkPolicy/shop/web'));
    await eventually(() => assert.equal(told().length, 1));
    assert.equal(textAt(told()[0], 'involvedObject', 'name'), 'web');
    assert.deepEqual(warnings, []);
  });
});
