import { containsPrefix, FIRST_PORT, formatPrefix, LAST_PORT, type Prefix, type Protocol } from '../net/index.js';
import type { Finding } from '../policy/index.js';
import type { Fields } from './fields.js';
import { type KubernetesObject, objectName } from './object.js';
import { isPort, isPortName, protocolNamed } from './port-words.js';
import { readCidr } from './read-cidr.js';
import { readSelector } from './read-selector.js';
import { asList, asRecord, describe, isAbsent, isGiven, Reading, unknownFields } from './reading.js';
import { EVERY } from './selector.js';
import type { PeerView, PolicyView, PortView, RuleView } from './views.js';

/** A view and what was wrong with the object; the view is undefined when nothing of the object can be used. */
export interface ReadResult<View> {
  readonly view: View | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads a NetworkPolicy (networking.k8s.io/v1), with the API's defaults (policy.md N9, N17). What cannot be read fails
 * closed: a bad peer or port matches nothing, a bad subject selector isolates every pod of the namespace.
 */
export function readPolicy(object: KubernetesObject): ReadResult<PolicyView> {
  const namespace = object.metadata.namespace ?? 'default';
  const name = object.metadata.name;
  const reading = new Reading(objectName({ kind: 'NetworkPolicy', metadata: { namespace, name } }));
  const spec = readSpec(reading, object['spec']);
  const subjects = readSelector(reading, 'spec.podSelector', spec['podSelector']);
  const rules = (field: 'ingress' | 'egress'): readonly RuleView[] =>
    asList(reading, `spec.${field}`, spec[field]).flatMap((rule, index) =>
      readRule(reading, `spec.${field}[${index}]`, rule, field === 'ingress' ? 'from' : 'to'),
    );
  const types = policyTypes(reading, spec);
  const broken = subjects.invalid === true;
  const direction = (field: 'ingress' | 'egress'): readonly RuleView[] | undefined => {
    if (!types.has(field)) return undefined;
    return broken ? [] : rules(field);
  };
  const view = {
    namespace,
    name,
    subjects: broken ? EVERY : subjects,
    ingress: direction('ingress'),
    egress: direction('egress'),
  };
  return { view, findings: reading.findings };
}

/** The spec's fields. A spec that is none may have meant anything: it isolates every pod of the namespace, both ways. */
function readSpec(reading: Reading, given: unknown): Fields {
  const spec = isGiven(given) ? asRecord(given) : {};
  if (spec !== undefined) return spec;
  const message = `expected an object, found ${describe(given)}; every pod of the namespace is isolated`;
  reading.report('INVALID_OBJECT', 'spec', message);
  return { policyTypes: ['Ingress', 'Egress'] };
}

/**
 * Directions that the policy isolates: the list alone decides when given; else Ingress, and Egress iff there are egress
 * rules. Fails closed: what is no list may have named either direction, or have been egress rules.
 */
function policyTypes(reading: Reading, spec: Fields): ReadonlySet<'ingress' | 'egress'> {
  const given = asList(reading, 'spec.policyTypes', spec['policyTypes']);
  if (isGiven(spec['policyTypes']) && !Array.isArray(spec['policyTypes'])) return new Set(['ingress', 'egress']);
  if (given.length === 0) {
    const egressRules = Array.isArray(spec['egress']) ? spec['egress'].length > 0 : isGiven(spec['egress']);
    return new Set(egressRules ? ['ingress', 'egress'] : ['ingress']);
  }
  const types = new Set<'ingress' | 'egress'>();
  for (const [index, type] of given.entries()) {
    if (type === 'Ingress') types.add('ingress');
    else if (type === 'Egress') types.add('egress');
    else {
      reading.report(
        'INVALID_OBJECT',
        `spec.policyTypes[${index}]`,
        `expected Ingress or Egress, found ${describe(type)}`,
      );
      // Fail closed: a direction that we cannot read isolates both ways.
      types.add('ingress').add('egress');
    }
  }
  return types;
}

/** A rule that is null is an empty one, as the API decodes it; anything else that is no object allows nothing. */
function readRule(reading: Reading, field: string, given: unknown, peerField: 'from' | 'to'): readonly RuleView[] {
  const rule = given === null ? {} : asRecord(given);
  if (rule === undefined) {
    reading.report('INVALID_OBJECT', field, `expected a rule, found ${describe(given)}; it allows nothing`);
    return [];
  }
  if (!hasOnly(reading, field, rule, peerField)) return [];
  const peers = asList(reading, `${field}.${peerField}`, rule[peerField]);
  const ports = asList(reading, `${field}.ports`, rule['ports']);
  const view: RuleView = {
    peers: isAbsent(rule[peerField])
      ? 'any'
      : peers.flatMap((peer, index) => readPeer(reading, `${field}.${peerField}[${index}]`, peer)),
    ports: isAbsent(rule['ports'])
      ? 'any'
      : ports.flatMap((port, index) => readPort(reading, `${field}.ports[${index}]`, port)),
  };
  return [view];
}

function readPeer(reading: Reading, field: string, value: unknown): readonly PeerView[] {
  const peer = asRecord(value) ?? {};
  if (!hasOnly(reading, field, peer, 'peer')) return [];
  const { ipBlock, podSelector, namespaceSelector } = peer;
  const hasSelector = isGiven(podSelector) || isGiven(namespaceSelector);
  if (isGiven(ipBlock) && hasSelector) {
    reading.report('INVALID_PEER', field, 'ipBlock cannot be combined with a selector; the peer matches nothing');
    return [];
  }
  if (isGiven(ipBlock)) return readBlock(reading, `${field}.ipBlock`, asRecord(ipBlock) ?? {});
  if (!hasSelector) {
    reading.report(
      'INVALID_PEER',
      field,
      'expected podSelector, namespaceSelector or ipBlock; the peer matches nothing',
    );
    return [];
  }
  const pods = readSelector(reading, `${field}.podSelector`, podSelector);
  const namespaces = isGiven(namespaceSelector)
    ? readSelector(reading, `${field}.namespaceSelector`, namespaceSelector)
    : 'own';
  return [{ kind: 'pods', namespaces, pods }];
}

/** Fields of the parts of a rule (networking.k8s.io/v1), and the finding when there are others. */
const FIELDS = {
  from: { code: 'INVALID_OBJECT', names: ['from', 'ports'] },
  to: { code: 'INVALID_OBJECT', names: ['to', 'ports'] },
  peer: { code: 'INVALID_PEER', names: ['ipBlock', 'podSelector', 'namespaceSelector'] },
  block: { code: 'INVALID_PEER', names: ['cidr', 'except'] },
  port: { code: 'INVALID_PORT', names: ['protocol', 'port', 'endPort'] },
} as const;

/**
 * Whether the part has no other fields. Others are reported: an API server takes them away, a file may have them, and
 * what is misspelt would open everything that it was meant to narrow.
 */
function hasOnly(reading: Reading, field: string, given: Fields, part: keyof typeof FIELDS): boolean {
  const { code, names } = FIELDS[part];
  const unknown = unknownFields(given, names);
  if (unknown.length === 0) return true;
  reading.report(code, field, `expected ${names.join(', ')}, found ${unknown.join(', ')}; it matches nothing`);
  return false;
}

function readBlock(reading: Reading, field: string, block: Fields): readonly PeerView[] {
  if (!hasOnly(reading, field, block, 'block')) return [];
  const cidr = readCidr(reading, `${field}.cidr`, block['cidr']);
  const except: Prefix[] = [];
  let readable = cidr !== undefined && (!isGiven(block['except']) || Array.isArray(block['except']));
  for (const [index, item] of asList(reading, `${field}.except`, block['except']).entries()) {
    const excepted = readCidr(reading, `${field}.except[${index}]`, item);
    if (excepted === undefined) readable = false;
    else if (cidr !== undefined && !containsPrefix(cidr, excepted)) {
      const where = `${field}.except[${index}]`;
      reading.report(
        'INVALID_CIDR',
        where,
        `${describe(item)} is not inside ${formatPrefix(cidr)}; it has no effect`,
        'warning',
      );
    } else except.push(excepted);
  }
  if (cidr !== undefined && except.some(({ length }) => length === cidr.length)) {
    const message = `takes away the whole of ${formatPrefix(cidr)}; the peer matches nothing`;
    reading.report('INVALID_CIDR', `${field}.except`, message, 'warning');
  }
  return cidr === undefined || !readable ? [] : [{ kind: 'block', cidr, except }];
}

/** A port of a rule; none for one that cannot be read, which is reported. */
export function readPort(reading: Reading, field: string, value: unknown): readonly PortView[] {
  const item = value === null ? {} : asRecord(value);
  if (item === undefined) {
    reading.report(
      'INVALID_PORT',
      field,
      `expected an object such as {port: 80}, found ${describe(value)}; it matches nothing`,
    );
    return [];
  }
  if (!hasOnly(reading, field, item, 'port')) return [];
  const protocol = protocolNamed(item['protocol'] ?? 'TCP');
  if (protocol === undefined) {
    const found = describe(item['protocol']);
    reading.report(
      'INVALID_PORT',
      `${field}.protocol`,
      `expected TCP, UDP or SCTP, found ${found}; it matches nothing`,
    );
    return [];
  }
  const { port, endPort } = item;
  if (port === undefined || port === null) {
    if (endPort === undefined || endPort === null)
      return [{ kind: 'range', protocol, from: FIRST_PORT, to: LAST_PORT }];
    reading.report('INVALID_PORT', `${field}.endPort`, 'needs a numeric port beside it; it matches nothing');
    return [];
  }
  if (typeof port === 'string') return readNamedPort(reading, field, { protocol, name: port, endPort });
  if (!isPort(port)) {
    reading.report(
      'INVALID_PORT',
      `${field}.port`,
      `expected 1 to 65535 or a port name, found ${describe(port)}; it matches nothing`,
    );
    return [];
  }
  const to = endPort ?? port;
  if (!isPort(to) || to < port) {
    reading.report(
      'INVALID_PORT',
      `${field}.endPort`,
      `expected ${port} to 65535, found ${describe(to)}; it matches nothing`,
    );
    return [];
  }
  return [{ kind: 'range', protocol, from: port, to }];
}

function readNamedPort(
  reading: Reading,
  field: string,
  port: { readonly protocol: Protocol; readonly name: string; readonly endPort: unknown },
): readonly PortView[] {
  if (port.endPort !== undefined && port.endPort !== null) {
    reading.report('INVALID_PORT', `${field}.endPort`, 'needs a numeric port, not a name; it matches nothing');
    return [];
  }
  if (!isPortName(port.name)) {
    reading.report(
      'INVALID_PORT',
      `${field}.port`,
      `'${port.name}' is not a port name (1 to 15 of a-z, 0-9, '-'); it matches nothing`,
    );
    return [];
  }
  return [{ kind: 'named', protocol: port.protocol, name: port.name }];
}
