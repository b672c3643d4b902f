import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { clusterSource } from '#kubernetes';
import { type FlatObject, flatten, parentDn } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import { DEFAULT_DRIFT } from '#model/settings';
import { type ApicPort, NO_EVENTS, WATCHED_RESOURCES } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { memoryPolicyStore } from '#store';
import { podOf } from '#support/compile-stack';
import { eventually } from '#support/eventually';
import { OWN_FABRIC } from '#support/settings';
import { SlowProxy } from '#support/slow-proxy';
import { createGateway, type Gateway, gatewayQueue } from '#workers';

/** How much later than all others the lists of one resource come. */
const LATE_MS = 300;
const SOON = { withinMs: 8000, everyMs: 10 };

const CONTAINER = { name: 'c', image: 'none' };

const namespace = (name: string, team: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { team } },
});

/** Two pods, of which one may reach the other by the label of their namespace. Whatever the label is: it is the same in the fabric. */
const cluster = (team: string): readonly KubernetesObject[] => [
  namespace('shop', team),
  ...['web', 'client'].map((name) => ({
    ...podOf('shop', name, 1),
    spec: { nodeName: 'node-1', containers: [CONTAINER] },
  })),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { team } },
              podSelector: { matchLabels: { app: 'client' } },
            },
          ],
          ports: [{ port: 80 }],
        },
      ],
    },
  },
];

const LAST = namespace('last', 'none');

describe('end to end: a cluster that was away comes back, one resource after another', () => {
  let kube: KubeMock;
  let proxy: SlowProxy;
  let gateway: Gateway;
  let posted: FlatObject[];
  let stop: () => Promise<void>;

  const untilStopped = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

  /** A gateway before an APIC that takes everything. */
  function startGateway(url: string): void {
    const clock = systemClock();
    const means = { clock, random: () => 0, log: silentLogger };
    const apic: ApicPort = {
      post: (dn, tree) => Promise.resolve(void posted.push(...flatten(tree, parentDn(dn) ?? ''))),
      watch: (_scopes, sink, signal) => {
        sink.replaced([]);
        return untilStopped(signal);
      },
      list: () => Promise.resolve([]),
      changesOf: () => Promise.resolve([]),
      requests: () => ({ logins: 0, reads: 0, writes: 0, refreshes: 0 }),
      close: () => Promise.resolve(),
    };
    const timing = { backoffBaseMs: 20, backoffMaxMs: 50, resumeMs: 100 };
    gateway = createGateway({
      settings: OWN_FABRIC,
      foreignEpgs: [],
      mergeAfterMs: 0,
      restForMs: 0,
      drift: DEFAULT_DRIFT,
      events: NO_EVENTS,
      cluster: clusterSource({ target: { url }, ...means, timing }),
      apic,
      store: memoryPolicyStore(),
      queue: gatewayQueue(means),
      ...means,
    });
    const stopping = new AbortController();
    const done = gateway.run(stopping.signal);
    stop = async () => {
      stopping.abort(new Error('the test is over'));
      await done;
    };
  }

  beforeEach(async () => {
    posted = [];
    kube = await startKubeMock();
    proxy = new SlowProxy(kube.url);
    startGateway(await proxy.start());
    kube.apply(cluster('before'));
    await eventually(() => {
      assert.ok(posted.some(({ className }) => className === 'vzBrCP'));
      assert.ok(gateway.state.readiness().converged, gateway.state.readiness().waitingFor.join());
    }, SOON);
    assert.equal(kube.openWatches, WATCHED_RESOURCES.length);
    posted.length = 0;
  });

  afterEach(async () => {
    await stop();
    await proxy.stop();
    await kube.stop();
  });

  for (const late of ['namespaces', 'pods', 'networkpolicies'] as const) {
    const isLate = ({ url = '' }: { readonly url?: string | undefined }): boolean =>
      url.includes(`/${late}?`) && !url.includes('watch=');

    /** The marker is in the fabric; of the rest nothing went, and only marks are other: they tell labels that policies see. */
    const onlyMarkerIsNew = async (): Promise<void> => {
      await eventually(() => {
        assert.ok(posted.some(({ dn }) => dn.endsWith('/epg-marker')));
        assert.ok(gateway.state.readiness().converged, gateway.state.readiness().waitingFor.join());
        assert.equal(kube.openWatches, WATCHED_RESOURCES.length);
      }, SOON);
      const isMark = ({ className }: FlatObject): boolean => ['fvAEPg', 'tagAnnotation'].includes(className);
      const others = posted.filter(
        (object) => object.attributes['status'] === 'deleted' || (/shop/.test(object.dn) && !isMark(object)),
      );
      assert.deepEqual(others, []);
    };

    it(`of the state of a backup, with ${late} last: nothing is taken away that both states want`, async () => {
      const { port } = new URL(kube.url);
      kube.apply(cluster('after'));
      kube.apply(Array.from({ length: 50 }, (_, number) => namespace(`other-${number}`, 'none')));
      for (let number = 0; number < 50; number += 1) kube.remove(namespace(`other-${number}`, 'none'));
      kube.apply([LAST]);
      await eventually(() => {
        assert.ok(posted.some(({ dn }) => dn.endsWith('/epg-last')));
        assert.ok(gateway.state.readiness().converged);
      }, SOON);
      posted.length = 0;
      proxy.delayOf = (request) => (isLate(request) ? LATE_MS : 0);
      await kube.stop();
      kube = await startKubeMock({ port: Number(port) });
      kube.apply([...cluster('before'), LAST, namespace('marker', 'none')]);
      await onlyMarkerIsNew();
    });

    it(`with watches that are expired, with ${late} last: nothing is taken away that both states want`, async () => {
      proxy.delayOf = (request) => (isLate(request) ? LATE_MS : 0);
      proxy.goAway();
      await eventually(() => assert.equal(kube.openWatches, 0), SOON);
      kube.apply([...cluster('after'), namespace('marker', 'none')]);
      kube.expireWatches();
      proxy.comeBack();
      await onlyMarkerIsNew();
    });
  }
});
