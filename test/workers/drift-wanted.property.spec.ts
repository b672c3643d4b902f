import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GatewayError } from '#errors';
import { type ObjectMap } from '#model/aci';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { contentOf, DriftStack } from '#support/drift-stack';
import { desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC } from '#support/settings';
import { WIDE_POOL } from '#support/verdict-table';

// Nobody but the gateway writes: then nothing is drift, whatever the cluster does, and wherever POSTs, answers and processes
// are lost. With `report` everywhere a change that was taken for drift would stay undone.

const WAY: PlanWay = {
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: true },
  settings: [OWN_FABRIC, OWN_FABRIC],
  batchSize: 500,
};

const history = fc.array(
  fc.record({
    cluster: clusterArbitrary,
    after: fc.nat(6),
    mishap: fc.constantFrom('lost', 'answer lost', undefined),
    restart: fc.boolean(),
    seconds: fc.constantFrom(0, 1, 100, 1000),
  }),
  { minLength: 2, maxLength: 4 },
);

/** Runs as the queue does: again after an error. */
async function insist(stack: DriftStack, restart: boolean): Promise<void> {
  try {
    await stack.run();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (restart) stack.restart();
    else stack.restore(stack.holds);
    await stack.run();
  }
}

describe('drift worker: what the gateway does itself', () => {
  it('is never drift, through any history of the cluster and any loss on the way', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const stack = new DriftStack(
          { objects: new Map(), references: [] },
          { rules: [{ class: '*', field: '*', policy: 'report' }] },
        );
        let before: ReturnType<typeof desired> | undefined;
        for (const { cluster, after, mishap, restart, seconds } of steps) {
          before = desired(cluster.objects, WAY, before);
          const wanted: ObjectMap = before.fabric;
          stack.wanted = { objects: wanted, references: [] };
          stack.mishap = mishap === undefined ? undefined : { after, kind: mishap };
          await insist(stack, restart);
          assert.deepEqual(contentOf(stack.holds), contentOf(wanted));
          assert.deepEqual([stack.drift.rows, stack.drift.findings, stack.events], [[], [], []]);
          stack.clock.pass(seconds * 1000);
        }
      }),
      { numRuns: 100 },
    );
  }).timeout(120_000);
});
