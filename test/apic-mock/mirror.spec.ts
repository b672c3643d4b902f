import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { classNames } from '#model/aci';
import { type EventObject, openSocket, until } from './apic-client.js';
import { useApic } from './apic-suite.js';

const RUNS = 60;

/** A small world, so that names meet: two tenants, two names for everything. */
const tenantName = fc.constantFrom('a', 'b', 'common');
const name = fc.constantFrom('x', 'y', 'default');
const status = fc.constantFrom('', '', '', 'deleted', 'created', 'modified');

const object = (
  className: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly unknown[] = [],
): unknown => ({ [className]: { attributes, children } });

const child = fc.oneof(
  fc.tuple(name, status).map(([n, s]) => object('fvCtx', { name: n, status: s })),
  fc
    .tuple(name, name, status)
    .map(([n, vrf, s]) => object('fvBD', { name: n, status: s }, [object('fvRsCtx', { tnFvCtxName: vrf })])),
  fc
    .tuple(name, name, name, status)
    .map(([ap, n, bd, s]) =>
      object('fvAp', { name: ap }, [
        object('fvAEPg', { name: n, status: s, descr: bd }, [
          object('fvRsBd', { tnFvBDName: bd }),
          object('fvRsProv', { tnVzBrCPName: n }),
          object('fvRsDomAtt', { tDn: `uni/phys-${bd}` }),
        ]),
      ]),
    ),
  fc
    .tuple(name, name, status)
    .map(([n, filter, s]) =>
      object('vzBrCP', { name: n, status: s }, [
        object('vzSubj', { name: 's' }, [object('vzRsSubjFiltAtt', { tnVzFilterName: filter })]),
      ]),
    ),
  fc.tuple(name, status).map(([n, s]) => object('vzFilter', { name: n, status: s })),
);

const oneObject = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(tenantName, fc.array(child, { maxLength: 4 }))
      .map(([tenant, children]) => object('fvTenant', { name: tenant }, children)),
  },
  { weight: 1, arbitrary: tenantName.map((tenant) => object('fvTenant', { name: tenant, status: 'deleted' })) },
  { weight: 1, arbitrary: fc.tuple(name, status).map(([n, s]) => object('physDomP', { name: n, status: s })) },
);

/** One object, or several in one transaction: there an object may go and come again. */
const write = fc.oneof(
  { weight: 3, arbitrary: oneObject },
  { weight: 1, arbitrary: fc.array(oneObject, { minLength: 2, maxLength: 4 }) },
);

type Mirror = Map<string, EventObject>;

/** Plays events into a mirror the way a client does: that is all that it ever hears. */
function play(mirror: Mirror, events: readonly EventObject[]): void {
  for (const event of events) {
    const { dn = '', status: what, ...attributes } = event;
    if (what === 'deleted') assert.ok(mirror.delete(dn), `deleted ${dn} is not there`);
    else if (what === 'created') {
      assert.ok(!mirror.has(dn), `created ${dn} is there`);
      mirror.set(dn, attributes);
    } else {
      const before = mirror.get(dn);
      assert.ok(before, `modified ${dn} is not there`);
      mirror.set(dn, { ...before, ...attributes });
    }
  }
}

describe('apic-mock: a mirror fed by events', () => {
  const apic = useApic({ reset: true });

  const objectsNow = (): Mirror =>
    new Map(
      classNames()
        .flatMap((className) => apic.mock.objects(className))
        .map(({ className, dn, attributes }) => [dn, { _class: className, childAction: '', rn: '', ...attributes }]),
    );

  it(`equals the tree after each of ${RUNS} random histories, refused writes among them`, async () => {
    const events = await openSocket(apic.mock, apic.token);
    await apic.http.get('/api/mo/uni.json?subscription=yes&query-target=subtree&refresh-timeout=3600');
    const mirror = new Map([...objectsNow()].filter(([dn]) => dn.startsWith('uni')));
    const refused = { writes: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 5 }), async (writes) => {
        events.frames.length = 0;
        for (const body of writes) {
          const answer = await apic.http.post('/api/mo/uni.json', body);
          assert.ok(answer.status === 200 || answer.status === 400, JSON.stringify(answer.data));
          if (answer.status === 400) refused.writes += 1;
        }
        await apic.http.post('/api/mo/uni.json', object('fvTenant', { name: 'fence' }));
        await apic.http.delete('/api/mo/uni/tn-fence.json');
        await until(() => events.summary().includes('deleted uni/tn-fence'));
        play(mirror, events.objects());
        const tree = new Map([...objectsNow()].filter(([dn]) => dn.startsWith('uni')));
        assert.deepEqual([...mirror.keys()].sort(), [...tree.keys()].sort());
        for (const [dn, attributes] of tree) assert.deepEqual(mirror.get(dn), attributes, dn);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    assert.ok(refused.writes > 0, 'some of the writes are meant to be refused');
    assert.equal(apic.mock.counters().internalErrors, 0);
  });

  it('has no relation in a wrong state after random histories', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 8 }), async (writes) => {
        for (const body of writes) await apic.http.post('/api/mo/uni.json', body);
        for (const className of ['fvRsBd', 'fvRsCtx', 'fvRsProv', 'fvRsDomAtt', 'vzRsSubjFiltAtt']) {
          for (const { dn, attributes } of apic.mock.objects(className)) {
            const isThere = apic.mock.object(attributes.tDn ?? '') !== undefined;
            assert.equal(attributes.state, isThere ? 'formed' : 'missing-target', dn);
          }
        }
        const backs = ['fvRtBd', 'fvRtCtx', 'vzRtProv', 'infraRtDomAtt', 'vzRtSubjFiltAtt'].flatMap((name) =>
          apic.mock.objects(name),
        );
        const formed = ['fvRsBd', 'fvRsCtx', 'fvRsProv', 'fvRsDomAtt', 'vzRsSubjFiltAtt']
          .flatMap((name) => apic.mock.objects(name))
          .filter((relation) => relation.attributes.state === 'formed');
        assert.equal(backs.length, formed.length, 'one back relation for each formed relation');
        const tags = ['fvCtx', 'fvBD', 'fvAEPg'].flatMap((name) => apic.mock.objects(name));
        const numbers = tags.map(({ attributes }) => `${attributes.scope}/${attributes.pcTag}`);
        assert.equal(new Set(numbers).size, numbers.length, 'a tag is given once in a scope');
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
