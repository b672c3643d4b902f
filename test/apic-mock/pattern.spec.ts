import assert from 'node:assert/strict';
import type { AxiosResponse } from 'axios';
import * as fc from 'fast-check';
import { managedObject } from '#model/aci';
import { compilePattern } from '../../apic-mock/query/pattern-compiler.js';
import { runProgram } from '../../apic-mock/query/pattern-program.js';
import { errorOf, type Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

const RUNS = 3000;

describe('apic-mock: patterns of wcard', () => {
  const apic = useApic();
  before(async () => {
    apic.mock.load(managedObject('fvTenant', { name: 'a'.repeat(60), descr: 'a'.repeat(120) }));
  });

  const query = (pattern: string): Promise<AxiosResponse<Reply>> =>
    apic.http.get(
      `/api/class/fvTenant.json?query-target-filter=${encodeURIComponent(`wcard(fvTenant.descr,"${pattern}")`)}`,
    );

  const dangerous: readonly [string, string][] = [
    ['(a+)+$', '1'],
    ['(a+)+b', '0'],
    ['(a|aa)+b', '0'],
    ['(a*)*c', '0'],
    ['a*a*a*a*a*a*a*b', '0'],
    ['(.*)(.*)(.*)(.*)(.*)x', '0'],
    ['(a?){40}a{40}b', '0'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', '0'],
  ];
  for (const [pattern, count] of dangerous) {
    it(`answers ${pattern} at once`, async () => {
      const started = performance.now();
      const answer = await query(pattern);
      assert.equal(answer.data.totalCount, count);
      assert.ok(performance.now() - started < 1000);
    });
  }

  for (const pattern of ['(a+)+\\1', '(?=(a+)+)b', '((a{90}){90}){90}', '*a', '(a', '[z-a]']) {
    it(`refuses ${pattern}`, async () => {
      assert.equal(errorOf(await query(pattern)).code, '301');
    });
  }

  it(`finds what JavaScript's own engine finds: ${RUNS} made-up patterns`, () => {
    const atom = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\.', '\\d', '\\w', '^', '$', '\\[', '[\\]a]');
    const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?');
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(atom, quantifier).map(([a, q]) => (/^[\^$]$/.test(a) ? a : a + q)),
        fc.array(tie('pattern'), { maxLength: 3 }).map((parts) => parts.join('')),
        fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `${left}|${right}`),
        fc
          .tuple(fc.constantFrom('(', '(?:'), tie('pattern'), quantifier)
          .map(([open, body, q]) => `${open}${body})${q}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '1', '[', ']'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        const program = compilePattern(source);
        assert.ok(program);
        assert.equal(runProgram(program, value), new RegExp(source).test(value), `${source} in ${value}`);
      }),
      { numRuns: RUNS },
    );
  });
});
