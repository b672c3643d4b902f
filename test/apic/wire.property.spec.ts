import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type ManagedObject, managedObject } from '#model/aci';
import { encodeEvent, encodeReply } from '../../apic-mock/wire/index.js';
import { readXmlBody } from '../../apic-mock/write/xml-body.js';
import { readPush } from '../../src/apic/event.js';
import { WIRE_FORMATS } from '../../src/apic/wire/wire-formats.js';
import { readXml } from '../../src/apic/wire/xml.js';

const { json, xml } = WIRE_FORMATS;

/** Any text that XML can carry (XML 1.0 section 2.2). */
const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((value) => value.replace(/\p{C}/gu, '').concat(value.length % 3 === 0 ? '\t<&"\'>\n\r' : ''));
const attributes = fc
  .dictionary(fc.constantFrom('dn', 'name', 'descr', 'toString', 'status', 'constructor', 'tDn'), text, { maxKeys: 5 })
  .map((entries) => ({ ...entries, dn: entries['dn'] ?? 'uni/tn-a' }));
const className = fc.constantFrom('fvTenant', 'fvBD', 'vzEntry', 'error', 'aaaLogin');
const treeOf = (children: fc.Arbitrary<readonly ManagedObject[]>): fc.Arbitrary<ManagedObject> =>
  fc.record({ className, attributes, children });
const leaf = treeOf(fc.constant([]));
const object = treeOf(fc.array(treeOf(fc.array(leaf, { maxLength: 2 })), { maxLength: 2 }));
const reply = fc.record({
  totalCount: fc.nat(100_000),
  objects: fc.array(object, { maxLength: 4 }),
  subscriptionId: fc.option(fc.stringMatching(/^[0-9]{18}$/), { nil: undefined }),
});

describe('apic: the two spellings', () => {
  it('of an answer read alike, error bodies too', () => {
    fc.assert(
      fc.property(reply, ({ subscriptionId, ...rest }) => {
        const envelope = subscriptionId === undefined ? rest : { ...rest, subscriptionId };
        const fromJson = json.read(encodeReply('json', envelope));
        assert.ok(fromJson !== undefined);
        assert.equal(fromJson.objects.length, rest.objects.length);
        assert.deepEqual(xml.read(encodeReply('xml', envelope)), fromJson);
      }),
    );
  });

  it('of an event read alike', () => {
    const ids = fc.array(fc.stringMatching(/^[0-9]{18}$/), { maxLength: 3 });
    const events = fc.array(object, { maxLength: 3 });
    fc.assert(
      fc.property(ids, events, (some, objects) => {
        const fromXml = readPush(xml, encodeEvent('xml', some, objects));
        assert.deepEqual(fromXml, readPush(json, encodeEvent('json', some, objects)));
        assert.deepEqual(fromXml?.subscriptionIds, some);
      }),
    );
  });

  it('of a request say the same tree, children in their order', () => {
    fc.assert(
      fc.property(object, (tree) => {
        assert.deepEqual(plain(readXmlBody(xml.write(tree))[0]), plain(tree));
        assert.deepEqual(JSON.parse(json.write(tree)), wire(tree));
      }),
    );
  });

  /** The same tree with objects that have the usual prototype. */
  const plain = (tree: ManagedObject | undefined): unknown =>
    tree === undefined
      ? undefined
      : {
          className: tree.className,
          attributes: Object.entries(tree.attributes),
          children: tree.children.map((child) => plain(child)),
        };

  const wire = (tree: ManagedObject): unknown => ({
    [tree.className]: {
      attributes: { ...tree.attributes },
      ...(tree.children.length === 0 ? {} : { children: tree.children.map(wire) }),
    },
  });

  it('read as nothing when half of the answer is missing, wherever it breaks off', () => {
    fc.assert(
      fc.property(reply, fc.double({ min: 0, max: 0.99, noNaN: true }), (envelope, share) => {
        const { subscriptionId: _, ...rest } = envelope;
        for (const format of [json, xml]) {
          const whole = encodeReply(format.suffix, rest);
          assert.equal(format.read(whole.slice(0, Math.floor(whole.length * share))), undefined);
        }
      }),
    );
  });

  it('read as nothing in the place of one another, and an HTML page in either', () => {
    const envelope = { totalCount: 0, objects: [] };
    for (const format of [json, xml]) {
      const other = encodeReply(format === json ? 'xml' : 'json', envelope);
      for (const bad of [other, '<html><body>Cisco APIC</body></html>', '', ' ', 'null', '[]', '<imdata', '1']) {
        assert.equal(format.read(bad), undefined, `${format.suffix}: ${bad}`);
      }
    }
  });
});

