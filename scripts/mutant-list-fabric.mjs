// Mistakes in what is told to the fabric and in which order: see mutant-list.mjs.

const FILTERS = 'mappers/filters.ts';
const RENDERING = 'mappers/rendering.ts';
const STARS = 'mappers/stars.ts';
const COVER = 'mappers/vertex-cover.ts';
const PLAN = 'mappers/contract-plan.ts';
const OBJECTS = 'mappers/contract-objects.ts';
const TREE = 'mappers/fabric-tree.ts';
const PHASES = 'src/fabric/phases.ts';

const mutant = (name, ...edits) => ({ name, edits });

/** What the whole VRF may do, and which pairs are said one by one. */
const OPENNESS = [
  mutant('whoever is open inward is open to the VRF', [
    RENDERING,
    "if (isFree(group, 'ingress') && isFree(group, 'egress') && !isEmpty(group))",
    "if (isFree(group, 'ingress') && !isEmpty(group))",
  ]),
  mutant('whoever is open outward is open to the VRF', [
    RENDERING,
    "if (isFree(group, 'ingress') && isFree(group, 'egress') && !isEmpty(group))",
    "if (isFree(group, 'egress') && !isEmpty(group))",
  ]),
  mutant('an open group covers those that may not open everything', [
    RENDERING,
    "open.has(to.example.name) && isFree(from.example, 'egress')",
    'open.has(to.example.name)',
  ]),
  mutant('openness counts toward outside only', [
    RENDERING,
    '[group[direction].pods, group[direction].outside].every(',
    '[group[direction].outside].every(',
  ]),
  mutant('openness counts toward pods only', [
    RENDERING,
    '[group[direction].pods, group[direction].outside].every(',
    '[group[direction].pods].every(',
  ]),
  mutant('what an open group may do with itself is not said', [
    RENDERING,
    "if (group.kind === 'pods' && open.has(group.name)) add(group, group);",
    ';',
  ]),
  mutant('pairs that rules name are left out beside vzAny', [
    RENDERING,
    'const permits = [...exceptions, ...generalPermits(byName.classes, compiled, open)];',
    'const permits = generalPermits(byName.classes, compiled, open);',
  ]),
  mutant('the contract that closes is missing', [
    TREE,
    '...(closed.size === 0 ? [] : [closedContract(closed, vrfWideFilters(settings), prefix)]),',
    '',
  ]),
  mutant('the denial stands where pairs stand', [
    OBJECTS,
    "{ action: 'deny' }",
    "{ action: 'deny', priorityOverride: 'level3' }",
  ]),
  mutant('what is closed loses what the whole VRF may', [
    PLAN,
    'forward: [...spared, ...prefixed([ARP], prefix)],',
    'forward: [],',
  ]),
  mutant('the VRF is open both ways', [
    PLAN,
    "{ connections: EVERYTHING, family: 'ip', mutual: false }, prefix)",
    "{ connections: EVERYTHING, family: 'ip', mutual: true }, prefix)",
  ]),
];

