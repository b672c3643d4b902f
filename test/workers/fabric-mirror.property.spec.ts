import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { DnTree } from '#fabric';
import { type FlatObject, isWithin } from '#model/aci';
import { silentLogger } from '#runtime';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const RNS = ['tn-a', 'ap-b', 'epg-c', 'subnet-[10.0.0.1/24]', 'rsx-[uni/tn-a/y-[z]]'];
const dn = fc.array(fc.constantFrom(...RNS), { minLength: 1, maxLength: 4 }).map((rns) => ['uni', ...rns].join('/'));
const object: fc.Arbitrary<FlatObject> = fc.record({
  className: fc.constantFrom('fvTenant', 'fvAp', 'faultInst'),
  dn,
  attributes: fc.dictionary(fc.constantFrom('descr', 'name', 'lc'), fc.constantFrom('', 'x', 'y'), { maxKeys: 2 }),
});
/** A Dn has one class for ever. */
const classed = object.map((one) => ({ ...one, className: one.dn.length % 3 === 0 ? 'faultInst' : 'fvAp' }));
const step = fc.oneof(
  fc.record({ kind: fc.constant('list' as const), objects: fc.uniqueArray(classed, { selector: (one) => one.dn }) }),
  fc.record({ kind: fc.constantFrom('created' as const, 'modified' as const, 'deleted' as const), object: classed }),
);

type Plain = Map<string, Readonly<Record<string, string>>>;

/** What the steps mean, said plainly: a list is all there is, a deletion takes what is below, a part changes a part. */
function take(plain: Plain, one: typeof step extends fc.Arbitrary<infer Step> ? Step : never): void {
  if (one.kind === 'list') {
    plain.clear();
    for (const { dn: at, attributes } of one.objects) plain.set(at, attributes);
    return;
  }
  const { dn: at, attributes } = one.object;
  if (one.kind === 'deleted') for (const other of plain.keys()) if (isWithin(other, at)) plain.delete(other);
  if (one.kind === 'created' || (one.kind === 'modified' && plain.has(at))) {
    plain.set(at, { ...plain.get(at), ...attributes });
  }
}

/** The attributes that a fault or any other object is kept with. */
const keptOf = (plain: Plain): unknown =>
  new Map(
    [...plain].map(([at, attributes]) => {
      const names = at.length % 3 === 0 ? ['descr', 'lc'] : ['descr', 'name', 'lc'];
      return [at, Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)))];
    }),
  );

describe('fabric mirror, whatever comes', () => {
  it('holds what a plain reading of lists and events says, and names exactly the objects that differ', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let signals = 0;
        const mirror = new FabricMirror(() => (signals += 1), silentLogger);
        const plain: Plain = new Map();
        mirror.replaced([]);
        mirror.takeChanged();
        for (const one of steps) {
          const before = new Map(mirror.objects);
          const { version } = mirror;
          const signalled = signals;
          if (one.kind === 'list') mirror.replaced(one.objects);
          else mirror.changed({ kind: one.kind, ...one.object });
          take(plain, one);
          const held = [...mirror.objects.values(), ...mirror.faults.values()];
          assert.deepEqual(new Map(held.map((each) => [each.dn, each.attributes])), keptOf(plain));
          // What is the same object says the same, and what is another says something else.
          const all = new Set([...before.keys(), ...mirror.objects.keys()]);
          const differs = [...all].filter((at) => before.get(at) !== mirror.objects.get(at)).sort();
          for (const at of differs) assert.notDeepEqual(before.get(at), mirror.objects.get(at));
          assert.deepEqual([...(mirror.takeChanged() ?? ['everything'])].sort(), differs);
          assert.equal(mirror.version > version, differs.length > 0);
          assert.equal(signals - signalled, differs.length > 0 ? 1 : 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('tree of Dns', () => {
  it('finds what is below a Dn as a look at every Dn does, and forgets without a trace', () => {
    const action = fc.record({ add: fc.boolean(), at: dn });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), dn, (actions, asked) => {
        const tree = new DnTree();
        const kept = new Set<string>();
        for (const { add, at } of actions) {
          if (add) {
            if (!kept.has(at)) tree.add(at);
            kept.add(at);
          } else if (kept.delete(at)) tree.remove(at, (other) => kept.has(other));
        }
        const below = [...tree.below(asked)].filter((at) => kept.has(at));
        const expected = [...kept].filter((at) => at !== asked && isWithin(at, asked));
        assert.deepEqual([...below].sort(), expected.sort());
        for (const at of kept) {
          kept.delete(at);
          tree.remove(at, (other) => kept.has(other));
        }
        assert.deepEqual([...tree.below('uni')], []);
      }),
    );
  });
});
