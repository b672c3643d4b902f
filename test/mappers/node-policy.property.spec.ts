import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { specificationAllows } from '#policy';
import { CRITICAL_PORTS, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { type PlacedCluster, pairsOf, placedCluster } from '#support/placed-cluster';
import { openingsIn } from '#support/slice-verdict';

const LOWER = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** Asks every slice with a side; gives the number of questions. */
function check(placed: PlacedCluster): number {
  let questions = 0;
  for (const { source, destination, sourceIp, destinationIp, slices } of pairsOf(placed)) {
    const ends = { source: source.endpoint, sourceIp, destination: destination.endpoint, destinationIp };
    const readers = slices.map((slice) => ({ node: slice.node, opens: openingsIn(slice, sourceIp, destinationIp) }));
    for (const protocol of PROTOCOL_NAMES) {
      for (const port of CRITICAL_PORTS) {
        const expected = specificationAllows(placed.cluster.state, { ...ends, protocol, port });
        for (const { node, opens } of readers) {
          questions += 1;
          const text = `${source.key} -> ${destination.key} ${protocol}/${port} on ${node}`;
          assert.equal(opens({ protocol: LOWER[protocol], port }), expected, text);
        }
      }
    }
  }
  return questions;
}

describe('slices of the nodes', () => {
  it('say on every node with a side what the policies say, in both families, for every critical port', () => {
    let questions = 0;
    fc.assert(
      fc.property(placedCluster, (placed) => {
        questions += check(placed);
      }),
      { numRuns: 150 },
    );
    assert.ok(questions > 100_000, `only ${questions} questions`);
  }).timeout(60_000);

  it('hold permits with a side on the node only, one a pair and family, and all groups and addresses', () => {
    fc.assert(
      fc.property(placedCluster, ({ slices, compiled }) => {
        for (const { endpoints, permits, groups, addresses } of slices) {
          const local = new Set(endpoints.map(({ group }) => group));
          const keys = permits.flatMap(({ source, destination, families }) =>
            families.map((family) => `${source} ${destination} ${family}`),
          );
          assert.equal(new Set(keys).size, keys.length);
          assert.ok(permits.every(({ source, destination }) => local.has(source) || local.has(destination)));
          const wanted = compiled.pairs.filter(
            ({ source, destination }) => local.has(source) || local.has(destination),
          );
          assert.equal(
            new Set(permits.map(({ source, destination }) => `${source} ${destination}`)).size,
            wanted.length,
          );
          const names = new Set(groups.map(({ name }) => name));
          assert.deepEqual(
            addresses.filter(({ group }) => !names.has(group)),
            [],
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it('have a new revision after a change of policies exactly when they say something else', () => {
    const seen = { same: 0, other: 0 };
    fc.assert(
      fc.property(placedCluster, fc.nat(), ({ cluster: { objects }, slices, slicesWith }, gone) => {
        const left = objects.policies.filter((_, index) => index !== gone % objects.policies.length);
        for (const after of slicesWith(left)) {
          const before = slices.find(({ node }) => node === after.node);
          assert.ok(before !== undefined);
          const isSame = isDeepStrictEqual({ ...before, revision: '' }, { ...after, revision: '' });
          seen[isSame ? 'same' : 'other'] += 1;
          assert.equal(before.revision === after.revision, isSame);
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(seen.same > 10 && seen.other > 10, JSON.stringify(seen));
  });
});
