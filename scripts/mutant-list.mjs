// Mistakes that implementers make (policy.md §1.9 and §4.5), each as an edit of the sources that a test must notice.
// `edits` are [file, text that is there exactly once, replacement].
import { CHANGE_MUTANTS } from './mutant-list-changes.mjs';
import { DRIFT_MUTANTS } from './mutant-list-drift.mjs';
import { ENCODING_MUTANTS } from './mutant-list-encodings.mjs';
import { FABRIC_MUTANTS } from './mutant-list-fabric.mjs';
import { HOST_MUTANTS } from './mutant-list-hosts.mjs';
import { LATE_MUTANTS } from './mutant-list-late.mjs';
import { LEAVING_MUTANTS } from './mutant-list-leaving.mjs';
import { PLAN_MUTANTS } from './mutant-list-plan.mjs';
import { PUBLISH_MUTANTS } from './mutant-list-publish.mjs';
import { REMOVAL_MUTANTS } from './mutant-list-removal.mjs';
import { SYNC_MUTANTS } from './mutant-list-sync.mjs';
import { TENANT_MUTANTS } from './mutant-list-tenants.mjs';
import { TIER_MUTANTS } from './mutant-list-tiers.mjs';

const SELECTOR = 'src/model/kubernetes/selector.ts';
const READ_POLICY = 'src/model/kubernetes/read-policy.ts';
const READ_POD = 'src/model/kubernetes/read-pod.ts';
const EVERY_PERMIT = 'src/model/policy/every-permit.ts';
const ATOMS = 'src/policy/atom-table.ts';
const RULES = 'src/policy/rules.ts';
const SIDES = 'src/policy/sides.ts';
const FOREST = 'src/policy/address-forest.ts';
const COMPILER = 'src/policy/compiler.ts';
const PODS = 'src/policy/pod-table.ts';
const PARTIES = 'src/policy/party-table.ts';
const PAIRS = 'src/policy/pair-table.ts';
const GROUPS = 'src/policy/group-table.ts';
const CONNECTIONS = 'src/policy/connection-table.ts';
const PRINTS = 'src/policy/printed-rows.ts';

const ALIKE = 'example === undefined || this.#sources.pairs.alike(example, party)';

const mutant = (name, ...edits) => ({ name, edits });

/** How objects are read. */
const READING = [
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
  mutant('a missing protocol is any', [
    READ_POLICY,
    'readPort(reading, `${field}.ports[${index}]`, port)',
    "(['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) => readPort(reading, `${field}.ports[${index}]`, { protocol, ...(port as object) }))",
  ]),
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
];

/** What cannot be read, and is closed. */
const CLOSING = [
  mutant('a bad subject is nobody', [READ_POLICY, 'subjects: broken ? EVERY : subjects', 'subjects']),
  mutant('a bad subject keeps its rules', [READ_POLICY, 'return broken ? [] : rules(field);', 'return rules(field);']),
  mutant('a spec that is none isolates one way', [
    READ_POLICY,
    "return { policyTypes: ['Ingress', 'Egress'] };",
    'return {};',
  ]),
  mutant('policyTypes that are no list are missing', [
    READ_POLICY,
    "if (isGiven(spec['policyTypes']) && !Array.isArray(spec['policyTypes'])) return new Set(['ingress', 'egress']);",
    '',
  ]),
  mutant('egress that is no list does not isolate', [READ_POLICY, ": isGiven(spec['egress']);", ': false;']),
  mutant('an unknown policyType is left out', [READ_POLICY, "types.add('ingress').add('egress');", '']),
  mutant('peers that are no list are everyone', [
    READ_POLICY,
    'peers: isAbsent(rule[peerField])',
    'peers: peers.length === 0',
  ]),
  mutant('ports that are no list are every port', [
    READ_POLICY,
    "ports: isAbsent(rule['ports'])",
    'ports: ports.length === 0',
  ]),
  mutant('a bad except is left out', [
    READ_POLICY,
    'if (excepted === undefined) readable = false;',
    'if (excepted === undefined) continue;',
  ]),
  mutant('an unknown field is ignored', [
    READ_POLICY,
    'if (unknown.length === 0) return true;',
    'if (unknown.length >= 0) return true;',
  ]),
  mutant('a bad selector selects everything', [SELECTOR, 'selector.invalid !== true && ', '']),
  mutant('a bad range of ports is its first', [READ_POLICY, 'if (!isPort(to) || to < port) {', 'if (!isPort(to)) {']),
  mutant('a container port of another protocol is one of TCP', [
    READ_POD,
    "const protocol = protocolNamed(word ?? 'TCP');",
    "const protocol = protocolNamed(word ?? 'TCP') ?? 'tcp';",
  ]),
];

