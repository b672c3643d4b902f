import * as fc from 'fast-check';

const anyName = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('fvTenant', 'fvAp', 'fvAEPg', 'fvBD', 'fvCtx', 'fvSubnet', 'vzEntry', 'fvRsBd'),
  },
  fc.constantFrom(
    'polUni',
    'tagTag',
    'faultInst',
    'attributes',
    'children',
    '__proto__',
    'constructor',
    'toString',
    '',
  ),
  fc.string({ maxLength: 8 }),
);

const anyProperty = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('name', 'descr', 'dn', 'rn', 'status', 'ip', 'tnFvBDName', 'prot', 'mac') },
  fc.constantFrom('childAction', 'pcTag', '__proto__', 'hasOwnProperty', ''),
  fc.string({ maxLength: 8 }),
);

const anyValue = fc.oneof(
  fc.constantFrom(
    't',
    'a',
    'created',
    'deleted',
    'modified',
    'created,modified',
    'uni/tn-t',
    'tn-t',
    '10.0.0.1/24',
    '80',
  ),
  fc.constantFrom('', '[', ']]', 'uni/tn-[', '../..', '\u0000', '\ud800', 'x'.repeat(300), '-1', '1e999'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

interface Tree {
  readonly name: string;
  readonly values: readonly (readonly [string, string])[];
  readonly children: readonly Tree[];
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: anyName,
    values: fc.array(fc.tuple(anyProperty, anyValue), { maxLength: 4 }),
    children: fc.oneof({ maxDepth: 4, depthSize: 'small' }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
  }),
}));

const json = ({ name, values, children }: Tree): string => {
  const attributes = values.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',');
  const below = children.length === 0 ? '' : `,"children":[${children.map(json).join(',')}]`;
  return `{${JSON.stringify(name)}:{"attributes":{${attributes}}${below}}}`;
};

/** Bodies in the form of the API, with classes, properties and values that fit or do not; and any JSON. */
export const jsonBody = fc.oneof(
  { weight: 5, arbitrary: tree.map(json) },
  fc.array(tree, { maxLength: 3 }).map((trees) => `[${trees.map(json).join(',')}]`),
  fc.json(),
);

const escaped = (value: string): string => value.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

const xml = ({ name, values, children }: Tree): string =>
  `<${name} ${values.map(([key, value]) => `${key}="${escaped(value)}"`).join(' ')}>${children.map(xml).join('')}</${name}>`;

/** The same in XML, and what is dangerous there. */
export const xmlBody = fc.oneof(
  { weight: 5, arbitrary: tree.map(xml) },
  fc.tuple(tree, tree).map(([first, second]) => xml(first) + xml(second)),
  fc.constantFrom(
    '<!DOCTYPE x [<!ENTITY a "b">]><fvTenant name="&a;"/>',
    '<?xml version="1.0"?><fvTenant name="x"><![CDATA[<]]></fvTenant>',
    '<fvTenant name="x"><!-- -->text</fvTenant>',
    '<?php x ?>',
    '<fvTenant xmlns:a="b" a:name="x"/>',
  ),
);

/** A text that was right or nearly so: cut off, with a piece doubled, left out, or a byte changed. */
export const brokenText = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(400), fc.nat(40), fc.constantFrom('cut', 'double', 'omit', 'change'))
    .map(([whole, at, length, way]) => {
      const start = whole.length === 0 ? 0 : at % whole.length;
      switch (way) {
        case 'cut':
          return whole.slice(0, start);
        case 'double':
          return whole.slice(0, start + length) + whole.slice(start);
        case 'omit':
          return whole.slice(0, start) + whole.slice(start + length);
        default:
          return `${whole.slice(0, start)}${String.fromCharCode(33 + (length % 90))}${whole.slice(start + 1)}`;
      }
    });

const PIECES = [
  'uni',
  'tn-t',
  'tn-[t]',
  'mo',
  'class',
  'fvTenant',
  '[',
  ']',
  '/',
  '//',
  '%',
  '%5B',
  '%00',
  '%ff',
  '..',
  '|',
];

/** Bytes that an HTTP client lets into a request line. */
const urlText = fc.string({ maxLength: 6 }).map((text) => text.replace(/[^!-~]|#/g, ''));

const OPTIONS = [
  'query-target',
  'target-subtree-class',
  'rsp-subtree',
  'rsp-subtree-class',
  'rsp-subtree-filter',
  'rsp-subtree-include',
  'rsp-prop-include',
  'order-by',
  'page',
  'page-size',
  'subscription',
  'refresh-timeout',
  'time-range',
  '_dc',
];

const OPTION_VALUES = [
  'subtree',
  'children',
  'full',
  'modified',
  'fvTenant',
  'fvTenant.name|desc',
  '0',
  '-1',
  '7',
  'yes',
  'count',
  'health',
];

const option = fc.tuple(fc.constantFrom(...OPTIONS), fc.oneof(fc.constantFrom(...OPTION_VALUES), urlText));

/** URLs of the API: any path, any options, any suffix or none. */
export const arbitraryUrl = fc
  .tuple(
    fc.constantFrom('/api/mo/', '/api/class/', '/api/node/mo/', '/api/node/class/', '/api/', '/api/tag/', '/'),
    fc.array(fc.oneof(fc.constantFrom(...PIECES), urlText), { maxLength: 5 }),
    fc.constantFrom('.json', '.json', '.xml', ''),
    fc.array(option, { maxLength: 3 }),
  )
  .map(([base, pieces, suffix, options]) => {
    const query = options.map(([name, value]) => `${name}=${value}`).join('&');
    return `${base}${pieces.join('/').replaceAll('?', '')}${suffix}?${query}`;
  });

/** Pieces of filters, from which whole and broken ones are made. */
export const TOKENS = [
  'eq',
  'and',
  'not',
  'or',
  'xor',
  'wcard',
  'bw',
  'anybit',
  '(',
  ')',
  ',',
  '.',
  '"',
  'fvTenant',
  'name',
  '"a"',
  '[',
  '\\',
  ' ',
  'true()',
];

const comparison = fc
  .tuple(fc.constantFrom('eq', 'ne', 'lt', 'wcard', 'bw', 'anybit', 'foo'), fc.constantFrom('name', 'dn', 'x'), urlText)
  .map(([operator, property, value]) => `${operator}(fvTenant.${property},"${value}")`);

/** Filters: sums of tokens, comparisons with any value, and any text. */
export const arbitraryFilter = fc.oneof(
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 14 }).map((tokens) => tokens.join('')),
  fc.array(comparison, { maxLength: 3 }).map((all) => `and(${all.join(',')})`),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
