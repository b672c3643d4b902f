// Generates src/model/aci/classes.gen.ts, the compact class table, from a file of facts about ACI classes.
//
//   node scripts/generate-aci-model.mjs FACTS.json
//
// FACTS.json maps a class name to { label, rnFormat, identifiedBy, containedBy, universal, isConfigurable, creatable,
// relation, implicitChildren, superClasses, properties }. Only the classes named in scripts/aci-classes.txt are taken,
// and the reverse relations (`fvRtBd`) of those among them that are relations; add a name there and run this again to
// widen the model. scripts/aci-facts.py adds to FACTS.json what it lacks of them. scripts/aci-own-facts.json has what neither
// has, mostly the classes of records.
//
// Property specs and lists that several rows share are written once and named, which makes the table a third of its size.
import { readFileSync, writeFileSync } from 'node:fs';

const [factsFile] = process.argv.slice(2);
if (factsFile === undefined) {
  console.error('usage: node scripts/generate-aci-model.mjs FACTS.json');
  process.exit(2);
}
const ownFacts = JSON.parse(readFileSync(new URL('aci-own-facts.json', import.meta.url), 'utf8'));
const facts = { ...JSON.parse(readFileSync(factsFile, 'utf8')), ...ownFacts };
const listFile = new URL('aci-classes.txt', import.meta.url);
const wanted = readFileSync(listFile, 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

const missing = wanted.filter((name) => facts[name] === undefined);
if (missing.length > 0) {
  console.error(`not in ${factsFile}: ${missing.join(', ')}`);
  process.exit(1);
}

/** One property: only what differs from a plain, writable, unconstrained string. */
function property(fact) {
  return {
    ...(fact.type === 'string' ? {} : { type: fact.type }),
    ...(fact.values ? { values: fact.values } : {}),
    ...(fact.named ? { named: fact.named } : {}),
    ...(fact.range ? { range: fact.range } : {}),
    ...(fact.length ? { length: fact.length } : {}),
    ...(fact.regex ? { regex: fact.regex } : {}),
    ...(fact.default === undefined ? {} : { default: String(fact.default) }),
    ...(fact.createOnly ? { createOnly: true } : {}),
    ...(fact.readonly ? { readonly: true } : {}),
    ...(fact.secure ? { secure: true } : {}),
  };
}

/** Superclasses: what the class's own facts say, and the abstract relation targets that it is one of. */
function superClassesOf(name, fact) {
  const targets = Object.entries(facts.$common.abstract).filter(([, concrete]) => concrete.includes(name));
  return [...new Set([...(fact.superClasses ?? []), ...targets.map(([target]) => target)])].filter((it) => it !== name);
}

function compact(name, fact) {
  const supers = superClassesOf(name, fact);
  return {
    label: fact.label ?? '',
    ...(fact.classId ? { id: Number(fact.classId) } : {}),
    rn: fact.rnFormat,
    naming: fact.identifiedBy ?? [],
    in: fact.containedBy ?? [],
    ...(fact.universal ? { universal: fact.universal } : {}),
    ...(fact.isConfigurable ? {} : { configurable: false }),
    ...(fact.creatable === 'never' ? { creatable: 'never' } : {}),
    ...(fact.relation
      ? {
          relation: {
            type: fact.relation.type,
            to: fact.relation.to,
            many: fact.relation.cardinality.endsWith('-m'),
            ...(fact.relation.reverse ? { reverse: fact.relation.reverse } : {}),
          },
        }
      : {}),
    ...(fact.implicitChildren ? { implicit: fact.implicitChildren } : {}),
    ...(fact.faults ? { faults: fact.faults } : {}),
    ...(supers.length > 0 ? { supers } : {}),
    properties: Object.fromEntries(Object.entries(fact.properties).map(([name, value]) => [name, property(value)])),
  };
}

/** Classes that may hold a reverse relation: what its relation points at, an abstract target as its concrete classes. */
const holdersOf = (target) => {
  const concrete = facts.$common.abstract[target] ?? [target];
  return concrete.filter((name) => wanted.includes(name));
};

/** Rows of the reverse relations, e.g. fvRtBd `rtbd-[{tDn}]` below fvBD: the APIC makes them, nobody writes them. */
function reverseRows() {
  const reverses = wanted.map((name) => [name, facts[name].relation]).filter(([, relation]) => relation?.reverse);
  return reverses.flatMap(([, relation]) => {
    const fact = facts.$common.reverseRelations[relation.reverse];
    if (fact === undefined) return [];
    const row = {
      label: `Relation from ${[relation.fromClass].flat().join(', ')}`,
      rn: fact.rnFormat,
      naming: ['tDn'],
      in: holdersOf(fact.on),
      configurable: false,
      relation: { type: 'reverse', to: [relation.fromClass].flat().join(','), many: true },
      properties: {},
    };
    return row.in.length === 0 ? [] : [[relation.reverse, row]];
  });
}

const allRows = [...wanted.map((name) => [name, compact(name, facts[name])]), ...reverseRows()];
const bases = Object.fromEntries(
  Object.entries(facts.$common.bases).map(([base, properties]) => [
    base,
    Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, property(value)])),
  ]),
);

/** Texts of values with how often each occurs; those that occur twice get a name. */
class SharedValues {
  #counts = new Map();
  #names = new Map();

  count(value) {
    const text = JSON.stringify(value);
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  write(value, prefix) {
    const text = JSON.stringify(value);
    if ((this.#counts.get(text) ?? 0) < 2 || text.length < 4) return text;
    if (!this.#names.has(text)) this.#names.set(text, `${prefix}${this.#names.size}`);
    return this.#names.get(text);
  }

  declarations() {
    return [...this.#names].map(([text, name]) => {
      const type = text.startsWith('[') ? 'readonly string[]' : 'PropertySpec';
      return `const ${name}: ${type} = ${text};`;
    });
  }
}

const shared = new SharedValues();
for (const [, row] of allRows) {
  for (const spec of Object.values(row.properties)) shared.count(spec);
  for (const list of [row.universal, row.in, row.supers]) if (list !== undefined) shared.count(list);
}

function rowText(row) {
  const parts = Object.entries(row).map(([key, value]) => {
    if (key === 'properties') return `properties:${specsText(value)}`;
    return `${key}:${['universal', 'in', 'supers'].includes(key) ? shared.write(value, 'l') : JSON.stringify(value)}`;
  });
  return `{${parts.join(',')}}`;
}

function specsText(specs) {
  return `{${Object.entries(specs)
    .map(([name, spec]) => `${name}:${shared.write(spec, 's')}`)
    .join(',')}}`;
}

const rows = allRows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => `  ${name}: ${rowText(row)},`);
writeFileSync(
  new URL('../src/model/aci/classes.gen.ts', import.meta.url),
  `// Generated by scripts/generate-aci-model.mjs from scripts/aci-classes.txt. Do not edit.
import type { AciClassRow, PropertySpec } from './class-row.js';

${shared.declarations().join('\n')}

/** Properties that every object has; relations have those of their kind as well. */
export const BASE_PROPERTIES: Readonly<Record<string, Readonly<Record<string, PropertySpec>>>> = ${JSON.stringify(bases)};

/** One row a class: what the APIC's own metadata says of it. */
export const CLASS_ROWS: Readonly<Record<string, AciClassRow>> = {
${rows.join('\n')}
};
`,
);
console.log(`${rows.length} classes`);
