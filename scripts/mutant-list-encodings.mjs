// Mistakes in how groups are bound to VLANs, on paths and at the AEP: see mutant-list.mjs.

const SPACE = 'mappers/vlan-space.ts';
const HOSTS = 'mappers/host-paths.ts';
const GROUPS = 'mappers/host-groups.ts';
const RECOVERY = 'mappers/recover-allocation.ts';
const ALLOCATE = 'src/policy/allocate.ts';
const POOL = 'src/policy/number-pool.ts';
const PHASES = 'src/fabric/phases.ts';
const UNITS = 'src/fabric/units.ts';

const mutant = (name, ...edits) => ({ name: `encoding: ${name}`, edits });

/** Leaves that share their VLANs, and where a node hangs. */
const PLACES = [
  mutant('leaves of one path have VLANs of their own', [
    HOSTS,
    'spacesOf(settings.map(({ paths }) => paths.flatMap(leavesOf)))',
    'spacesOf(settings.flatMap(({ paths }) => paths.flatMap(leavesOf).map((leaf) => [leaf])))',
  ]),
  mutant('leaves of one node have VLANs of their own', [
    HOSTS,
    'spacesOf(settings.map(({ paths }) => paths.flatMap(leavesOf)))',
    'spacesOf(settings.flatMap(({ paths }) => paths.map(leavesOf)))',
  ]),
  mutant('leaves that share with a common one do not share', [HOSTS, '[leaf, ...(members.get(leaf) ?? [])]', '[leaf]']),
  mutant('a pattern goes before the name of a node', [
    HOSTS,
    '(exact ?? settings.find(({ nodes }) => fits(nodes, node)))',
    '(settings.find(({ nodes }) => fits(nodes, node)) ?? exact)',
  ]),
  mutant('groups are bound on every host', [
    GROUPS,
    'if (group !== undefined) add(byHost, pod.node, group);',
    'if (group !== undefined) for (const one of membership.values()) add(byHost, pod.node, one);',
  ]),
  mutant('pods that start are not foreseen', [GROUPS, 'else if (mayJoin(pod)) expected', 'else if (!pod) expected']),
  mutant('pods that have ended are foreseen', [GROUPS, '!pod.completed && pod.addresses', 'pod.addresses']),
];

/** Which number a group gets. */
const NUMBERS = [
  mutant('the VLAN of the AEP is not kept', [
    SPACE,
    'for (const group of groups) give(group, atProfile.get(group));',
    '',
  ]),
  mutant('VLANs of the AEP are given to others', [
    SPACE,
    '!resting.has(vlan) && !atProfile.has(vlan)) yield',
    '!resting.has(vlan)) yield',
  ]),
  mutant('the number that was freed last is given first', [SPACE, '[...resting, ...gone]', '[...gone, ...resting]']),
  mutant('numbers on paths are forgotten at a restart', [
    RECOVERY,
    'spaces: pathVlans(objects, groups, settings)',
    'spaces: new Map()',
  ]),
  mutant('numbers on paths are given to others at the AEP', [
    POOL,
    'for (const avoided of this.#avoided.size === 0 ? [NONE] : [this.#avoided, NONE])',
    'for (const avoided of [NONE])',
  ]),
  mutant('a VLAN of the AEP does not rest', [POOL, 'now - first[1] < this.#restFor', 'now < first[1]']),
  mutant('a VLAN of a leaf does not rest', [SPACE, 'now - first[1].since < restFor', 'now < first[1].since']),
  mutant('a number that is in use goes on resting', [
    POOL,
    'this.#resting.delete(name);\n    if (!this.#numbers',
    'if (!this.#numbers',
  ]),
  mutant('numbers of an earlier run rest from the beginning of time', [
    POOL,
    'if (since === undefined) this.#resting.set(name, now);',
    'if (since === undefined) this.#resting.set(name, 0);',
  ]),
  mutant('what rests is forgotten with the compiler', [
    ALLOCATE,
    'for (const group of remembered.resting.values())',
    'for (const group of [])',
  ]),
  mutant('a number that two groups have on paths is kept at the AEP', [
    ALLOCATE,
    'if (others.length === 0 && !alone.has(name))',
    'if (!alone.has(name))',
  ]),
];

/** When a binding is made, and what it belongs to. */
const ORDER = [
  mutant('bindings on paths come with what adds', [PHASES, '/\\/rs(funcToEpg|pathAtt)-\\[/', '/\\/rsfuncToEpg-\\[/']),
  mutant('a refused binding parks its EPG', [UNITS, '/^rs(funcToEpg|pathAtt)-/', '/^rs(funcToEpg)-/']),
];

export const ENCODING_MUTANTS = [...PLACES, ...NUMBERS, ...ORDER];
