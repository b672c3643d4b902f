import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { clusterSource } from '#kubernetes';
import type { KubernetesObject } from '#model/kubernetes';
import { type ClusterSink, WATCHED_RESOURCES, type WatchedResource } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { eventually } from '#support/eventually';

/** What a cache of the gateway would hold: every watched object by resource and name, with its version. */
class CacheSink implements ClusterSink {
  readonly held = new Map<WatchedResource, Map<string, string>>();
  readonly troubles: string[] = [];
  lists = 0;

  replaced(resource: WatchedResource, objects: readonly KubernetesObject[]): void {
    this.lists += 1;
    this.held.set(resource, new Map(objects.map((object) => [nameOf(object), versionOf(object)])));
  }

  changed(resource: WatchedResource, object: KubernetesObject): void {
    this.held.get(resource)?.set(nameOf(object), versionOf(object));
  }

  removed(resource: WatchedResource, object: KubernetesObject): void {
    this.held.get(resource)?.delete(nameOf(object));
  }

  interrupted(): void {}

  resumed(): void {}

  trouble(_: WatchedResource, reason: string | undefined): void {
    if (reason !== undefined) this.troubles.push(reason);
  }
}

const nameOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const versionOf = ({ metadata }: KubernetesObject): string => metadata.resourceVersion ?? '';

const namespace = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const policy = (name: string, app: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'] },
});
const clusterPolicy = (name: string, priority: number): KubernetesObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { tier: 'Admin', priority, subject: { namespaces: {} } },
});
const deployment = (name: string, replicas: number): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'shop' }] } },
  },
});

describe('kubernetes: cluster source over kube-mock', () => {
  let mock: KubeMock;
  let sink: CacheSink;
  let stop: AbortController;
  let run: Promise<void>;
  beforeEach(async () => {
    mock = await startKubeMock({ nodes: 3 });
    sink = new CacheSink();
    stop = new AbortController();
    const source = clusterSource({
      target: { url: mock.url },
      log: silentLogger,
      clock: systemClock(),
      random: () => 0,
      timing: { pageSize: 5, backoffBaseMs: 20, backoffMaxMs: 100 },
    });
    run = source.run(sink, stop.signal);
  });
  afterEach(async () => {
    stop.abort();
    await run;
    await mock.stop();
  });

  const holdsWhatTheServerHas = () =>
    eventually(() => {
      for (const [resource, plural] of [
        ['namespaces', 'namespaces'],
        ['nodes', 'nodes'],
        ['pods', 'pods'],
        ['networkpolicies', 'networkpolicies.networking.k8s.io'],
        ['adminnetworkpolicies', 'adminnetworkpolicies.policy.networking.k8s.io'],
        ['baselineadminnetworkpolicies', 'baselineadminnetworkpolicies.policy.networking.k8s.io'],
        ['clusternetworkpolicies', 'clusternetworkpolicies.policy.networking.k8s.io'],
      ] as const) {
        const expected = mock.objects(plural).map((object) => [nameOf(object), versionOf(object)] as const);
        assert.deepEqual(Object.fromEntries(sink.held.get(resource) ?? []), Object.fromEntries(expected), resource);
      }
    });

  it('holds what the server has, page by page and change by change', async () => {
    await holdsWhatTheServerHas();
    mock.apply([namespace('shop'), deployment('web', 12), policy('deny', 'web')]);
    await holdsWhatTheServerHas();
    assert.equal(sink.held.get('pods')?.size, 12);
    mock.apply([deployment('web', 3)]);
    mock.remove(policy('deny', 'web'));
    await holdsWhatTheServerHas();
    assert.equal(sink.held.get('pods')?.size, 3);
    assert.deepEqual(sink.troubles, []);
  });

  it('comes back from closed watches without a list, and from expired ones with one', async () => {
    await eventually(() => assert.equal(mock.openWatches, WATCHED_RESOURCES.length));
    assert.equal(sink.lists, WATCHED_RESOURCES.length);
    mock.closeWatches();
    mock.apply([namespace('shop'), deployment('web', 2)]);
    await holdsWhatTheServerHas();
    assert.equal(sink.lists, WATCHED_RESOURCES.length);
    mock.expireWatches();
    mock.apply([deployment('web', 4)]);
    await holdsWhatTheServerHas();
    await eventually(() => assert.equal(sink.lists, 2 * WATCHED_RESOURCES.length));
    assert.deepEqual(sink.troubles, []);
  });

  it('holds what the server has after any sequence of changes, closed and expired watches', async () => {
    mock.apply([namespace('shop')]);
    const step = fc.record({
      action: fc.constantFrom('scale', 'scale', 'policy', 'tiered', 'remove', 'namespace', 'close', 'expire', 'wait'),
      name: fc.constantFrom('a', 'b', 'c'),
      count: fc.nat(4),
    });
    const actions: Readonly<Record<string, (name: string, count: number) => void>> = {
      scale: (name, count) => mock.apply([deployment(name, count)]),
      policy: (name, count) => mock.apply([policy(name, `app-${count}`)]),
      tiered: (name, count) => mock.apply([clusterPolicy(name, count)]),
      remove: (name) => {
        mock.remove(policy(name, ''));
        mock.remove(clusterPolicy(name, 0));
      },
      namespace: (name, count) => (count > 2 ? mock.remove(namespace(name)) : mock.apply([namespace(name)])),
      close: () => mock.closeWatches(),
      expire: () => mock.expireWatches(),
    };
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      for (const { action, name, count } of steps) {
        actions[action]?.(name, count);
        if (action === 'wait') await new Promise((resolve) => setTimeout(resolve, count));
      }
      await holdsWhatTheServerHas();
    });
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });
});
