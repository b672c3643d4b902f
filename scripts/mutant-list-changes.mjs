// Mistakes of a compiler that goes change by change: what it does not look at again. In the form of mutant-list.mjs.

const COMPILER = 'src/policy/compiler.ts';
const POLICIES = 'src/policy/policy-table.ts';

const mutant = (name, ...edits) => ({ name: `stale ${name}`, edits });

export const CHANGE_MUTANTS = [
  mutant('ports of a party: a new declaration of a name is not looked at', [
    COMPILER,
    'for (const name of portNames) for (const policy of this.policies.using(name)) policies.add(policy);',
    '',
  ]),
  mutant('peers: who joins an atom is not looked at', [
    COMPILER,
    'new Set([...atoms].flatMap((atom) => [...atom.users]))',
    'new Set([...atoms].slice(1).flatMap((atom) => [...atom.users]))',
  ]),
  mutant('rules: a policy whose rules change keeps the old sides', [
    POLICIES,
    'for (const party of entry.parties) this.#dirty.sides.add(party);',
    '',
  ]),
  mutant('subjects: a policy that goes still selects', [
    POLICIES,
    'for (const shape of entry.shapes) this.#dirty.shapes.add(shape);',
    '',
  ]),
  mutant('namespaces: new labels change no peers', [COMPILER, 'if (subjects || peers)', 'if (subjects)']),
  mutant('addresses: groups of others keep those that they had', [
    COMPILER,
    'this.#foreign = foreign ?? this.#foreign;',
    '',
  ]),
  mutant('addresses: the address space is cut for policies alone', [
    COMPILER,
    'if (foreign === undefined && !moved &&',
    'if (!moved &&',
  ]),
  mutant('addresses: pods keep the blocks they were in', [COMPILER, 'pod.blocks = blocks;', 'continue;']),
];
