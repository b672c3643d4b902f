import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ClusterSnapshot, snapshotOf } from '#model/kubernetes';
import { formatConn } from '#model/net';
import { type CompiledChanges, EMPTY_ALLOCATION, type FamilyConnections, type Group, type Pair } from '#model/policy';
import { type CompileOptions, compile, groupNamed, PolicyCompiler, pairBetween, resultOf } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { deltaOf, snapshotAfter, stepsBetween } from '#support/cluster-history';
import { identityOf, meaningOf } from '#support/compiler-meaning';
import { foreignEpgsArbitrary, foreignHistories } from '#support/foreign-epgs-arbitrary';
import { nodesArbitrary } from '#support/nodes-arbitrary';
import { smallClusterInputs } from '#support/small-cluster';

const POOL = { from: 100, to: 4000 };

/** Every way in which groups can be cut. */
const options: fc.Arbitrary<CompileOptions> = fc.record({
  vlanPool: fc.constant(POOL),
  foreignEpgs: foreignEpgsArbitrary,
  nodeEpg: fc.constantFrom(
    undefined,
    { dn: 'uni/tn-x/ap-y/epg-nodes' },
    { dn: 'uni/tn-x/ap-y/epg-nodes', prefixes: [{ family: 4 as const, first: 0xc0000200n, length: 28 }] },
  ),
  groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
  preSplit: fc.boolean(),
});

/** Random clusters with any nodes. */
const states = fc.tuple(clusterArbitrary, nodesArbitrary).map(([{ objects }, nodes]) => ({ ...objects, nodes }));

/** What somebody keeps of the compiler's result who looks only at what is said to be different. */
class Copy {
  readonly #compiler: PolicyCompiler;
  readonly #groups = new Map<string, Group>();
  readonly #pairs = new Map<string, Pair>();

  constructor(compiler: PolicyCompiler) {
    this.#compiler = compiler;
  }

