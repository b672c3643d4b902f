import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type FabricPlan, planFabric } from '#fabric';
import { mirrorScopes } from '#mappers';
import { type ManagedObject, managedObject, type ObjectMap, parentDn, propertySpec, toWire } from '#model/aci';
import { ApicRest } from '#support/apic-client';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { APIC_USER } from '#support/gateway-stack';
import { desired, type PlanWay } from '#support/plan-check';
import { OWN_FABRIC } from '#support/settings';
import { WIDE_POOL } from '#support/verdict-table';
import { apicDocument } from '../../src/cli/plan/apic-document.js';
import { planView } from '../../workers/plan-view.js';

const WAY: PlanWay = {
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: false },
  settings: [OWN_FABRIC, OWN_FABRIC],
  batchSize: 25,
};

/** Whether a client may write the attribute; the others are the APIC's own, such as identifiers and times. */
function isConfigured(className: string, name: string): boolean {
  const property = propertySpec(className, name);
  return property !== undefined && property.readonly !== true;
}

/** Classes that the gateway writes. The APIC makes others by itself, with numbers for names. */
const WRITTEN = new Set(mirrorScopes(OWN_FABRIC).flatMap(({ classes }) => classes));
const ROOTS = ['uni/tn-k8s', 'uni/infra', 'uni/phys-k8s-test'];

describe('plan as a tree for an APIC', () => {
  let apic: ApicMock;
  let rest: ApicRest;

  before(async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    rest = await ApicRest.login(apic.url);
  });
  after(async () => apic.stop());

  /** Everything configured in the fabric, as comparable texts. */
  async function content(): Promise<readonly string[]> {
    const found = await Promise.all(ROOTS.map(async (dn) => rest.subtree(dn)));
    return found
      .flat()
      .filter(({ className }) => WRITTEN.has(className))
      .map(({ className, dn, attributes }) => {
        const kept = Object.entries(attributes).filter(([name]) => isConfigured(className, name));
        return `${className} ${dn} ${JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
      })
      .sort();
  }

  const carryOut = async (plan: FabricPlan): Promise<void> => {
    for (const { dn, tree } of plan.phases.flatMap(({ batches }) => batches)) await rest.post(dn, toWire(tree));
  };

  it('leads, posted in one piece, to the fabric that the plan leads to step by step', async () => {
    let deleted = 0;
    const transition = fc.tuple(clusterArbitrary, clusterArbitrary, fc.boolean());
    await fc.assert(
      fc.asyncProperty(transition, async ([from, to, asks]) => {
        apic.reset();
        rest = await ApicRest.login(apic.url);
        const before = desired(from.objects, WAY);
        const after = desired(to.objects, WAY, before);
        const plan = (wanted: ObjectMap, actual: ObjectMap, mayDelete = true): FabricPlan =>
          planFabric({
            desired: wanted,
            actual,
            references: [],
            clusterId: 'test',
            limits: { objects: 100 },
            mayDelete: ({ changes }) => (mayDelete ? changes : []),
          });
        await carryOut(plan(before.fabric, new Map()));
        const start = apic.snapshot();
        const steps = plan(after.fabric, before.fabric);
        deleted += steps.counts.delete;
        await carryOut(steps);
        const expected = await content();
        assert.ok(expected.length > 50, 'there is something to compare');
        apic.restore(start);
        // Also when the deletions wait for approval: the tree says what becomes of the fabric with it.
        const document = apicDocument(planView(plan(after.fabric, before.fabric, !asks), () => 0));
        if (steps.phases.length > 0) await rest.post('uni', document);
        assert.deepEqual(await content(), expected);
      }),
      { numRuns: 25 },
    );
    assert.ok(deleted > 50, `${deleted} deletions`);
  }).timeout(120_000);

  it('has a status on what changes and none on the steps to it', () => {
    const object = (dn: string, className: string, name: string) => ({ dn, className, attributes: { name } });
    const epg = object('uni/tn-k8s/ap-x/epg-y', 'fvAEPg', 'y');
    const plan = planFabric({
      desired: new Map([[epg.dn, { ...epg, attributes: { name: 'y', descr: 'new' } }]]),
      actual: new Map([[epg.dn, epg]]),
      references: [],
      clusterId: 'test',
      limits: { objects: 10 },
    });
    const inner: ManagedObject = managedObject('fvAEPg', { name: 'y', descr: 'new', status: 'modified' });
    const tree = managedObject('polUni', {}, [
      managedObject('fvTenant', { name: 'k8s' }, [managedObject('fvAp', { name: 'x' }, [inner])]),
    ]);
    assert.equal(parentDn('uni'), undefined);
    assert.deepEqual(apicDocument(planView(plan, () => 0)), toWire(tree));
  });
});
