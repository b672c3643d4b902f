import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { patternSearch } from '../../apic-mock/query/pattern.js';
import { dnsOf } from './apic-client.js';
import { useApic } from './apic-suite.js';

const RUNS = 3000;

describe('apic-mock: the same query again and again', () => {
  const apic = useApic({ each: true });

  const post = (name: string, attributes: Readonly<Record<string, string>>): Promise<unknown> =>
    apic.http.post('/api/mo/uni.json', { fvTenant: { attributes: { name, ...attributes } } });
  const found = async (filter: string): Promise<readonly string[]> =>
    dnsOf(await apic.http.get(`/api/class/fvTenant.json?query-target-filter=${encodeURIComponent(filter)}`)).map((dn) =>
      dn.replace('uni/tn-', ''),
    );

  const RED = 'wcard(fvTenant.descr,"red")';

  it('sees what was made, changed, deleted, made again and taken back in between', async () => {
    const steps: readonly (readonly [() => unknown, readonly string[]])[] = [
      [() => undefined, []],
      [() => post('a', { descr: 'red' }), ['a']],
      [() => post('b', { descr: 'dark red' }), ['a', 'b']],
      [() => post('a', { descr: 'blue' }), ['b']],
      [() => post('a', { descr: 'red again' }), ['a', 'b']],
      [() => post('c', { descr: 'blue' }), ['a', 'b']],
      [() => apic.http.delete('/api/mo/uni/tn-a.json'), ['b']],
      [() => post('a', { descr: 'red' }), ['b', 'a']],
      [() => apic.http.delete('/api/mo/uni/tn-a.json'), ['b']],
      [() => post('d', { descr: 'red', status: 'created' }), ['b', 'd']],
      [() => post('d', { descr: 'blue', status: 'created' }), ['b', 'd']],
      [() => post('e', { descr: 'red', name: 'not a name!' }), ['b', 'd']],
    ];
    for (const [step, expected] of steps) {
      await step();
      assert.deepEqual(await found(RED), expected, `after ${String(step)}`);
      assert.deepEqual(
        await found(`and(${RED},ne(fvTenant.name,"b"))`),
        expected.filter((name) => name !== 'b'),
      );
      assert.deepEqual(
        await found(`and(ne(fvTenant.name,"b"),${RED})`),
        expected.filter((name) => name !== 'b'),
      );
    }
  });

  it('asks the other sides of or, not and xor too', async () => {
    await post('a', { descr: 'red' });
    await post('b', { descr: 'blue' });
    assert.deepEqual(await found(`or(${RED},eq(fvTenant.name,"b"))`), ['a', 'b']);
    assert.deepEqual(await found(`xor(${RED},eq(fvTenant.name,"a"))`), []);
    assert.deepEqual(await found(`and(not(${RED}),wcard(fvTenant.descr,"."))`), ['b']);
    assert.deepEqual(await found('wcard(fvTenant.dn,"tn-[ab]$")'), ['a', 'b']);
  });

  it(`finds by a literal or a literal beginning what the whole pattern finds: ${RUNS} made-up patterns`, () => {
    const part = fc.constantFrom('a', 'b', 'ab', '.', '[ab]', '\\.', 'a*', 'b?', 'a+', 'b{0,2}', '|', '$', '(a)', '-');
    const pattern = fc
      .tuple(fc.constantFrom('', '^'), fc.array(part, { maxLength: 4 }))
      .map(([start, parts]) => start + parts.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        assert.equal(patternSearch(source)?.(value), new RegExp(source).test(value), `${source} in ${value}`);
      }),
      { numRuns: RUNS },
    );
  });
});
