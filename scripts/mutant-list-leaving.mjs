// Mistakes with what is gone and leaves something behind in the compiler, in the form of mutant-list.mjs.
const COMPILER = 'src/policy/compiler.ts';
const FOREST = 'src/policy/address-forest.ts';
const POLICIES = 'src/policy/policy-table.ts';
const SCOPES = 'src/policy/scope-index.ts';

const mutant = (name, ...edits) => ({ name, edits });

export const LEAVING_MUTANTS = [
  mutant('leaving: a namespace of which nothing is left stays known', [
    COMPILER,
    'this.policies.forgetNamespace(name);',
    'continue;',
  ]),
  mutant('leaving: a namespace is forgotten while it has pods', [
    COMPILER,
    'if (!this.namespaces.has(name) && !this.pods.hasNamespace(name))',
    'if (!this.namespaces.has(name))',
  ]),
  mutant('leaving: a namespace is forgotten with the policies that name it', [
    SCOPES,
    'if (this.#namespaces.get(name)?.own === 0) this',
    'this',
  ]),
  mutant('leaving: the last policy of a namespace is no reason to forget it', [POLICIES, 'this.#left(entry);', '']),
  mutant('leaving: pods whose namespace nobody told are held by no scope', [
    SCOPES,
    'return this.#of(name).index.matching(labels);',
    'return this.#namespaces.get(name)?.index.matching(labels) ?? [];',
  ]),
  mutant('leaving: sets of blocks outlive their blocks', [COMPILER, 'this.#sets.forgetUnused();', '']),
  mutant('leaving: a new set of blocks has the number of another one', [
    FOREST,
    '{ id: this.#made, atoms: sorted }',
    '{ id: this.#sets.size, atoms: sorted }',
  ]),
  mutant('leaving: namespaces without pods are remembered for ever', [
    'src/policy/allocate.ts',
    'this.#rest(namespace);\n    this.#forgetOldest();',
    'this.#rest(namespace);',
  ]),
];
