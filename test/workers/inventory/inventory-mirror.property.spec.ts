import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type FlatObject, isWithin } from '#model/aci';
import type { FabricChange } from '#ports';
import { silentLogger } from '#runtime';
import { InventoryMirror } from '../../../workers/inventory/inventory-mirror.js';

const GROUPS = ['uni/tn-t/ap-a/epg-x', 'uni/tn-t/ap-a/epg-xy', 'uni/tn-t/ap-b/esg-z', 'uni/tn-t/out-o/instP-i'];
const DNS = [
  'uni/tn-t',
  'uni/tn-t/ap-a',
  'uni/tn-t/BD-b/rsctx',
  ...GROUPS,
  ...GROUPS.flatMap((group) => [`${group}/cep-00:00:00:00:00:01`, `${group}/health`]),
  ...GROUPS.map((group) => `${group}/cep-00:00:00:00:00:01/ip-[10.0.0.1]`),
];

const classOf = (dn: string): string => {
  if (dn.includes('/ip-[')) return 'fvIp';
  if (dn.includes('/cep-')) return 'fvCEp';
  if (dn.endsWith('/health')) return 'healthInst';
  return dn.endsWith('/rsctx') ? 'fvRsCtx' : 'fvAEPg';
};

const attributes = fc.record(
  {
    cur: fc.constantFrom('1', '2'),
    addr: fc.constantFrom('a', 'b'),
    tDn: fc.constantFrom('v', 'w'),
    modTs: fc.string(),
  },
  { requiredKeys: [] },
);
const object = fc
  .tuple(fc.constantFrom(...DNS), attributes)
  .map(([dn, some]): FlatObject => ({ className: classOf(dn), dn, attributes: some }));
const change: fc.Arbitrary<FabricChange> = fc
  .tuple(fc.constantFrom('created' as const, 'modified' as const, 'deleted' as const), object)
  .map(([kind, what]) => ({ kind, ...what }));

/** What of an object is kept: the plain statement. */
const KEPT: Readonly<Record<string, string>> = { fvIp: 'addr', healthInst: 'cur', fvRsCtx: 'tDn' };
const narrow = ({
  className,
  attributes: all,
}: Pick<FlatObject, 'className' | 'attributes'>): Record<string, string> => {
  const name = KEPT[className] ?? '';
  const value = all[name];
  return value === undefined ? {} : { [name]: value };
};
const keeps = ({ dn }: FlatObject, holder: string): boolean => isWithin(dn, holder) && !dn.includes('epg-xy');

describe('inventory mirror', () => {
  const mirrorOf = (changed: () => void = () => undefined): InventoryMirror =>
    new InventoryMirror({ keeps, changed, log: silentLogger });
  const contentOf = (mirror: InventoryMirror): Record<string, object> =>
    Object.fromEntries(
      [...mirror.holders()].flatMap((holder) => [...mirror.heldBy(holder)]).map(([dn, held]) => [dn, held.attributes]),
    );

  it('property: after any history it holds what is there, and names every group that changed', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 8 }), fc.array(change, { maxLength: 25 }), (first, changes) => {
        const mirror = mirrorOf();
        const model = new Map<string, Record<string, string>>();
        const put = (what: FlatObject): void => {
          if (!what.dn.includes('epg-xy')) model.set(what.dn, { ...model.get(what.dn), ...narrow(what) });
        };
        first.forEach(put);
        mirror.replaced(first);
        mirror.takeChanged();
        for (const step of changes) {
          const before = new Map(GROUPS.map((group) => [group, JSON.stringify([...mirror.heldBy(group)])]));
          if (step.kind !== 'deleted') put(step);
          else for (const dn of model.keys()) if (isWithin(dn, step.dn)) model.delete(dn);
          mirror.changed(step);
          const changed = mirror.takeChanged();
          for (const group of GROUPS) {
            const isOther = before.get(group) !== JSON.stringify([...mirror.heldBy(group)]);
            assert.equal(changed.has(group), isOther, `${step.kind} ${step.dn}: ${group}`);
          }
        }
        assert.deepEqual(contentOf(mirror), Object.fromEntries(model));
        assert.equal(mirror.size, model.size);
      }),
    );
  });

  it('property: a list brings the same as the history that leads there, and changes only what differs', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 10 }), fc.array(object, { maxLength: 10 }), (before, after) => {
        const mirror = mirrorOf();
        mirror.replaced(before);
        mirror.takeChanged();
        mirror.replaced(after);
        const fresh = mirrorOf();
        fresh.replaced(after);
        assert.deepEqual(contentOf(mirror), contentOf(fresh));
        mirror.takeChanged();
        mirror.replaced(after);
        assert.deepEqual([...mirror.takeChanged()], []);
      }),
    );
  });

  it('is trusted from a complete list on until it is lost, and says why not', () => {
    let told = 0;
    const mirror = mirrorOf(() => {
      told += 1;
    });
    assert.deepEqual([mirror.trusted, mirror.trouble], [false, 'not listed yet']);
    mirror.replaced([]);
    assert.deepEqual([mirror.trusted, mirror.trouble, told], [true, undefined, 1]);
    mirror.changed({ kind: 'modified', className: 'fvAEPg', dn: 'uni/tn-t/ap-a/epg-x', attributes: { descr: 'd' } });
    assert.equal(told, 2);
    mirror.changed({ kind: 'modified', className: 'fvAEPg', dn: 'uni/tn-t/ap-a/epg-x', attributes: { descr: 'e' } });
    assert.equal(told, 2, 'what is not kept changes nothing');
    mirror.lost('socket closed');
    assert.deepEqual([mirror.trusted, mirror.trouble, told], [false, 'socket closed', 3]);
  });
});
