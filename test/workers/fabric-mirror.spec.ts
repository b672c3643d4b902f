import assert from 'node:assert/strict';
import type { FlatObject } from '#model/aci';
import type { LogFields } from '#ports';
import { FabricMirror } from '../../workers/fabric-mirror.js';

const TENANT: FlatObject = { className: 'fvTenant', dn: 'uni/tn-a', attributes: { name: 'a' } };
const bd = (name: string, more: Record<string, string> = {}): FlatObject => ({
  className: 'fvBD',
  dn: `uni/tn-a/BD-${name}`,
  attributes: { dn: `uni/tn-a/BD-${name}`, name, ...more },
});
const subnet = (name: string, ip: string): FlatObject => ({
  className: 'fvSubnet',
  dn: `uni/tn-a/BD-${name}/subnet-[${ip}]`,
  attributes: { ip },
});
const fault = (of: FlatObject, lc = 'raised'): FlatObject => ({
  className: 'faultInst',
  dn: `${of.dn}/fault-F0467`,
  attributes: { code: 'F0467', lc, changeSet: 'long', severity: 'minor' },
});

describe('fabric mirror', () => {
  let signals: number;
  let lines: [LogFields, string][];
  let mirror: FabricMirror;
  beforeEach(() => {
    signals = 0;
    lines = [];
    const keep = (fields: LogFields, message: string): void => void lines.push([fields, message]);
    const count = (): void => {
      signals += 1;
    };
    mirror = new FabricMirror(count, { debug: keep, info: keep, warn: keep, error: keep });
  });
  const dns = (): readonly string[] => [...mirror.objects.keys()].sort();
  const taken = (): readonly string[] | undefined => {
    const changed = mirror.takeChanged();
    return changed === undefined ? undefined : [...changed].sort();
  };

  it('keeps the very objects that a list finds as they are, and says nothing of it', () => {
    mirror.replaced([TENANT, bd('one', { modTs: '2026-01-01T00:00:00.000+00:00', descr: 'x' }), fault(TENANT)]);
    assert.equal(signals, 1);
    const { version, objects, faults } = mirror;
    const before = [...objects, ...faults];
    mirror.replaced([fault(TENANT), bd('one', { descr: 'x', modTs: '2027-01-01T00:00:00.000+00:00' }), TENANT]);
    assert.deepEqual([mirror.version, signals], [version, 1]);
    assert.equal(mirror.objects, objects);
    for (const [dn, object] of before) assert.equal(objects.get(dn) ?? faults.get(dn), object);
    assert.deepEqual(lines.at(-1), [
      { objects: 2, faults: 1, added: 0, changed: 0, removed: 0 },
      'listed the fabric anew; nothing was missed',
    ]);
  });

  it('takes what differs in a list, counts it, and signals once', () => {
    mirror.replaced([TENANT, bd('one'), bd('two'), bd('three', { descr: 'kept' }), fault(TENANT)]);
    assert.deepEqual(mirror.relists, { lists: 0, added: 0, changed: 0, removed: 0 });
    const untouched = mirror.objects.get('uni/tn-a/BD-two');
    mirror.replaced([TENANT, bd('two'), bd('three'), bd('four')]);
    assert.equal(mirror.objects.get('uni/tn-a/BD-two'), untouched);
    assert.deepEqual(mirror.objects.get('uni/tn-a/BD-three')?.attributes, { name: 'three' }, 'a list says all');
    assert.deepEqual(mirror.relists, { lists: 1, added: 1, changed: 1, removed: 2 });
    assert.equal(mirror.faults.size, 0);
    assert.equal(signals, 2);
    assert.equal(lines.at(-1)?.[1], 'listed the fabric anew, and took what had been missed');
    mirror.replaced([TENANT, bd('two'), bd('three'), bd('four'), bd('five')]);
    assert.deepEqual(mirror.relists, { lists: 2, added: 2, changed: 1, removed: 2 });
  });

  it('signals when the picture can be trusted again, for what waited meanwhile', () => {
    mirror.replaced([TENANT]);
    mirror.lost('socket closed');
    assert.deepEqual([mirror.trusted, mirror.trouble, signals], [false, 'socket closed', 1]);
    mirror.replaced([TENANT]);
    assert.deepEqual([mirror.trusted, mirror.trouble, signals], [true, undefined, 2]);
  });

  it('lets nothing go while the picture is lost: only a complete list is proof', () => {
    mirror.replaced([TENANT, bd('one')]);
    mirror.lost('socket closed');
    assert.deepEqual(dns(), ['uni/tn-a', 'uni/tn-a/BD-one']);
    assert.equal(mirror.trusted, false);
    mirror.replaced([TENANT]);
    assert.deepEqual(dns(), ['uni/tn-a']);
  });

  it('does not take a part of an unknown object for an object', () => {
    mirror.replaced([TENANT]);
    assert.equal(mirror.knows('uni/tn-a/BD-one'), false);
    mirror.changed({ kind: 'modified', ...bd('one', { descr: 'x' }) });
    assert.deepEqual([dns(), signals], [['uni/tn-a'], 1]);
    mirror.changed({ kind: 'created', ...bd('one') });
    mirror.changed({ kind: 'modified', ...bd('one', { descr: 'x' }) });
    assert.deepEqual(mirror.objects.get('uni/tn-a/BD-one')?.attributes, { name: 'one', descr: 'x' });
    assert.ok(mirror.knows('uni/tn-a/BD-one'));
    assert.equal(signals, 3);
  });

  it('says nothing of an event that brings nothing new, such as one for our own write', () => {
    mirror.replaced([TENANT]);
    mirror.applied([{ kind: 'create', object: bd('one'), fields: [] }]);
    const { version } = mirror;
    const event = bd('one', { modTs: '2026-01-01T00:00:00.000+00:00', status: 'created', uid: '1', pcTag: '123' });
    mirror.changed({ kind: 'created', ...event });
    assert.deepEqual([mirror.version, signals], [version, 1]);
  });

  it('removes with an object all below it, faults and what hangs on parents that it never had', () => {
    const below = {
      className: 'tagAnnotation',
      dn: 'uni/tn-a/BD-one/rsx/annotationKey-[k]',
      attributes: { value: 'v' },
    };
    mirror.replaced([TENANT, bd('one'), subnet('one', '10.0.0.1/24'), below, fault(bd('one')), bd('oneself')]);
    mirror.changed({ kind: 'deleted', ...bd('one') });
    assert.deepEqual(dns(), ['uni/tn-a', 'uni/tn-a/BD-oneself']);
    assert.equal(mirror.faults.size, 0);
    mirror.applied([{ kind: 'delete', object: TENANT }]);
    assert.deepEqual(dns(), []);
  });

  it('keeps what can be configured or found, in the spelling of the APIC, and not what only the APIC writes', () => {
    mirror.replaced([
      { className: 'vzEntry', dn: 'uni/tn-a/flt-f/e-e', attributes: { dFromPort: '80', uid: '7', etherT: 'ip' } },
      { className: 'fvCEp', dn: 'uni/tn-a/ap-a/epg-e/cep-x', attributes: { ip: '10.0.0.2', lcC: 'learned', dn: 'x' } },
      { className: 'notKnown', dn: 'uni/x', attributes: { a: 'b', modTs: 'x' } },
      fault(TENANT),
    ]);
    const said = [...mirror.objects.values(), ...mirror.faults.values()].map(({ attributes }) => attributes);
    assert.deepEqual(said, [
      { dFromPort: 'http', etherT: 'ip' },
      { ip: '10.0.0.2', lcC: 'learned' },
      { a: 'b', modTs: 'x' },
      { code: 'F0467', lc: 'raised', severity: 'minor' },
    ]);
  });

  describe('what changed since it was asked last', () => {
    it('is everything at first, then what came, differs or went, by whatever way', () => {
      mirror.replaced([TENANT, bd('one'), bd('two')]);
      assert.equal(taken(), undefined);
      assert.deepEqual(taken(), []);
      mirror.changed({ kind: 'created', ...bd('three') });
      mirror.changed({ kind: 'modified', ...bd('one', { descr: 'x' }) });
      mirror.applied([{ kind: 'create', object: bd('four'), fields: [] }]);
      mirror.replaced([TENANT, bd('one', { descr: 'x' }), bd('four'), bd('five')]);
      assert.deepEqual(
        taken(),
        ['five', 'four', 'one', 'three', 'two'].map((name) => `uni/tn-a/BD-${name}`),
      );
      assert.deepEqual(taken(), []);
    });

    it('names all that went with an object, and no faults', () => {
      mirror.replaced([TENANT, bd('one'), subnet('one', '10.0.0.1/24')]);
      taken();
      mirror.changed({ kind: 'created', ...fault(bd('one')) });
      assert.deepEqual(taken(), []);
      mirror.changed({ kind: 'deleted', ...bd('one') });
      assert.deepEqual(taken(), ['uni/tn-a/BD-one', 'uni/tn-a/BD-one/subnet-[10.0.0.1/24]']);
    });

    it('is nothing when what came says nothing new', () => {
      mirror.replaced([TENANT, bd('one')]);
      taken();
      mirror.replaced([TENANT, bd('one')]);
      mirror.changed({ kind: 'modified', ...bd('one', { modTs: '2026-01-01T00:00:00.000+00:00' }) });
      assert.deepEqual(taken(), []);
    });

    it('is everything again when it is more than is worth naming', () => {
      mirror.replaced([TENANT]);
      taken();
      mirror.replaced([TENANT, ...Array.from({ length: 20_001 }, (_, index) => bd(`b${index}`))]);
      assert.equal(taken(), undefined);
      assert.deepEqual(taken(), []);
    });
  });

  it('remembers of what nobody configured that it is so, until somebody does, and says nothing of users', () => {
    const { dn, className } = subnet('one', '10.1.0.1/24');
    const known = (): FlatObject['attributes'] | undefined => mirror.objects.get(dn)?.attributes;
    mirror.replaced([TENANT, { ...subnet('one', '10.1.0.1/24'), attributes: { uid: '0', lcOwn: 'implicit' } }]);
    assert.deepEqual(known(), { uid: '0', lcOwn: 'implicit' });
    mirror.changed({ kind: 'modified', className, dn, attributes: { descr: 'x' } });
    assert.deepEqual(known(), { uid: '0', lcOwn: 'implicit', descr: 'x' });
    mirror.changed({ kind: 'modified', className, dn, attributes: { uid: '15374', lcOwn: 'local' } });
    assert.deepEqual(known(), { descr: 'x' });
    const { version } = mirror;
    mirror.changed({ kind: 'modified', className, dn, attributes: { uid: '1', lcOwn: 'local' } });
    assert.equal(mirror.version, version);
  });

  it('leaves alone what was written while a list was on its way: its pages may be older', () => {
    mirror.replaced([TENANT, bd('old'), bd('gone'), subnet('gone', '10.0.0.1/24')]);
    const listing = mirror.listing();
    mirror.applied([
      { kind: 'create', object: bd('new'), fields: ['name'] },
      { kind: 'delete', object: bd('gone') },
      { kind: 'modify', object: bd('old', { descr: 'new' }), fields: ['descr'], found: bd('old') },
    ]);
    mirror.replaced(
      [TENANT, bd('old', { descr: 'old' }), bd('gone'), subnet('gone', '10.0.0.1/24'), bd('more')],
      listing,
    );
    assert.deepEqual(
      dns(),
      ['more', 'new', 'old']
        .map((name) => bd(name).dn)
        .concat(TENANT.dn)
        .sort(),
    );
    assert.equal(mirror.objects.get(bd('old').dn)?.attributes['descr'], 'new');
    mirror.replaced([TENANT]);
    assert.deepEqual(dns(), [TENANT.dn], 'but not in the list after it');
  });

  it('leaves it alone in each of two lists that are on their way together, whichever is there first', () => {
    const written = { kind: 'create', object: bd('new'), fields: ['name'] } as const;
    mirror.replaced([TENANT]);
    const first = mirror.listing();
    mirror.applied([written]);
    const second = mirror.listing();
    mirror.replaced([TENANT], first);
    assert.ok(mirror.knows(bd('new').dn), 'the first list is older');
    mirror.applied([{ ...written, object: bd('newer') }]);
    mirror.replaced([TENANT, bd('new')], second);
    assert.ok(mirror.knows(bd('newer').dn), 'the second list is older than that');
    mirror.replaced([TENANT], mirror.listing());
    assert.deepEqual(dns(), [TENANT.dn], 'a later list is not');
  });

  it('counts what it holds, and what that takes', () => {
    assert.deepEqual(mirror.size, { objects: 0, faults: 0, bytes: 0 });
    mirror.replaced([TENANT, bd('one'), fault(TENANT)]);
    const { bytes, ...counts } = mirror.size;
    assert.deepEqual(counts, { objects: 2, faults: 1 });
    assert.ok(bytes > 0);
    mirror.changed({ kind: 'deleted', ...fault(TENANT) });
    assert.equal(mirror.size.faults, 0);
    const without = mirror.size.bytes;
    assert.ok(without < bytes);
    mirror.changed({ kind: 'modified', ...bd('one', { descr: 'd'.repeat(100) }) });
    assert.ok(mirror.size.bytes > without + 100);
  });
});
