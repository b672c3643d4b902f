// Mistakes in what hosts do with packets (policy.md §4.5, second list, and §3.12), in the form of mutant-list.mjs.
const ALWAYS = 'src/datapath/always.ts';
const ADMISSION = 'src/datapath/admission.ts';
const CONNECTIONS = 'src/datapath/connection-flows.ts';
const OPENNESS = 'src/datapath/openness-flows.ts';
const ADDRESSING = 'src/datapath/addressing.ts';
const SECURITY = 'src/datapath/port-security.ts';
const CLASSIFY = 'src/datapath/classify.ts';

const mutant = (name, ...edits) => ({ name: `hosts: ${name}`, edits });

export const HOST_MUTANTS = [
  mutant('own-node traffic is dropped', [ALWAYS, 'return [...toNode, ...toPods];', 'return [];']),
  mutant('the node does not reach its pods', [ALWAYS, 'return [...toNode, ...toPods];', 'return toNode;']),
  mutant('a pod does not reach its own address', [
    ALWAYS,
    '...view.pods.flatMap((pod) => pod.addresses.map((address) => ownAddress(pod, address, view.gateway.mac))),',
    '',
  ]),
  mutant('replies are asked in the wrong direction', [
    ADMISSION,
    '[copyRegister(destinationGroup, opener), copyRegister(sourceGroup, target), look]',
    '[copyRegister(sourceGroup, opener), copyRegister(destinationGroup, target), look]',
  ]),
  mutant('packets of no connection pass', [
    ADMISSION,
    "flow(PRIORITY.guard, ['ct_state=+trk+inv', 'ip'], []),",
    "flow(PRIORITY.guard, ['ct_state=+trk+inv', 'ip'], [goTo(TABLE.output)]),",
  ]),
  mutant('errors of a connection are dropped', [
    ADMISSION,
    "flow(PRIORITY.localAddress, ['ct_state=+trk+rel-inv', 'icmp'], [goTo(TABLE.output)]),",
    "flow(PRIORITY.localAddress, ['ct_state=+trk+rel-inv', 'icmp'], []),",
  ]),
  mutant('a permit of nothing leaves what everyone gets', [
    ADMISSION,
    "if (connections === 'nothing') return [];",
    "if (connections === 'nothing') return [goTo(TABLE.egress)];",
  ]),
  mutant('a connection has no mark of its permit', [ADMISSION, ',exec(${mark}))`', ')`']),
  mutant('ports are those of the source', [CONNECTIONS, '[`ct_tp_dst=${port}`]', '[`ct_tp_src=${port}`]']),
  mutant('ports ignore the protocol', [CONNECTIONS, '[protocolIs(protocol), ...match]', 'match']),
  mutant('later fragments are dropped', [CONNECTIONS, "[...terms, ['ip_frag=later']]", 'terms']),
  mutant('what a group grants outside is what it grants pods', [
    OPENNESS,
    'if (isSameSet(pods, outside)) return grantFlow(direction, group.tag, pods, []);',
    'if (group.tag !== 0) return grantFlow(direction, group.tag, pods, []);',
  ]),
  mutant('egress is not asked', [
    ADMISSION,
    'GENERAL_PERMIT), goTo(TABLE.egress)]',
    'GENERAL_PERMIT), goTo(TABLE.ingress)]',
  ]),
  mutant('the shortest prefix decides', [
    ADDRESSING,
    'priority: PRIORITY.prefix + prefix.length,',
    'priority: PRIORITY.prefix + 32 - prefix.length,',
  ]),
  mutant('any group takes frames of any VLAN', [
    ADDRESSING,
    'registerIs(REGISTER.origin, ORIGIN.fabric), registerIs(REGISTER.vlan, vlan)',
    'registerIs(REGISTER.origin, ORIGIN.fabric)',
  ]),
  mutant('a pod may use any address', [
    SECURITY,
    "flow(['ip', `nw_src=${address}`], goTo(TABLE.always))",
    "flow(['ip'], goTo(TABLE.always))",
  ]),
  mutant('a pod may use any MAC', [
    SECURITY,
    'match: [`in_port=${port}`, ...match, `dl_src=${mac}`],',
    'match: [`in_port=${port}`, ...match],',
  ]),
  mutant('what a pod tags itself is taken', [
    CLASSIFY,
    'match: [`in_port=${port}`, UNTAGGED],',
    'match: [`in_port=${port}`],',
  ]),
];
