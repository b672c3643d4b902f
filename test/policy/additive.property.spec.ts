import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nodePolicies } from '#mappers';
import type { ClusterSnapshot } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile, type NetworkPolicyObject, PolicyCompiler, resultOf, specificationAllows } from '#policy';
import { CRITICAL_PORTS, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { type PlacedCluster, pairsOf, placedCluster } from '#support/placed-cluster';
import { OWN_FABRIC } from '#support/settings';
import { openingsIn } from '#support/slice-verdict';

const LOWER = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** The snapshot with every second policy additive, and those in the words of the specification. */
function withAdditive({ snapshot, cluster }: PlacedCluster, offset: number) {
  const keys = [...snapshot.policies.keys()].filter((_, index) => index % 2 === offset);
  const policies = new Map(
    [...snapshot.policies].map(([key, view]) => [
      key,
      keys.includes(key) ? { ...view, additive: true as const } : view,
    ]),
  );
  const isAdditive = ({ metadata: { namespace = 'default', name } }: NetworkPolicyObject): boolean =>
    keys.includes(`${namespace}/${name}`);
  const state = {
    ...cluster.state,
    policies: cluster.state.policies.filter((policy) => !isAdditive(policy)),
    additivePolicies: cluster.state.policies.filter(isAdditive),
  };
  return { snapshot: { ...snapshot, policies }, state };
}

describe('additive policies', () => {
  it('property: allow what they say, isolate nothing, and stand between the tiers where NetworkPolicies do', () => {
    let questions = 0;
    let added = 0;
    fc.assert(
      fc.property(placedCluster, fc.constantFrom(0, 1), (placed, offset) => {
        const { snapshot, state } = withAdditive(placed, offset);
        const slices = nodePolicies(compile(snapshot, EMPTY_ALLOCATION, placed.options), snapshot, OWN_FABRIC);
        const without = { ...state, additivePolicies: [] };
        for (const { source, destination, sourceIp, destinationIp, slices: sides } of pairsOf(placed)) {
          const ends = { source: source.endpoint, sourceIp, destination: destination.endpoint, destinationIp };
          const names = new Set(sides.map(({ node }) => node));
          for (const slice of slices.filter(({ node }) => names.has(node))) {
            const opens = openingsIn(slice, sourceIp, destinationIp);
            for (const protocol of PROTOCOL_NAMES) {
              for (const port of CRITICAL_PORTS) {
                const flow = { ...ends, protocol, port };
                const expected = specificationAllows(state, flow);
                if (expected && !specificationAllows(without, flow)) added += 1;
                questions += 1;
                const text = `${source.key} -> ${destination.key} ${protocol}/${port} on ${slice.node}`;
                assert.equal(opens({ protocol: LOWER[protocol], port }), expected, text);
              }
            }
          }
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(questions > 100_000 && added > 200, `${questions} questions, ${added} of them added`);
  }).timeout(60_000);

  it('property: change by change they come to the same as at once', () => {
    fc.assert(
      fc.property(placedCluster, fc.constantFrom(0, 1), (placed, offset) => {
        const { snapshot } = withAdditive(placed, offset);
        const compiler = new PolicyCompiler(EMPTY_ALLOCATION, placed.options);
        compiler.apply({ ...snapshot, policies: new Map() }, 0);
        for (const [key, view] of snapshot.policies) compiler.apply({ policies: new Map([[key, view]]) }, 0);
        const stepwise = resultOf(compiler);
        const slicesOf = (allocation: typeof stepwise.allocation) => slices(snapshot, placed, allocation);
        const kept = nodePolicies({ ...stepwise, findings: [] }, snapshot, OWN_FABRIC);
        assert.deepEqual(kept, slicesOf(stepwise.allocation));
      }),
      { numRuns: 100 },
    );
  });
});

const slices = (
  snapshot: ClusterSnapshot,
  { options }: PlacedCluster,
  allocation: typeof EMPTY_ALLOCATION,
): ReturnType<typeof nodePolicies> => nodePolicies(compile(snapshot, allocation, options), snapshot, OWN_FABRIC);
