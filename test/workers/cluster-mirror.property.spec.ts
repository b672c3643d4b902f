import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ClusterDelta, type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import type { WatchedResource } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { nodesArbitrary } from '#support/nodes-arbitrary';
import { WatchedCluster } from '#support/watched-cluster';
import { ClusterMirror } from '../../workers/cluster-mirror.js';

/** Ways to break an object, or to leave it as it is. */
const damage = fc.constantFrom<(object: KubernetesObject) => KubernetesObject>(
  (object) => object,
  (object) => object,
  (object) => ({ ...object, status: 'none', spec: 7 }),
  (object) => ({ ...object, status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'x' }] } }),
);

/** A cluster with broken objects, two pods that may claim one address, and namespaces that only others name. */
const clusters = fc
  .tuple(clusterArbitrary, nodesArbitrary, fc.infiniteStream(damage), fc.subarray(['x', 'y']))
  .map(([{ objects }, nodes, damages, names]) => {
    const damaged = (object: KubernetesObject): KubernetesObject => damages.next().value(object);
    return new WatchedCluster({
      ...objects,
      nodes: nodes.map(damaged),
      pods: objects.pods.map(damaged),
      policies: objects.policies.map(damaged),
      namespaces: objects.namespaces.filter(({ metadata }) => names.includes(metadata.name)),
    });
  });

/** What somebody knows who takes in changes and nothing else. */
class Copy {
  readonly #views = { namespaces: new Map(), nodes: new Map(), pods: new Map(), policies: new Map() };
  readonly #tiered = new Map<string, unknown>();

  follow(delta: ClusterDelta): void {
    for (const [kind, changed] of Object.entries(delta) as [keyof ClusterDelta, ReadonlyMap<string, unknown>][]) {
      assert.ok(changed.size > 0, `${kind} without a change`);
      const known: Map<string, unknown> = kind === 'tieredPolicies' ? this.#tiered : this.#views[kind];
      for (const [key, view] of changed) {
        assert.notDeepEqual(view, known.get(key), `${kind} ${key} is no change`);
        if (view === undefined) known.delete(key);
        else known.set(key, view);
      }
    }
  }

  check({ namespaces, nodes, pods, policies, tieredPolicies }: ClusterSnapshot): void {
    assert.deepEqual(
      { ...this.#views, tiered: this.#tiered },
      { namespaces, nodes, pods, policies, tiered: tieredPolicies },
    );
  }
}

const RELISTED: readonly WatchedResource[] = ['pods', 'namespaces', 'networkpolicies', 'clusternetworkpolicies'];

describe('cluster mirror', () => {
  it('is at any time what a reading of all objects gives, and tells every change of it and nothing else', () => {
    let deltas = 0;
    fc.assert(
      fc.property(
        fc.array(clusters, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
        fc.infiniteStream(fc.constantFrom(undefined, undefined, ...RELISTED)),
        (states, sizes, relists) => {
          const mirror = new ClusterMirror({ changed: () => undefined, clock: systemClock(), log: silentLogger });
          const cluster = new WatchedCluster({});
          const copy = new Copy();
          cluster.list(mirror);
          for (const target of states) {
            let open = cluster.eventsTo(target);
            while (open.length > 0) {
              const some = open.slice(0, sizes.next().value);
              open = open.slice(some.length);
              const relisted = relists.next().value;
              // Of a resource that is listed again, nobody told the changes before.
              for (const event of some) cluster.take(event, event.resource === relisted ? undefined : mirror);
              if (relisted !== undefined) cluster.relist(relisted, mirror);
              const whole = snapshotOf(cluster.inputs, mirror.revision);
              assert.deepEqual(mirror.snapshot(), whole);
              const delta = mirror.takeDelta();
              copy.follow(delta);
              copy.check(whole);
              deltas += 1;
              const { revision } = mirror;
              for (const event of structuredClone(some)) cluster.take(event, mirror);
              assert.deepEqual([mirror.revision, mirror.takeDelta()], [revision, {}], 'told once more');
            }
          }
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(deltas > 1000, `${deltas} changes`);
  }).timeout(60_000);

  it('says nothing of what went and came back before anybody asked', () => {
    const mirror = new ClusterMirror({ changed: () => undefined, clock: systemClock(), log: silentLogger });
    const pod: KubernetesObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop' } };
    new WatchedCluster({ pods: [pod] }).list(mirror);
    mirror.takeDelta();
    mirror.removed('pods', pod);
    mirror.changed('pods', pod);
    assert.deepEqual(mirror.takeDelta(), {});
  });

  it('is told nothing new by a heartbeat', () => {
    let told = 0;
    const changed = (): void => {
      told += 1;
    };
    const mirror = new ClusterMirror({ changed, clock: systemClock(), log: silentLogger });
    const node = (seen: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1', resourceVersion: seen },
      status: { addresses: [{ type: 'InternalIP', address: '192.0.2.7' }], conditions: [{ lastHeartbeatTime: seen }] },
    });
    new WatchedCluster({ nodes: [node('1')] }).list(mirror);
    const { revision } = mirror;
    const before = told;
    mirror.changed('nodes', node('2'));
    mirror.replaced('nodes', [node('3')]);
    assert.deepEqual([mirror.revision, told], [revision, before]);
  });
});
