// Mistakes in what is told to the fabric and in which order: see mutant-list.mjs.

const FILTERS = 'mappers/filters.ts';
const RENDERING = 'mappers/rendering.ts';
const STARS = 'mappers/stars.ts';
const COVER = 'mappers/vertex-cover.ts';
const PLAN = 'mappers/contract-plan.ts';
const OBJECTS = 'mappers/contract-objects.ts';
const CLASSES = 'mappers/openness-classes.ts';
const BOOK = 'mappers/contract-book.ts';
const GRAPH = 'mappers/star-graph.ts';
const RELATIONS = 'mappers/relations.ts';
const MAPPER = 'mappers/fabric-mapper.ts';
const PHASES = 'src/fabric/phases.ts';

const mutant = (name, ...edits) => ({ name, edits });

/** What the whole VRF may do, and which pairs are said one by one. */
const OPENNESS = [
  mutant('whoever is open inward is open to the VRF', [
    RENDERING,
    'if (!source.free || !destination.free || isEmpty(facts)) return false;',
    'if (!destination.free || isEmpty(facts)) return false;',
  ]),
  mutant('whoever is open outward is open to the VRF', [
    RENDERING,
    'if (!source.free || !destination.free || isEmpty(facts)) return false;',
    'if (!source.free || isEmpty(facts)) return false;',
  ]),
  mutant('an open group covers those that may not open everything', [
    RENDERING,
    "this.kind === 'vzAny' && from.source.free && this.#open.has(to.facts.name)",
    "this.kind === 'vzAny' && this.#open.has(to.facts.name)",
  ]),
  mutant('openness counts toward outside only', [
    CLASSES,
    '[facts[direction].pods, facts[direction].outside].every(',
    '[facts[direction].outside].every(',
  ]),
  mutant('openness counts toward pods only', [
    CLASSES,
    '[facts[direction].pods, facts[direction].outside].every(',
    '[facts[direction].pods].every(',
  ]),
  mutant('what an open group may do with itself is not said', [
    RENDERING,
    'connections !== undefined && (source === destination || !this.#isCovered(from, to))',
    'connections !== undefined && !this.#isCovered(from, to)',
  ]),
  mutant('pairs that rules name are left out beside vzAny', [
    RENDERING,
    'if (pair !== undefined) return this.#said(',
    "if (pair !== undefined) return this.kind === 'vzAny' ? [] : this.#said(",
  ]),
  mutant('the contract that closes is missing', [
    BOOK,
    '...(closed.size > 0 ? [closedContract(',
    '...(closed.size < 0 ? [closedContract(',
  ]),
  mutant('the denial stands where pairs stand', [
    OBJECTS,
    "{ action: 'deny' }",
    "{ action: 'deny', priorityOverride: 'level3' }",
  ]),
  mutant('what is closed loses what the whole VRF may', [
    PLAN,
    "forward: [...spared, ...prefixed(established === 'vrf' ? [ARP, ESTABLISHED] : [ARP], prefix)],",
    'forward: [],',
  ]),
  mutant('the VRF is open both ways', [
    PLAN,
    "{ connections: EVERYTHING, family: 'ip', mutual: false }, style)",
    "{ connections: EVERYTHING, family: 'ip', mutual: true }, style)",
  ]),
];

/** Contracts and filters. */
const CONTRACTS = [
  mutant('members of a group talk freely', [
    MAPPER,
    'const enforced = !this.#freeInside.has(name);',
    'const enforced = false;',
  ]),
  mutant('members of a group never talk', [
    MAPPER,
    'const enforced = !this.#freeInside.has(name);',
    'const enforced = true;',
  ]),
  mutant('what a group allows itself is not given', [
    BOOK,
    "else this.relations.add(star.anchor, name, 'inside');",
    "else this.relations.delete(star.anchor, name, 'inside');",
  ]),
  mutant('no way back', [PLAN, 'reverse: prefixed(reverseFilters(replies, family), prefix)', 'reverse: []']),
  mutant(
    'an open direction opens the other one',
    [STARS, 'const mutual = open.length === 2;', 'const mutual = open.length > 0;'],
    [STARS, 'if (both && permit.source', 'if (open.length === 2 && both && permit.source'],
  ),
  mutant('a pair open both ways is open one way', [STARS, 'mutual: both }', 'mutual: false }']),
  mutant('a star has its anchor on the other side', [
    GRAPH,
    "provided ? this.#star('provider', edge.provider) : this.#star('consumer', edge.consumer)",
    "provided ? this.#star('consumer', edge.provider) : this.#star('provider', edge.consumer)",
  ]),
  mutant('a star has its anchor among the others', [
    GRAPH,
    'const other = provided ? edge.consumer : edge.provider;',
    'const other = provided ? edge.provider : edge.consumer;',
  ]),
  mutant('a star forgets its third edge', [
    GRAPH,
    'this.#listener.joined(star, other);',
    'if (star.others.size < 3) this.#listener.joined(star, other);',
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
    [RELATIONS, "provides: 'fvRsProv'", "provides: 'fvRsCons'"],
    [RELATIONS, "consumes: 'fvRsCons'", "consumes: 'fvRsProv'"],
  ),
  mutant('stars kept from before leave new edges out', [
    GRAPH,
    'const more = minimumCover(open);',
    'const more = minimumCover(open.slice(1));',
  ]),
  mutant('a pair that may no longer talk keeps its relation', [GRAPH, 'this.#listener.left(star, other);', '']),
  mutant('E mode: replies inside an isolated group have no words of their own', [
    BOOK,
    "inside === undefined ? this.#style : { ...this.#style, established: 'pairs' as const }",
    'this.#style',
  ]),
  mutant('E mode: established TCP passes one way', [
    OBJECTS,
    "both: ['vzRsAnyToProv', 'vzRsAnyToCons']",
    "both: ['vzRsAnyToProv']",
  ]),
  mutant('E mode: what is closed loses established TCP', [
    PLAN,
    "established === 'vrf' ? [ARP, ESTABLISHED] : [ARP]",
    '[ARP]',
  ]),
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
