// Mistakes that implementers make (policy.md §1.9 and §4.5), each as an edit of the sources that a test must notice.
// `edits` are [file, text that is there exactly once, replacement].

const SELECTOR = 'src/model/kubernetes/selector.ts';
const READ_POLICY = 'src/model/kubernetes/read-policy.ts';
const READ_POD = 'src/model/kubernetes/read-pod.ts';
const ATOMS = 'src/policy/peer-atoms.ts';
const SIGNATURE = 'src/policy/signature.ts';
const MATRIX = 'src/policy/matrix.ts';
const REGIONS = 'src/policy/external-regions.ts';
const CONTRACTS = 'mappers/contracts.ts';
const FILTERS = 'mappers/filters.ts';
const GROUPS = 'mappers/endpoint-groups.ts';

const SIDES = 'src/policy/sides.ts';
const TIERED_RULE = 'src/model/kubernetes/read-tiered-rule.ts';
const TIERED_PEER = 'src/model/kubernetes/read-tiered-peer.ts';

const mutant = (name, ...edits) => ({ name, edits });
const OWN = "namespaces === 'own' ? atom.namespace === pod.namespace : matchesSelector(namespaces, namespace.labels)";
const CANDIDATES = "peer.namespaces === 'own' ? own === name : matchesSelector(peer.namespaces, namespace.labels)";

