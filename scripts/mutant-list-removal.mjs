// Mistakes in what is removed from an APIC, and in the listings that it goes by. In the form of mutant-list.mjs.

const LISTING = 'src/apic/listing.ts';
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
];
