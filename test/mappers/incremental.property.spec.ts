import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricMapper, fabricOf, mapFabric, type PartChanges } from '#mappers';
import { childDn, flatten, type ManagedObject, rnFor, toWire } from '#model/aci';
import { type ClusterSnapshot, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type CompileOptions, compilerTables, PolicyCompiler, resultOf } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { deltaOf, snapshotAfter, stepsBetween } from '#support/cluster-history';
import { nodesArbitrary } from '#support/nodes-arbitrary';
import { OWN_FABRIC, SHARED_VRF } from '#support/settings';
import { smallClusterInputs } from '#support/small-cluster';

const ADMINS_TENANT: FabricSettings = {
  ...OWN_FABRIC,
  tenant: { name: 'prod', own: false },
  vrf: { name: 'prod', own: false },
  l3out: { name: 'internet', own: false },
  vrfWidePermits: false,
};

/** In the admin's tenant, and in ours; where the VRF is in `common`, in a third one. */
const VM_EPG = 'uni/tn-prod/ap-vms/epg-db';

/** Every way in which the fabric can be written. */
const ways = fc.record({
  options: fc.record({
    vlanPool: fc.constantFrom({ from: 100, to: 4000 }, { from: 100, to: 103 }),
    foreignEpgs: fc.constantFrom<CompileOptions['foreignEpgs']>(
      [],
      [{ dn: VM_EPG, prefixes: [{ family: 4, first: 0xc0000200n, length: 24 }] }],
    ),
    nodeEpg: fc.constantFrom(undefined, { dn: 'uni/tn-prod/ap-infra/epg-nodes' }),
    groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
    preSplit: fc.boolean(),
  }),
  settings: fc.record({
    base: fc.constantFrom({ ...OWN_FABRIC, tenant: { name: 'prod', own: true } }, ADMINS_TENANT, {
      ...SHARED_VRF,
      foreignTenants: ['prod'],
    }),
    vzAnyContracts: fc.constantFrom('auto' as const, 'always' as const, 'never' as const),
  }),
  established: fc.constantFrom('pairs' as const, 'vrf' as const),
});

/** The parts that somebody keeps who looks at what is said to be different and nothing else. */
class Copy {
  readonly #parts = new Map<string, ManagedObject>();

  follow(changes: PartChanges): void {
    for (const [dn, part] of changes) {
      if (part === undefined) this.#parts.delete(dn);
      else {
        assert.equal(dn, childDn(part.parent, rnFor(part.object.className, part.object.attributes)));
        this.#parts.set(dn, part.object);
      }
    }
  }

  /** Every kept part stands in the tree as it was kept, and no other changeable part stands there. */
  check(tree: ManagedObject): void {
    const whole = new Map<string, ManagedObject>();
    const visit = (object: ManagedObject, parent: string): void => {
      const dn = childDn(parent, rnFor(object.className, object.attributes));
      whole.set(dn, object);
      for (const child of object.children) visit(child, dn);
    };
    visit(tree, '');
    for (const [dn, object] of this.#parts) assert.deepEqual(object, whole.get(dn), dn);
    const expected = [...whole.keys()].filter((dn) => CHANGEABLE.test(dn) && !/\/brc-(test_)?vrf-wide$/.test(dn));
    const kept = [...this.#parts].flatMap(([dn, object]) =>
      flatten(object, dn.slice(0, dn.length - rnFor(object.className, object.attributes).length - 1)).map(
        (one) => one.dn,
      ),
    );
    const missing = expected.filter((dn) => !kept.includes(dn));
    assert.deepEqual(missing, []);
  }
}

/** Dns of filters, contracts, EPGs and their relations, external EPGs and bindings. */
const CHANGEABLE = /\/(flt-[^/]+|brc-[^/]+|epg-[^/]+\/rs[^/]+|instP-[^/]+|rsfuncToEpg-\[.*\])$/;

describe('mapping: change by change', () => {
  it('is, after each change, what mapping the result at once gives, and says every part that differs', function () {
    this.timeout(240_000);
    let [steps, changed] = [0, 0];
    const state = fc.tuple(clusterArbitrary, nodesArbitrary).map(([{ objects }, nodes]) => ({ ...objects, nodes }));
    const states = fc.array(state, { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(states, fc.infiniteStream(fc.integer({ min: 1, max: 3 })), ways, (clusters, sizes, way) => {
        const settings = { ...way.settings.base, vzAnyContracts: way.settings.vzAnyContracts };
        const snapshots = clusters.map((objects) => snapshotOf(objects, 1));
        const compiler = new PolicyCompiler(EMPTY_ALLOCATION, way.options);
        const mapper = new FabricMapper(settings, way);
        const copy = new Copy();
        let [now] = snapshots as [ClusterSnapshot];
        copy.follow(mapper.update(compilerTables(compiler), compiler.apply(now)));
        for (const target of snapshots) {
          let open = stepsBetween(now, target);
          while (open.length > 0) {
            const some = open.slice(0, sizes.next().value);
            open = open.slice(some.length);
            now = snapshotAfter(now, target, some);
            const before = mapper.memory;
            const changes = mapper.update(compilerTables(compiler), compiler.apply(deltaOf(target, some)));
            steps += 1;
            changed += changes.size;
            copy.follow(changes);
            const whole = mapFabric({ ...resultOf(compiler), findings: [] }, settings, { ...way, before });
            const kept = fabricOf(mapper, settings);
            assert.deepEqual(toWire(kept.tree), toWire(whole.tree));
            assert.deepEqual(kept.references.toSorted(), whole.references.toSorted());
            assert.deepEqual(kept.contracts, whole.contracts);
            copy.check(kept.tree);
          }
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(steps > 1000 && changed > steps, `${steps} steps changed ${changed} parts`);
  });

  it('goes over to vzAny and back when that is cheaper, contract by contract the same as at once', () => {
    const settings = { ...OWN_FABRIC, vzAnyContracts: 'auto' as const };
    const compiler = new PolicyCompiler(EMPTY_ALLOCATION, { vlanPool: { from: 100, to: 999 }, foreignEpgs: [] });
    const mapper = new FabricMapper(settings);
    const names = Array.from({ length: 24 }, (_, index) => `team-${index}`);
    const renderings = new Set<string>();
    const take = (change: Parameters<PolicyCompiler['apply']>[0]): void => {
      const before = mapper.memory;
      mapper.update(compilerTables(compiler), compiler.apply(change));
      const whole = mapFabric({ ...resultOf(compiler), findings: [] }, settings, { before });
      assert.deepEqual(toWire(fabricOf(mapper, settings).tree), toWire(whole.tree));
      renderings.add(`${mapper.memory.rendering} at ${names.filter((name) => compiler.namespaces.has(name)).length}`);
    };
    for (const [index, name] of names.entries()) {
      const pods = { [`${name}/web`]: { ips: [`10.0.0.${index + 1}`] } };
      take(snapshotOf(smallClusterInputs({ title: name, namespaces: { [name]: {} }, pods }), 1));
    }
    for (const name of names) {
      take({ namespaces: new Map([[name, undefined]]), pods: new Map([[`${name}/web`, undefined]]) });
    }
    const kinds = [...renderings].map((text) => text.split(' ')[0]);
    assert.equal(kinds[0], 'explicit');
    assert.equal(kinds.filter((kind, index) => kind !== kinds[index - 1]).length, 3, [...renderings].join());
  });
});