/** Who is meant: pods and addresses that subjects and peers hold. */
const PEERS = [
  mutant('a podSelector reaches into other namespaces', [
    ATOMS,
    "peer.namespaces === 'own' ? { own: namespace } : peer.namespaces",
    "peer.namespaces === 'own' ? { requirements: [] } : peer.namespaces",
  ]),
  mutant('a namespaceSelector is skipped in the policy’s own namespace', [
    RULES,
    '.map((peer) => atoms.of(own, peer))',
    ".flatMap((peer) => [atoms.of(own, peer), ...(peer.kind === 'pods' && peer.namespaces !== 'own' ? [atoms.of(own, { ...peer, namespaces: 'own' })] : [])])",
  ]),
  mutant('policies reach pods of other namespaces', [
    RULES,
    'view.namespaces : { own: view.namespace }',
    'view.namespaces : { requirements: [] }',
  ]),
  mutant('except is ignored', [FOREST, '.filter((block) => !closed.has(block))', '']),
  mutant('except takes addresses from other blocks too', [
    FOREST,
    '.filter((block) => !closed.has(block))',
    '.filter(() => closed.size === 0)',
  ]),
  mutant('a block ends where a smaller one begins', [FOREST, '...(open?.blocks.atoms ?? []), ', '']),
  mutant('an ipBlock never matches pods', [
    COMPILER,
    'this.#forests[family].lookup(address)?.blocks ?? this.#sets.none',
    'this.#sets.none',
  ]),
  mutant('a block of one family holds a pod in both', [
    PARTIES,
    'held.set(atom, FAMILY_BIT[family]);',
    'held.set(atom, 3);',
  ]),
  mutant('a hostNetwork pod is an endpoint', [PODS, '!pod.hostNetwork && ', '']),
  mutant('a finished pod stays an endpoint', [PODS, '!pod.completed && ', '']),
  mutant('In knows its first value only', [
    'src/policy/selector-index.ts',
    '(needed?.values ?? []).map(',
    '(needed?.values ?? []).slice(0, 1).map(',
  ]),
  mutant('the world outside has no roots', [FOREST, 'for (const root of ROOTS[family]) name(root);', '']),
  mutant('/0 instead of its halves', [
    FOREST,
    "[parsePrefix('0.0.0.0/1'), parsePrefix('128.0.0.0/1')]",
    "[parsePrefix('0.0.0.0/0')]",
  ]),
  mutant('outside is cut only when a block comes or goes', [
    COMPILER,
    'if (!isCut && present === this.#families) return;',
    'if (!isCut) return;',
  ]),
];

/** What is granted: ports, and what rules without peers say to everyone. */
const GRANTS = [
  mutant('pods with other port numbers are one party', [
    COMPILER,
    "const ports = mentioned.length === 0 ? '' : JSON.stringify(mentioned);",
    "const ports = '';",
  ]),
  mutant('port names have no protocol', [
    'src/policy/parties.ts',
    '`${port.protocol} ${port.name}`',
    '`tcp ${port.name}`',
  ]),
  mutant('egress names are looked up on the source', [
    SIDES,
    "const destination = this.#direction === 'ingress' ? this.#party : peer;",
    'const destination = this.#party as Party | undefined;',
  ]),
  mutant('egress to everyone by name reaches nobody', [
    SIDES,
    "if (direction === 'ingress' || rule.everyPod === 0) continue;",
    'continue;',
  ]),
  mutant('ports ignore the protocol', [
    'src/policy/port-lists.ts',
    'connOf(port.protocol, portSet([[port.from, port.to]])) : NOTHING',
    '{ ...NOTHING, tcp: portSet([[port.from, port.to]]), udp: portSet([[port.from, port.to]]), sctp: portSet([[port.from, port.to]]) } : NOTHING',
  ]),
  mutant(
    'rules intersect',
    [SIDES, 'let union = table.nothing;', 'let union = table.everything;'],
    [SIDES, 'union = table.union(union, grant(hit))', 'union = table.intersect(union, grant(hit))'],
  ),
  mutant('egress is ignored', [
    COMPILER,
    "egress: sideOf(party, 'egress', context)",
    'egress: freeSide(this.connections)',
  ]),
  mutant('ingress is ignored', [
    COMPILER,
    "ingress: sideOf(party, 'ingress', context)",
    'ingress: freeSide(this.connections)',
  ]),
  mutant('either side is enough', [PAIRS, 'this.#connections.intersect(a, b)', 'this.#connections.union(a, b)']),
  mutant('a rule for everyone is for outside only', [
    RULES,
    'return { everyPod: BOTH_FAMILIES, everyOutside: BOTH_FAMILIES };',
    'return { everyPod: 0, everyOutside: BOTH_FAMILIES };',
  ]),
  mutant('a rule for everyone is for pods only', [
    RULES,
    'return { everyPod: BOTH_FAMILIES, everyOutside: BOTH_FAMILIES };',
    'return { everyPod: BOTH_FAMILIES, everyOutside: 0 };',
  ]),
  mutant('all pods of all namespaces are everyone', [
    RULES,
    "if (peer.kind === 'pods') everyPod = BOTH_FAMILIES;",
    "if (peer.kind === 'pods') everyPod = everyOutside = BOTH_FAMILIES;",
  ]),
  mutant('the whole of one family is both', [
    RULES,
    'everyPod |= FAMILY_BIT[peer.cidr.family];',
    'everyPod = BOTH_FAMILIES;',
  ]),
  mutant('a named peer gets only what names it', [
    SIDES,
    'const all = merged(ordered.rules, general, hits);',
    'const all = hits;',
  ]),
  mutant('what a group grants outside is what it grants pods', [
    EVERY_PERMIT,
    "peer.kind === 'pods' ? group[direction].pods : group[direction].outside",
    'group[direction].pods',
  ]),
  mutant('both families get what the first has', [
    CONNECTIONS,
    'operation(a.ipv4, b.ipv4), operation(a.ipv6, b.ipv6)',
    'operation(a.ipv4, b.ipv4), operation(a.ipv4, b.ipv4)',
  ]),
  mutant('pairs of IPv6 alone are computed as IPv4', [
    CONNECTIONS,
    'families === FAMILY_BIT[4] ? connections.ipv4 : connections.ipv6',
    'connections.ipv4',
  ]),
];