/** Contracts and filters. */
const CONTRACTS = [
  mutant('members of a group talk freely', [
    STARS,
    'groups.filter((group) => !free.has(group))',
    'groups.filter(() => false)',
  ]),
  mutant('members of a group never talk', [STARS, 'groups.filter((group) => !free.has(group))', 'groups']),
  mutant('what a group allows itself is not given', [OBJECTS, 'if (inside !== undefined) add', 'if (false) add']),
  mutant('no way back', [PLAN, 'reverse: prefixed(reverseFilters(connections, family), prefix)', 'reverse: []']),
  mutant('an open direction opens the other one', [
    STARS,
    'open.get(destination)?.get(source) : undefined',
    '(open.get(destination)?.get(source) ?? permit) : undefined',
  ]),
  mutant('a pair open both ways is open one way', [STARS, 'mutual: back !== undefined', 'mutual: false']),
  mutant('a star has its anchor on the other side', [
    STARS,
    "return side === 'provider' ?",
    "return side === 'consumer' ?",
  ]),
  mutant('a star has its anchor among the others', [
    STARS,
    'star.others.add(provided ? consumer : provider);',
    'star.others.add(provided ? provider : consumer);',
  ]),
  mutant('a star forgets its third edge', [
    STARS,
    'star.others.add(provided ? consumer : provider);',
    'if (star.others.size < 2) star.others.add(provided ? consumer : provider);',
  ]),
  mutant('a cover leaves an edge out', [
    COVER,
    'filter((_, index) => !reachedProviders.has(index))',
    'filter((_, index) => index > 0 && !reachedProviders.has(index))',
  ]),
  mutant('a kept cover leaves new edges out', [
    COVER,
    'const added = minimumCover(open);',
    'const added = minimumCover(open.slice(1));',
  ]),
  mutant('spare anchors stay', [
    COVER,
    'return withoutSpare(edges, { providers, consumers });',
    'return { providers, consumers };',
  ]),
  mutant(
    'consumer and provider are swapped',
    [OBJECTS, "add(provider, 'fvRsProv', name)", "add(provider, 'fvRsCons', name)"],
    [OBJECTS, "add(consumer, 'fvRsCons', name)", "add(consumer, 'fvRsProv', name)"],
  ),
  mutant('flows of one family share a name with those of both', [
    PLAN,
    "const suffix = family === 'ip' ? '' : `.${family}`;",
    "const suffix = '';",
  ]),
  mutant('flows of the same ports are named alike', [
    STARS,
    'const key = `${flows.family} ${flows.mutual}`;',
    "const key = '';",
  ]),
  mutant('TCP replies from a port need no flags', [
    FILTERS,
    "const established = protocol === 'tcp' ? { tcpRules: 'est' } : {};",
    'const established = {};',
  ]),
  mutant('TCP replies need no flags', [
    FILTERS,
    "direction === 'r' && protocol === 'tcp' ? { tcpRules: 'est' } : {}",
    '{}',
  ]),
  mutant('TCP replies need ACK, a reset is lost', [
    FILTERS,
    "const established = protocol === 'tcp' ? { tcpRules: 'est' } : {};",
    "const established = protocol === 'tcp' ? { tcpRules: 'ack' } : {};",
  ]),
  mutant('a filter says any family', [FILTERS, '`${direction}${family.slice(-1)}`', 'direction']),
  mutant('everything is TCP, UDP and SCTP', [FILTERS, 'if (isEverything(set)) return [everythingFilter(family)];', '']),
  mutant('the evaluator ignores the longest prefix', [
    'src/fabric/verdict.ts',
    'b.prefix.length - a.prefix.length',
    'a.prefix.length - b.prefix.length',
  ]),
];

/** The order in which changes are made. */
const STEPS = [
  mutant('prefixes go after the contracts of their groups', [
    PHASES,
    "  'merge',\n  'tighten',\n  'unbind',\n",
    "  'tighten',\n  'unbind',\n  'merge',\n",
  ]),
  mutant('prefixes move before contracts are complete', [
    PHASES,
    "  'policy',\n  'loosen',\n  'prefixes',\n",
    "  'prefixes',\n  'policy',\n  'loosen',\n",
  ]),
  mutant('prefixes move shortest first', [PHASES, 'lengthOf(b) - lengthOf(a)', 'lengthOf(a) - lengthOf(b)']),
  mutant('a prefix is in two groups while it moves', [
    PHASES,
    'const moves = isPrefix(change) && arriving.has(ipOf(change));',
    'const moves = false;',
  ]),
  mutant('denials come with additions', [PHASES, 'if (isDenial(object, denying)) return true;', '']),
  mutant('denials go with removals', [PHASES, "if (isLoosening(change, sides, denying)) return 'loosen';", '']),
  mutant('isolation comes with additions', [
    PHASES,
    "return object.className === 'fvRsIntraEpg' || isIsolated(object);",
    'return false;',
  ]),
  mutant(
    'removals come first',
    [PHASES, "  'access',\n  'policy',\n", "  'unbind',\n  'access',\n  'policy',\n"],
    [PHASES, "  'tighten',\n  'unbind',\n", "  'tighten',\n"],
  ),
];

export const FABRIC_MUTANTS = [...OPENNESS, ...CONTRACTS, ...STEPS];