  follow({ removed, groups, pairs }: CompiledChanges): void {
    for (const name of removed) {
      this.#groups.delete(name);
      for (const [key, { source, destination }] of this.#pairs) {
        if (source === name || destination === name) this.#pairs.delete(key);
      }
    }
    for (const name of [...removed, ...groups]) {
      const group = groupNamed(this.#compiler, name);
      if (group === undefined) this.#groups.delete(name);
      else this.#groups.set(name, group);
    }
    for (const [source, destinations] of pairs) {
      for (const destination of destinations) {
        const key = `${source}\n${destination}`;
        const pair = pairBetween(this.#compiler, source, destination);
        if (pair === undefined) this.#pairs.delete(key);
        else this.#pairs.set(key, pair);
      }
    }
  }

  /** Names, VLANs and reasons aside, which follow by themselves. */
  check(): void {
    const { groups, pairs } = resultOf(this.#compiler);
    const meaning = (all: readonly Group[]): readonly string[] =>
      all.map((group) => `${group.name} ${identityOf(group)} ${opennessText(group)}`).sort();
    assert.deepEqual(meaning([...this.#groups.values()]), meaning(groups));
    const texts = (all: readonly Pair[]): readonly string[] =>
      all.map(({ source, destination, connections }) => `${source} ${destination} ${familiesText(connections)}`).sort();
    assert.deepEqual(texts([...this.#pairs.values()]), texts(pairs));
  }
}

const familiesText = ({ ipv4, ipv6 }: FamilyConnections): string => `${formatConn(ipv4)}/${formatConn(ipv6)}`;

const opennessText = (group: Group): string =>
  group.kind === 'pods'
    ? [group.egress, group.ingress].map(({ pods, outside }) => `${familiesText(pods)} ${familiesText(outside)}`).join()
    : '';

describe('policy compiler: change by change', () => {
  it('is, after each change, what a compiler is that was given the result at once', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(
        fc.array(states, { minLength: 2, maxLength: 3 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
        foreignHistories,
        options,
        (clusters, sizes, others, how) => {
          const snapshots = clusters.map((objects) => snapshotOf(objects, 1));
          const compiler = new PolicyCompiler(EMPTY_ALLOCATION, how);
          let [now] = snapshots as [ClusterSnapshot];
          let { foreignEpgs } = how;
          compiler.apply(now);
          for (const target of snapshots.slice(1)) {
            let steps = stepsBetween(now, target);
            while (steps.length > 0) {
              const some = steps.slice(0, sizes.next().value);
              steps = steps.slice(some.length);
              now = snapshotAfter(now, target, some);
              const other = others.next().value;
              foreignEpgs = other.foreignEpgs ?? foreignEpgs;
              compiler.apply({ ...deltaOf(target, some), ...other });
              const whole = new PolicyCompiler(EMPTY_ALLOCATION, { ...how, foreignEpgs });
              whole.apply(now);
              assert.deepEqual(meaningOf(compiler), meaningOf(whole));
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('says what is different after each change: all that somebody else has to look at again', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(
        fc.array(states, { minLength: 2, maxLength: 3 }),
        foreignHistories,
        options,
        (clusters, others, how) => {
          const snapshots = clusters.map((objects) => snapshotOf(objects, 1));
          const compiler = new PolicyCompiler(EMPTY_ALLOCATION, how);
          const copy = new Copy(compiler);
          let [now] = snapshots as [ClusterSnapshot];
          copy.follow(compiler.apply(now));
          for (const target of snapshots) {
            for (const step of stepsBetween(now, target)) {
              now = snapshotAfter(now, target, [step]);
              copy.follow(compiler.apply({ ...deltaOf(target, [step]), ...others.next().value }));
              copy.check();
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives no two groups one name or one VLAN, and keeps those of groups that stay', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(clusterArbitrary, clusterArbitrary, options, (first, second, how) => {
        const [from, to] = [snapshotOf(first.objects, 1), snapshotOf(second.objects, 2)];
        const before = compile(from, EMPTY_ALLOCATION, how);
        const compiler = new PolicyCompiler(before.allocation, how);
        compiler.apply(from);
        assert.deepEqual(resultOf(compiler).groups, before.groups);
        compiler.apply(deltaOf(to, stepsBetween(from, to)));
        const groups = resultOf(compiler).groups.filter((group) => group.kind === 'pods');
        assert.equal(new Set(groups.map(({ name }) => name)).size, groups.length);
        assert.equal(new Set(groups.map(({ vlan }) => vlan)).size, groups.length);
        const kept = new Map(
          before.groups.map((group) => [group.name, group.kind === 'pods' ? group.vlan : undefined]),
        );
        for (const { name, vlan } of groups) if (kept.has(name)) assert.equal(vlan, kept.get(name), name);
      }),
      { numRuns: 200 },
    );
  });

  it('makes one group of two when they have been alike for a while: in the end what compiling at once makes', function () {
    this.timeout(120_000);
    let waited = 0;
    const pauses = fc.infiniteStream(fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(
        fc.array(clusterArbitrary, { minLength: 2, maxLength: 3 }),
        pauses,
        options,
        (clusters, times, base) => {
          const how = { ...base, preSplit: false };
          const snapshots = clusters.map(({ objects }) => snapshotOf(objects, 1));
          const compiler = new PolicyCompiler(EMPTY_ALLOCATION, { ...how, mergeAfter: 60 });
          const copy = new Copy(compiler);
          let [now] = snapshots as [ClusterSnapshot];
          let time = 0;
          copy.follow(compiler.apply(now, time));
          for (const target of snapshots.slice(1)) {
            for (const step of stepsBetween(now, target)) {
              now = snapshotAfter(now, target, [step]);
              time += times.next().value;
              copy.follow(compiler.apply(deltaOf(target, [step]), time));
              copy.check();
              const due = compiler.nextDue;
              assert.ok(due === undefined || (due > time && due <= time + 60));
            }
            if (compiler.nextDue !== undefined) waited += 1;
            while (compiler.nextDue !== undefined) {
              time = compiler.nextDue;
              copy.follow(compiler.apply({}, time));
              copy.check();
            }
            const whole = new PolicyCompiler(EMPTY_ALLOCATION, how);
            whole.apply(now);
            assert.deepEqual(meaningOf(compiler), meaningOf(whole));
          }
        },
      ),
      { numRuns: 150 },
    );
    assert.ok(waited > 5, `only ${waited} groups waited`);
  });

  it('moves no pod for a policy that makes two groups alike for a moment', () => {
    const spec = (app: string, port: number): object => ({
      podSelector: { matchLabels: { app } },
      ingress: [{ ports: [{ port }] }],
    });
    const cluster = (port: number): ClusterSnapshot =>
      snapshotOf(
        smallClusterInputs({
          title: `b takes ${port}`,
          pods: { 'x/a': { labels: { app: 'a' } }, 'x/b': { labels: { app: 'b' } } },
          policies: { 'x/a': spec('a', 80), 'x/b': spec('b', port) },
        }),
        1,
      );
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, {
      vlanPool: POOL,
      foreignEpgs: [],
      preSplit: false,
      mergeAfter: 60,
    });
    const groupsNow = (): ReadonlyMap<string, string> => resultOf(compiler).membership;
    compiler.apply(cluster(81), 0);
    const before = groupsNow();
    compiler.apply({ policies: cluster(80).policies }, 10);
    assert.deepEqual(groupsNow(), before, 'b is as a is now, but only since this moment');
    compiler.apply({ policies: cluster(81).policies }, 60);
    assert.equal(compiler.nextDue, undefined);
    compiler.apply({ policies: cluster(80).policies }, 100);
    compiler.apply({}, 159);
    assert.deepEqual(groupsNow(), before);
    const { removed } = compiler.apply({}, 160);
    assert.equal(removed.size, 1);
    assert.equal(groupsNow().get('x/b'), groupsNow().get('x/a'));
  });
});