describe('apic: hardened XML', () => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  const refused: readonly (readonly [string, string])[] = [
    ['a DOCTYPE', `${head}<!DOCTYPE imdata><imdata totalCount="0"/>`],
    ['an entity', `<!DOCTYPE imdata [<!ENTITY a "b">]><imdata totalCount="0"><fvTenant name="&a;"/></imdata>`],
    ['an external entity', `<!DOCTYPE x SYSTEM "file:///etc/passwd"><imdata totalCount="0"/>`],
    ['a declaration by itself', `<imdata totalCount="0"><!ENTITY a "b"></imdata>`],
    ['an entity that nobody declared', `<imdata totalCount="1"><fvTenant name="&a;"/></imdata>`],
    ['text among objects', `<imdata totalCount="1">text<fvTenant name="a"/></imdata>`],
    ['text inside an object', `<imdata totalCount="1"><fvTenant name="a">text</fvTenant></imdata>`],
    ['CDATA inside an object', `<imdata totalCount="1"><fvTenant name="a"><![CDATA[text]]></fvTenant></imdata>`],
    ['tags that do not match', `<imdata totalCount="1"><fvTenant></fvBD></imdata>`],
    ['another root', `<other totalCount="1"><fvTenant name="a"/></other>`],
    ['a second root', `<imdata totalCount="0"/><imdata totalCount="0"/>`],
    ['text behind the root', `<imdata totalCount="0"/>text`],
    ['a tree deeper than any', `<imdata>${'<a>'.repeat(65)}${'</a>'.repeat(65)}</imdata>`],
  ];
  for (const [what, document] of refused) {
    it(`does not read ${what}`, () => assert.equal(xml.read(document), undefined));
  }

  it('reads what is deep, but not too deep', () => {
    assert.equal(xml.read(`<imdata>${'<a>'.repeat(60)}${'</a>'.repeat(60)}</imdata>`)?.objects.length, 1);
  });

  it('stops at its limits of characters and of nodes, elements and attributes alike', () => {
    const many = (count: number): string => `<imdata>${'<a b=""/>'.repeat(count)}</imdata>`;
    const limits = { characters: 10_000, depth: 10, nodes: 1001 };
    assert.equal(readXml(many(500), limits)?.objects.length, 500);
    assert.equal(readXml(many(501), limits), undefined);
    assert.equal(readXml(many(500), { ...limits, characters: many(500).length - 1 }), undefined);
    assert.equal(readXml(many(500), { ...limits, depth: 1 }), undefined);
    assert.equal(xml.read(many(2000))?.objects.length, 2000);
  });

  it('reads references to characters, and comments as nothing', () => {
    const read = xml.read(
      `${head}<!-- x --><imdata totalCount="1"><fvTenant dn="a" descr="&lt;&#9;&#x41;&amp;"/></imdata>`,
    );
    assert.deepEqual(read?.objects, [{ className: 'fvTenant', dn: 'a', attributes: { dn: 'a', descr: '<\tA&' } }]);
  });

  it('does not write what XML cannot say, and names the field', () => {
    assert.throws(() => xml.write(managedObject('fvTenant', { descr: 'a\u0001' })), {
      code: 'INVALID_INPUT',
      message: 'fvTenant.descr: the character U+0001 cannot be said in XML; use apic.format: json',
    });
    assert.throws(() => xml.write(managedObject('fvTenant', { descr: '\uD800' })), /U\+D800/);
    assert.match(xml.write(managedObject('fvTenant', { descr: '😀' })), /😀/);
  });
});