export const MUTANTS = [
  mutant('NotIn needs the key', [SELECTOR, 'value === undefined || !values', 'value !== undefined && !values']),
  mutant('an absent key is an empty value', [
    SELECTOR,
    'value !== undefined && values.includes(value)',
    "values.includes(value ?? '')",
  ]),
  mutant('one requirement is enough', [SELECTOR, 'selector.requirements.every(', 'selector.requirements.some(']),
  mutant('policyTypes: an empty egress list isolates', [READ_POLICY, "spec['egress'].length > 0", 'true']),
  mutant('policyTypes: egress rules isolate although only Ingress is listed', [
    READ_POLICY,
    'if (!types.has(field)) return',
    'if (!types.has(field) && !Array.isArray(spec[field])) return',
  ]),
  mutant('policyTypes: missing is both', [READ_POLICY, ": ['ingress']);", ": ['ingress', 'egress']);"]),
  mutant('an empty from is nobody', [READ_POLICY, 'peers: isAbsent(rule[peerField])', 'peers: rule[peerField] === 0']),
  mutant('no ports is no port', [READ_POLICY, "ports: isAbsent(rule['ports'])", "ports: rule['ports'] === 0"]),
  mutant('a missing protocol is UDP', [READ_POLICY, "item['protocol'] ?? 'TCP'", "item['protocol'] ?? 'UDP'"]),
  mutant('endPort is ignored', [READ_POLICY, 'const to = endPort ?? port;', 'const to = port;']),
  mutant('a null namespaceSelector is every namespace', [
    READ_POLICY,
    'const namespaces = isGiven(namespaceSelector)',
    'const namespaces = namespaceSelector !== undefined',
  ]),
  mutant('ports of init containers that end count', [READ_POD, "['restartPolicy'] === 'Always'", "['name'] !== ''"]),
  mutant('ports of sidecars do not count', [READ_POD, "['restartPolicy'] === 'Always'", "['name'] === ''"]),
  mutant('host bits of a CIDR stay', ['src/model/net/prefix.ts', 'value & maskOf(family, bits)', 'value']),
  mutant(
    'a podSelector reaches into other namespaces',
    [ATOMS, OWN, OWN.replace('atom.namespace === pod.namespace', 'true')],
    [SIGNATURE, CANDIDATES, CANDIDATES.replace('own === name', 'true')],
  ),
  mutant(
    'a namespaceSelector is skipped in the policy’s own namespace',
    [ATOMS, "peer.namespaces === 'own' ? policy.namespace : undefined", 'policy.namespace'],
    [ATOMS, OWN, `atom.namespace === pod.namespace || (${OWN})`],
    [SIGNATURE, CANDIDATES, `own === name || (${CANDIDATES})`],
  ),
  mutant('except is ignored for pods', [
    ATOMS,
    ' && !block.except.some((prefix) => containsAddress(prefix, address))',
    '',
  ]),
  mutant('except is ignored outside', [
    REGIONS,
    ' && !block.except.some((except) => containsPrefix(except, prefix))',
    '',
  ]),
  mutant('except takes addresses from other blocks too', [
    SIGNATURE,
    'addresses.some((address) => blockHolds(block, address)));',
    'addresses.some((address) => this.#atoms.blocks.every((other) => blockHolds(other, address) || !blockHolds({ ...other, except: [] }, address)) && blockHolds(block, address)));',
  ]),
  mutant('an ipBlock never matches pods', [
    SIGNATURE,
    'return new Set(holding.map((block) => block.id));',
    'return new Set();',
  ]),
  mutant('a hostNetwork pod is an endpoint', [SIGNATURE, '!pod.hostNetwork && ', '']),
  mutant('a finished pod stays an endpoint', [SIGNATURE, '!pod.completed && ', '']),
  mutant('policies reach pods of other namespaces', [SIGNATURE, 'policy.namespace === name ? [index] : []', '[index]']),
  mutant('pods with other port numbers are one class', [SIGNATURE, '      [...namedPorts],\n', '']),
  mutant('port names have no protocol', [SIGNATURE, '`${port.protocol} ${port.name}`', 'port.name']),
  mutant('egress names are looked up on the source', [
    MATRIX,
    "direction === 'egress' ? input.parties[other] : party",
    'party',
  ]),
  mutant('ports ignore the protocol', [
    MATRIX,
    'return connOf(port.protocol, portSet([[port.from, port.to]]));',
    'return { ...NOTHING, tcp: portSet([[port.from, port.to]]), udp: portSet([[port.from, port.to]]), sctp: portSet([[port.from, port.to]]) };',
  ]),
  mutant('rules intersect', [MATRIX, 'unionConn(before.connections', 'intersectConn(before.connections']),
  mutant('egress is ignored', [MATRIX, "sideOf(input, index, party, 'egress')", "('free' as Side)"]),
  mutant('ingress is ignored', [MATRIX, "sideOf(input, index, party, 'ingress')", "('free' as Side)"]),
  mutant('either side is enough', [MATRIX, 'intersectConn(out.connections', 'unionConn(out.connections']),
  mutant('both families get what the first has', [MATRIX, 'const cells = same ?', 'const cells = true ?']),
  mutant('outside regions merge although their rows differ', ['src/policy/merge-outside.ts', ' ${rows[index]}`', '`']),
  mutant('the world outside has no roots', [REGIONS, '.flatMap((family) => ROOTS[family])', '.flatMap(() => [])']),
  mutant('/0 instead of its halves', [REGIONS, 'prefix.length === 0 ? ROOTS[prefix.family] : [prefix]', '[prefix]']),
  mutant('members of a group talk freely', [CONTRACTS, '!free.has(group)', 'false']),
  mutant('members of a group never talk', [CONTRACTS, '!free.has(group)', 'true']),
  mutant('what a group allows itself is not given', [GROUPS, 'if (intra) add', 'if (false) add']),
  mutant('no way back', [CONTRACTS, 'reverse: reverseFilters(connections, family)', 'reverse: []']),
  mutant('an open direction opens the other one', [
    CONTRACTS,
    'isOpen(permit) && open.has(',
    'isOpen(permit) || open.has(',
  ]),
  mutant('a pair open both ways is open one way', [
    CONTRACTS,
    'mutual && permit.source > permit.destination',
    'permit.source > permit.destination && isOpen(permit)',
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
  mutant(
    'consumer and provider are swapped',
    [GROUPS, "add(provider, 'fvRsProv', name)", "add(provider, 'fvRsCons', name)"],
    [GROUPS, "add(consumer, 'fvRsCons', name)", "add(consumer, 'fvRsProv', name)"],
  ),
  mutant('the evaluator ignores the longest prefix', [
    'src/fabric/verdict.ts',
    'b.prefix.length - a.prefix.length',
    'a.prefix.length - b.prefix.length',
  ]),
  mutant('everything is TCP, UDP and SCTP', [FILTERS, 'if (isEverything(set)) return [everythingFilter(family)];', '']),
  mutant('tiers: Pass skips NetworkPolicy', [
    SIDES,
    'open = table.union(open, toNext);',
    'allowed = table.union(allowed, toNext);',
  ]),
  mutant('tiers: Pass denies', [SIDES, 'open = table.union(open, toNext);', '']),
  mutant('tiers: NetworkPolicy is asked after an Accept', [
    SIDES,
    'return table.union(allowed, table.intersect(open, union));',
    'return table.intersect(table.union(allowed, open), union);',
  ]),
  mutant('tiers: NetworkPolicy is asked after a Deny', [
    SIDES,
    "else if (hit.rule.action === 'pass') onPass(decided);",
    'else onPass(decided);',
  ]),
  mutant('tiers: Baseline is asked although NetworkPolicy isolates', [
    SIDES,
    'return table.union(allowed, table.intersect(open, union));',
    'open = table.intersect(open, union);',
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
  mutant('tiers: every node is meant', [TIERED_PEER, 'matchesSelector(selector, node.labels)', 'true']),
  mutant('tiers: a field beside those of a selector is ignored', [
    TIERED_PEER,
    "if (given === undefined || hasOnly(given, ['matchLabels', 'matchExpressions'])) {",
    'if (given !== null) {',
  ]),
];
