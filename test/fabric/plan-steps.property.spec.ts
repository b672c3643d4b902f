import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Change } from '#fabric';
import { clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { chosenBy } from '#support/fabric-events';
import { checkHeldPlans, checkMoves, checkPlan, desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC, SHARED_VRF } from '#support/settings';
import { smallClusterInputs } from '#support/small-cluster';
import { WIDE_POOL } from '#support/verdict-table';

const WEB = { labels: { app: 'web' } };

const rendering = fc.constantFrom('always' as const, 'never' as const);
const ways: fc.Arbitrary<PlanWay> = fc
  .record({
    groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
    preSplit: fc.boolean(),
    renderings: fc.tuple(rendering, rendering),
    place: fc.constantFrom(OWN_FABRIC, SHARED_VRF),
    batchSize: fc.constantFrom(1, 4, 25),
  })
  .map(({ groupBoundary, preSplit, renderings: [first, second], place, batchSize }) => ({
    options: { ...WIDE_POOL, groupBoundary, preSplit },
    settings: [
      { ...place, vzAnyContracts: first },
      { ...place, vzAnyContracts: second },
    ],
    batchSize,
  }));

/** A cluster, and what became of it: of each object the old one or the new one. */
const change = fc
  .tuple(clusterArbitrary, clusterArbitrary, fc.infiniteStream(fc.integer({ min: 0, max: 3 })))
  .map(([from, to, dice]) => {
    const mixed = <Kind extends 'namespaces' | 'pods' | 'policies' | 'tieredPolicies'>(
      kind: Kind,
    ): GeneratedCluster['objects'][Kind] => {
      const [before, after] = [from.objects[kind], to.objects[kind]];
      const length = Math.max(before.length, after.length);
      return Array.from({ length }, (_, index) => (dice.next().value === 0 ? after : before)[index]).filter(
        (object) => object !== undefined,
      );
    };
    const objects = {
      namespaces: mixed('namespaces'),
      nodes: from.objects.nodes,
      pods: mixed('pods'),
      policies: mixed('policies'),
      tieredPolicies: mixed('tieredPolicies'),
    };
    return { from: from.objects, to: objects };
  });

const APPS = ['web', 'db', 'client'] as const;
const APP = fc.constantFrom(...APPS);
const ports = fc.constantFrom([], [{ port: 80 }], [{ port: 8080 }]);

/** A policy that leaves much open: so that there is something to cut. */
const wide = fc
  .record({ of: APP, to: fc.option(APP), way: fc.constantFrom('ingress' as const, 'egress' as const), ports })
  .map(({ of, to, way, ports: open }) => {
    const pods = to === null ? {} : { matchLabels: { app: to } };
    const peer = { namespaceSelector: {}, podSelector: pods };
    const rule = { [way === 'ingress' ? 'from' : 'to']: [peer], ...(open.length === 0 ? {} : { ports: open }) };
    const policyTypes = [way === 'ingress' ? 'Ingress' : 'Egress'];
    return { podSelector: { matchLabels: { app: of } }, policyTypes, [way]: [rule] };
  });

const places = fc.record(Object.fromEntries(['x/a', 'x/b', 'x/c', 'y/d', 'y/e', 'y/f'].map((name) => [name, APP])));
const wides = fc.array(wide, { minLength: 1, maxLength: 4 });

/** Pods that are given other labels all at once, under policies that leave much open, some of which change too. */
const relabelled = fc.tuple(places, places, wides, wides, fc.boolean()).map(([old, now, policies, others, isSame]) => {
  const cluster = (apps: typeof old, some: typeof policies): GeneratedCluster['objects'] => {
    const pods = Object.fromEntries(Object.entries(apps).map(([name, app]) => [name, { labels: { app } }]));
    const named = Object.fromEntries(
      some.flatMap((policy, index) => ['x', 'y'].map((namespace) => [`${namespace}/p${index}`, policy])),
    );
    const objects = smallClusterInputs({ title: 'relabelled', pods, policies: named });
    const listed = [...(objects.policies ?? [])];
    return { namespaces: [], nodes: [], pods: [...objects.pods], policies: listed, tieredPolicies: [] };
  };
  return { from: cluster(old, policies), to: cluster(now, isSame ? policies : others) };
});

const changes = fc.oneof(change, relabelled);

describe('fabric plan, step by step', () => {
  it('lets pass at each step what was allowed and stays allowed', function () {
    this.timeout(240_000);
    let [steps, connections] = [0, 0];
    fc.assert(
      fc.property(changes, ways, ({ from, to }, way) => {
        const before = desired(from, way);
        const checked = checkPlan(before, desired(to, way, before), way.batchSize);
        steps += checked.steps;
        connections += checked.connections;
      }),
      { numRuns: 150 },
    );
    assert.ok(steps > 400 && connections > 5000, `only ${steps} steps and ${connections} connections`);
  });

  it('keeps the members of a group together while one of them leaves it and the others become isolated', () => {
    const cluster = (policies: Readonly<Record<string, object>>): GeneratedCluster['objects'] => {
      const pods = { 'x/a1': WEB, 'x/a2': WEB, 'x/a3': WEB, 'x/b': { labels: { app: 'client' } } };
      const objects = smallClusterInputs({ title: 'a client of web', pods, policies });
      const listed = [...(objects.policies ?? [])];
      return { namespaces: [], nodes: [], pods: [...objects.pods], policies: listed, tieredPolicies: [] };
    };
    const free = cluster({});
    const isolated = cluster({
      'x/web': {
        podSelector: { matchLabels: WEB.labels },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 80 }] }],
      },
    });
    for (const batchSize of [1, 4]) {
      const way: PlanWay = { options: WIDE_POOL, settings: [OWN_FABRIC, OWN_FABRIC], batchSize };
      for (const [from, to] of [
        [free, isolated],
        [isolated, free],
      ] as const) {
        const before = desired(from, way);
        assert.ok(checkPlan(before, desired(to, way, before), batchSize).connections > 0);
      }
    }
  });

  it('lets pass all that is allowed while the deletions wait for somebody', function () {
    this.timeout(240_000);
    let held = 0;
    fc.assert(
      fc.property(changes, ways, ({ from, to }, way) => {
        const before = desired(from, way);
        const isFree = [() => false];
        const [first = 0] = checkHeldPlans(before, desired(to, way, before), { batchSize: way.batchSize, isFree });
        if (first > 0) held += 1;
      }),
      { numRuns: 150 },
    );
    assert.ok(held > 25, `only ${held} plans with deletions`);
  });

  it('lets pass all that is allowed while somebody lets a part of the deletions go, then more, then all', function () {
    this.timeout(240_000);
    let partly = 0;
    fc.assert(
      fc.property(changes, ways, fc.nat(1000), fc.boolean(), ({ from, to }, way, salt, isHeldFirst) => {
        const before = desired(from, way);
        const [one, other] = [chosenBy(salt, 2), chosenBy(salt + 1, 2)];
        const isFree = [
          ...(isHeldFirst ? [() => false] : []),
          one,
          (change: Change) => one(change) || other(change),
          () => true,
        ];
        const held = checkHeldPlans(before, desired(to, way, before), { batchSize: way.batchSize, isFree });
        assert.equal(held.at(-1), 0);
        if (new Set(held).size > 2) partly += 1;
      }),
      { numRuns: 150 },
    );
    assert.ok(partly > 25, `only ${partly} plans of which a part went first`);
  });

  it('lets pass what was allowed and stays allowed while each host moves its pods when it likes', function () {
    this.timeout(240_000);
    let moving = 0;
    fc.assert(
      fc.property(changes, ways, ({ from, to }, way) => {
        const before = desired(from, way);
        moving += checkMoves(before, desired(to, way, before), way.batchSize);
      }),
      { numRuns: 200 },
    );
    assert.ok(moving > 100, `only ${moving} connections between pods that move`);
  });

  it('lets two pods talk that leave closed groups for open ones, where the whole VRF is open', () => {
    const pods = { namespaceSelector: {}, podSelector: { matchLabels: { app: 'closed' } } };
    const closed = {
      podSelector: { matchLabels: { app: 'closed' } },
      policyTypes: ['Egress'],
      egress: [{ to: [pods] }],
    };
    const policies = { 'x/closed': closed, 'y/closed': closed };
    const cluster = (app: string): GeneratedCluster['objects'] => {
      const labels = { app: 'closed' };
      const places = {
        'x/a1': { labels: { app } },
        'x/a2': { labels },
        'x/b': {},
        'y/c1': { labels: { app } },
        'y/c2': { labels },
        'y/d': {},
      };
      const objects = smallClusterInputs({ title: 'closed and open groups', pods: places, policies });
      return {
        namespaces: [],
        nodes: [],
        pods: [...objects.pods],
        policies: [...(objects.policies ?? [])],
        tieredPolicies: [],
      };
    };
    const open = { ...OWN_FABRIC, vzAnyContracts: 'always' as const };
    const way: PlanWay = { options: WIDE_POOL, settings: [open, open], batchSize: 25 };
    for (const [from, to] of [
      ['closed', 'open'],
      ['open', 'closed'],
    ] as const) {
      const before = desired(cluster(from), way);
      assert.ok(checkMoves(before, desired(cluster(to), way, before), 25) > 0);
    }
  });

  it('lets a pod that comes to an isolated EPG reach one that leaves it for an open one', () => {
    const policies = {
      'x/web': {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }],
      },
    };
    const cluster = (a: string, b: string): GeneratedCluster['objects'] => {
      const pods = { 'x/a': { labels: { app: a } }, 'x/b': { labels: { app: b } }, 'x/c': WEB };
      const objects = smallClusterInputs({ title: 'coming and going', pods, policies });
      const listed = [...(objects.policies ?? [])];
      return { namespaces: [], nodes: [], pods: [...objects.pods], policies: listed, tieredPolicies: [] };
    };
    for (const vzAnyContracts of ['always', 'never'] as const) {
      const settings = { ...OWN_FABRIC, vzAnyContracts };
      const way: PlanWay = { options: WIDE_POOL, settings: [settings, settings], batchSize: 25 };
      const before = desired(cluster('client', 'web'), way);
      assert.ok(checkMoves(before, desired(cluster('web', 'db'), way, before), 25) > 0);
    }
  });
});
