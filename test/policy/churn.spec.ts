import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ClusterDelta, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { PolicyCompiler } from '#policy';
import { deltaOf, stepsBetween } from '#support/cluster-history';
import { type SmallCluster, smallClusterInputs } from '#support/small-cluster';
import { Allocator } from '../../src/policy/allocate.js';

// A gateway runs for years: what is gone may cost nothing. Address plan: pods 10.0.0.1.., blocks 10.N.0.0/16.

/** Policies that stay, at each of which something is noted when a namespace comes. */
const LASTING = 100;
/** Namespaces that come and go before the heap is looked at, and after that. */
const FIRST = 100;
const THEN = 600;

type Policies = NonNullable<SmallCluster['policies']>;

/** Policies that stay, each with one rule for that peer. */
const lasting = (peerOf: (index: number) => object): Policies =>
  Object.fromEntries(
    Array.from({ length: LASTING }, (_, index) => [
      `shop/p${index}`,
      { podSelector: { matchLabels: { app: `a${index}` } }, ingress: [{ from: [peerOf(index)] }] },
    ]),
  );

const EVERY_NAMESPACE = lasting((index) => ({
  namespaceSelector: {},
  podSelector: { matchLabels: { role: `r${index}` } },
}));
const BLOCKS = lasting((index) => ({ ipBlock: { cidr: `10.${index + 1}.0.0/16` } }));

const NOTHING = snapshotOf(smallClusterInputs({ title: 'nothing', pods: {} }), 1);

/** A namespace comes with a pod, and with a policy that names what is around the blocks; and goes with all of it. */
function visitOf(name: string): readonly [come: ClusterDelta, go: ClusterDelta] {
  const visitor = smallClusterInputs({
    title: 'a namespace',
    namespaces: { [name]: {} },
    pods: { [`${name}/web`]: {} },
    policies: { [`${name}/own`]: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
  });
  const there = snapshotOf(visitor, 1);
  const steps = stepsBetween(NOTHING, there);
  return [deltaOf(there, steps), deltaOf(NOTHING, steps)];
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Megabytes in use when there is nothing left to collect. */
function megabytes(): number {
  for (let times = 0; times < 3; times += 1) collect();
  return process.memoryUsage().heapUsed / 1e6;
}

describe('policy compiler: what comes and goes', () => {
  for (const [title, policies] of Object.entries({
    'namespaces that policies look for by labels': EVERY_NAMESPACE,
    'blocks of addresses around others': BLOCKS,
  })) {
    it(`leaves nothing behind: ${title}`, () => {
      const compiler = new PolicyCompiler(EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 4000 }, foreignEpgs: [] });
      compiler.apply(snapshotOf(smallClusterInputs({ title, pods: { 'shop/web': {} }, policies }), 1));
      const churn = (times: number, of: string): number => {
        for (let index = 0; index < times; index += 1) {
          for (const delta of visitOf(`${of}-${index}`)) compiler.apply(delta);
        }
        return megabytes();
      };
      const before = churn(FIRST, 'first');
      const grown = churn(THEN, 'then') - before;
      assert.ok(grown < 4, `the heap grew by ${grown.toFixed(1)} MB`);
    });
  }

  it('is remembered as names and numbers of some thousand groups, whether they had pods or not', () => {
    const allocator = new Allocator(EMPTY_ALLOCATION, { vlanPool: { from: 1, to: 100_000 } });
    for (let index = 0; index < 10_000; index += 1) {
      for (const wanted of [true, false]) allocator.reserve(`preview-${index}`, wanted);
      allocator.allocateNumbers();
    }
    const names = [...allocator.allocation().resting.keys()];
    assert.equal(names.length, 8192);
    assert.equal(names.at(-1), 'preview-9999');
  });
});