/** Groups, and what follows from a change. */
const TABLES = [
  mutant(
    'outside regions merge although their rows differ',
    [GROUPS, "${party.foreignDn ?? ''} ${this.#rowPrint(party)}`", "${party.foreignDn ?? ''}`"],
    [GROUPS, ALIKE, 'true'],
  ),
  mutant(
    'pods merge although their rows differ',
    [GROUPS, '`pods ${own} ${party.families} ${this.#rowPrint(party)}`', '`pods ${own} ${party.families}`'],
    [GROUPS, ALIKE, 'true'],
  ),
  mutant(
    'pods merge although their columns differ',
    [PAIRS, '`${this.#rows.print(party)};${this.#columns.print(party)}`', 'this.#rows.print(party)'],
    [PAIRS, 'this.#rows.same(a, b) && this.#columns.same(a, b)', 'this.#rows.same(a, b)'],
  ),
  mutant(
    'pods merge without a look at what they may open among themselves',
    [PRINTS, 'if (before !== undefined) this.#add(', 'if (before !== undefined && other !== party) this.#add('],
    [PRINTS, 'this.#add(row, 1, other, value);', 'if (other !== party) this.#add(row, 1, other, value);'],
    [
      PRINTS,
      'if (second.get(other) !== value) return false;',
      'if (other !== a && other !== b && second.get(other) !== value) return false;',
    ],
  ),
  mutant(
    'parties with one fingerprint merge unseen',
    [PRINTS, 'return [lane(0x9e37_79b9), lane(0x7f4a_7c15)];', 'return [lane(0) & 1, 0];'],
    [GROUPS, ALIKE, 'true'],
  ),
  mutant('an exception that is none any more stays', [
    PAIRS,
    'this.#rows.set(source, destination, exception);',
    'if (exception !== undefined) this.#rows.set(source, destination, exception);',
  ]),
  mutant('what a party grants everyone changes no named pair', [
    PAIRS,
    'if (!sameGeneral(before.egress, sides.egress)) addAll(asSource, this.#admitting.get(party));',
    '',
  ]),
  mutant('a party that is gone keeps its column', [
    PAIRS,
    'for (const other of this.column(party).keys()) this.#rows.set(other, party, undefined);',
    '',
  ]),
];

export const MUTANTS = [
  ...READING,
  ...CLOSING,
  ...PEERS,
  ...GRANTS,
  ...TABLES,
  ...CHANGE_MUTANTS,
  ...LEAVING_MUTANTS,
  ...TENANT_MUTANTS,
  ...TIER_MUTANTS,
  ...FABRIC_MUTANTS,
  ...ENCODING_MUTANTS,
  ...HOST_MUTANTS,
  ...PLAN_MUTANTS,
  ...DRIFT_MUTANTS,
  ...SYNC_MUTANTS,
  ...PUBLISH_MUTANTS,
  ...LATE_MUTANTS,
  ...REMOVAL_MUTANTS,
];
