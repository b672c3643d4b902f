import assert from 'node:assert/strict';
import type { Change } from '#fabric';
import { canonicalMap, type FlatObject, type ObjectMap } from '#model/aci';
import { ParkedObjects } from '../../workers/parked-objects.js';

const epg = (name: string, descr = ''): FlatObject => ({
  className: 'fvAEPg',
  dn: `uni/tn-k8s/ap-k8s/epg-${name}`,
  attributes: { name, descr },
});
const relation = (name: string, contract: string): FlatObject => ({
  className: 'fvRsProv',
  dn: `${epg(name).dn}/rsprov-${contract}`,
  attributes: { tnVzBrCPName: contract },
});
const made = (object: FlatObject): Change => ({ kind: 'create', object, fields: Object.keys(object.attributes) });

describe('parked objects', () => {
  const wanted = canonicalMap([epg('web'), relation('web', 'a'), epg('web-2'), epg('db')]);
  let parked: ParkedObjects;
  beforeEach(() => {
    parked = new ParkedObjects();
    parked.forgetChanged(wanted);
    parked.park(epg('web').dn, new Error('no'));
  });
  const holds = (object: FlatObject): boolean => parked.holds(made(object));

  it('hold what is below them, and not what only begins with their name', () => {
    assert.ok(holds(epg('web')) && holds(relation('web', 'b')));
    assert.ok(!holds(epg('web-2')) && !holds(epg('db')));
  });

  it('stay when the same is wanted anew, or something else of others', () => {
    for (const now of [structuredClone(wanted), canonicalMap([...wanted.values(), epg('db', 'new')])]) {
      parked.forgetChanged(now);
      assert.ok(holds(epg('web')));
    }
  });

  it('are forgotten when something else is wanted of them, or of what is below, or they are not wanted any more', () => {
    const others: readonly ObjectMap[] = [
      canonicalMap([...wanted.values(), epg('web', 'new')]),
      canonicalMap([...wanted.values(), relation('web', 'b')]),
      canonicalMap([epg('db')]),
    ];
    for (const now of others) {
      parked.forgetChanged(wanted);
      parked.park(epg('web').dn, new Error('no'));
      parked.forgetChanged(now);
      assert.ok(parked.isEmpty);
    }
  });

  it('cost nothing as long as what is wanted is the same', () => {
    class Untouched extends Map<string, FlatObject> {
      override *[Symbol.iterator](): MapIterator<[string, FlatObject]> {
        yield assert.fail('it was looked at');
      }
    }
    const same = new Untouched();
    parked.clear();
    parked.forgetChanged(same);
    parked.park(epg('web').dn, new Error('no'));
    parked.forgetChanged(same);
    assert.ok(holds(epg('web')));
  });
});
