// Mistakes in what is removed from an APIC, and in the listings that it goes by. In the form of mutant-list.mjs.

const LISTING = 'src/apic/listing.ts';
const UNINSTALL = 'workers/uninstall.ts';
const QUERY = 'src/apic/query.ts';

const mutant = (name, ...edits) => ({ name: `removal: ${name}`, edits });

export const REMOVAL_MUTANTS = [
  mutant('pages of every class are taken as they come', [
    LISTING,
    "(listing.classes !== 'all' || hasNoneTwice(found))",
    'true',
  ]),
  mutant('what objects have to say is not asked for', [
    QUERY,
    '${subtreeQuery(listing)}${filterOf(listing.values ?? {})}',
    '${subtreeQuery(listing)}',
  ]),
  mutant('one of several values is enough', [QUERY, '`and(${tests.join()})`', '`or(${tests.join()})`']),
  mutant('marks are looked for in the first tenant only', [
    UNINSTALL,
    'for (const dn of new Set(marks.map(',
    'for (const dn of new Set(marks.slice(0, 1).map(',
  ]),
  mutant('of a tenant only one object is looked at', [UNINSTALL, '.slice(0, TENANT.test(dn) ? 2 : 3)', '.slice(0, 3)']),
  mutant('only tenants are looked at', [UNINSTALL, "{ dn: 'uni', classes", "{ dn: 'uni/tn-old', classes"]),
  mutant('marks of other clusters count', [UNINSTALL, ", 'tagAnnotation.value': clusterId };", ' };']),
];
