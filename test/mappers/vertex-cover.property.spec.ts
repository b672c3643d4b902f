import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Cover, coverKeeping, type Edge, minimumCover } from '../../mappers/vertex-cover.js';

const vertex = fc.integer({ min: 0, max: 6 });
const edges = fc.uniqueArray(fc.record({ consumer: vertex, provider: vertex }), {
  maxLength: 18,
  selector: ({ consumer, provider }) => consumer * 7 + provider,
});

const NOTHING: Cover<number> = { providers: new Set(), consumers: new Set() };

const covers = (cover: Cover<number>, graph: readonly Edge<number>[]): boolean =>
  graph.every(({ consumer, provider }) => cover.providers.has(provider) || cover.consumers.has(consumer));

const sizeOf = (cover: Cover<number>): number => cover.providers.size + cover.consumers.size;

/** The size of the smallest cover, by trying every set of providers: the rest has to be covered by its consumers. */
function smallest(graph: readonly Edge<number>[]): number {
  const sizes = Array.from({ length: 2 ** 7 }, (_, chosen) => {
    const isChosen = (provider: number): boolean => ((chosen >> provider) & 1) === 1;
    const left = new Set(graph.filter(({ provider }) => !isChosen(provider)).map(({ consumer }) => consumer));
    return left.size + [0, 1, 2, 3, 4, 5, 6].filter(isChosen).length;
  });
  return Math.min(...sizes);
}

describe('contract stars: vertex covers', () => {
  it('covers every edge with as few anchors as there can be', () => {
    fc.assert(
      fc.property(edges, (graph) => {
        const cover = minimumCover(graph);
        assert.ok(covers(cover, graph));
        assert.equal(sizeOf(cover), smallest(graph));
      }),
      { numRuns: 2000 },
    );
  });

  it('prefers providers between covers of one size', () => {
    const single = minimumCover([{ consumer: 1, provider: 2 }]);
    assert.deepEqual([[...single.providers], [...single.consumers]], [[2], []]);
  });

  it('keeps the anchors that are still needed, and adds no more than what they leave open needs', () => {
    fc.assert(
      fc.property(edges, edges, (first, second) => {
        const before = coverKeeping(first, NOTHING);
        const after = coverKeeping(second, before);
        assert.ok(covers(after, second));
        const uncovered = second.filter(
          ({ consumer, provider }) => !before.providers.has(provider) && !before.consumers.has(consumer),
        );
        const added = sizeOf({
          providers: new Set([...after.providers].filter((one) => !before.providers.has(one))),
          consumers: new Set([...after.consumers].filter((one) => !before.consumers.has(one))),
        });
        assert.ok(added <= smallest(uncovered));
        assert.deepEqual(coverKeeping(second, after), after, 'a cover that fits stays as it is');
      }),
      { numRuns: 2000 },
    );
  });

  it('has no anchor all of whose edges others cover', () => {
    fc.assert(
      fc.property(edges, edges, (first, second) => {
        const cover = coverKeeping(second, coverKeeping(first, NOTHING));
        for (const provider of cover.providers) {
          const providers = new Set([...cover.providers].filter((one) => one !== provider));
          assert.ok(!covers({ ...cover, providers }, second));
        }
        for (const consumer of cover.consumers) {
          const consumers = new Set([...cover.consumers].filter((one) => one !== consumer));
          assert.ok(!covers({ ...cover, consumers }, second));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a path as long as the graph', () => {
    const length = 20_000;
    const graph = Array.from({ length }, (_, index) => [
      { consumer: index, provider: index },
      { consumer: index, provider: index + 1 },
    ]).flat();
    assert.equal(sizeOf(minimumCover(graph)), length);
  });
});
