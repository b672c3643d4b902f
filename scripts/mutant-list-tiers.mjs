// Mistakes with the tiers around NetworkPolicy (policy.md §1.7), in the form of mutant-list.mjs.
const SIDES = 'src/policy/sides.ts';
const TIERED_RULE = 'src/model/kubernetes/read-tiered-rule.ts';

const mutant = (name, ...edits) => ({ name, edits });

export const TIER_MUTANTS = [
  mutant('tiers: Pass skips NetworkPolicy', [
    SIDES,
    'open = table.union(open, toNext);',
    'allowed = table.union(allowed, toNext);',
  ]),
  mutant('tiers: Pass denies', [SIDES, 'open = table.union(open, toNext);', '']),
  mutant('tiers: NetworkPolicy is asked after an Accept', [
    SIDES,
    'if (this.#isolated) return allowed;',
    'if (this.#isolated) return table.intersect(table.union(allowed, open), union);',
  ]),
  mutant('tiers: NetworkPolicy is asked after a Deny', [
    SIDES,
    "else if (hit.rule.action === 'pass') onPass(decided);",
    'else onPass(decided);',
  ]),
  mutant('tiers: Baseline is asked although NetworkPolicy isolates', [
    SIDES,
    'if (this.#isolated) return allowed;',
    '',
  ]),
  mutant('tiers: a policy that only adds isolates', [SIDES, 'network.some(isIsolating)', 'network.length > 0']),
  mutant('tiers: Baseline denies what a policy that only adds allows', [
    SIDES,
    'allowed = table.union(allowed, table.intersect(open, union));',
    'if (this.#isolated) allowed = table.union(allowed, table.intersect(open, union));',
  ]),
  mutant('tiers: a Pass of Baseline denies', [SIDES, 'allowed = table.union(allowed, passed);', '']),
  mutant('tiers: a later rule decides as well', [SIDES, 'open = table.subtract(open, decided);', '']),
  mutant('tiers: the greater priority decides first', [SIDES, 'a.priority - b.priority', 'b.priority - a.priority']),
  mutant('tiers: duplicate priority, decided by kind', [SIDES, 'compareTexts(a.view.name, b.view.name) || ', '']),
  mutant('tiers: duplicate priority, not said', [
    'src/policy/equal-priorities.ts',
    'if (first !== undefined) found.set(second.key, finding(first, second));',
    '',
  ]),
  mutant('tiers: an unreadable Pass passes', [TIERED_RULE, "action: closed ? 'deny' : action", 'action']),
  mutant('tiers: an unreadable peer of a Deny is nobody', [TIERED_RULE, ', ...[...unreadable].flatMap(widest)]', ']']),
  mutant('tiers: an unknown peer of an Accept is only left out', [
    TIERED_RULE,
    'peers: unknown ? [] : read',
    'peers: read',
  ]),
  mutant('tiers: an unreadable port of a Deny is no port', [
    TIERED_RULE,
    "ports: whole ? 'any' : ports",
    "ports: ports === 'any' ? 'any' : ports",
  ]),
  mutant('tiers: a port name is one of TCP', [
    'src/model/kubernetes/read-tiered-port.ts',
    'return PROTOCOLS.map((protocol) =>',
    "return (['tcp'] as const).map((protocol) =>",
  ]),
  mutant('tiers: every node is meant', [
    'src/policy/node-table.ts',
    '(({ labels }) => matchesSelector(selector, labels));\n    return hostsOf',
    '(() => true);\n    return hostsOf',
  ]),
  mutant('a field beside those of a selector is ignored', [
    'src/model/kubernetes/read-selector.ts',
    'if (unknown.length > 0) {',
    'if (unknown.length < 0) {',
  ]),
];
