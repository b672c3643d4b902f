import { fieldAt, type KubernetesObject, listAt, wordOf } from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { type Cidr, cidrContains, cidrFault, parseCidr } from './cidr.js';
import { forbiddenField, invalidValue, notSupported, required } from './field-errors.js';
import { portName, portNumber } from './name-rules.js';
import { validateSelector } from './validate-selector.js';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Checks a NetworkPolicy (API type `NetworkPolicySpec`; the rules and words of the API server's validation). */
export function validateNetworkPolicy(policy: KubernetesObject): readonly FieldError[] {
  const direction = (rules: 'ingress' | 'egress', peers: 'from' | 'to'): readonly FieldError[] =>
    listAt(policy, 'spec', rules).flatMap((rule, index) => validateRule(rule, `spec.${rules}[${index}]`, peers));
  return [
    ...validateSelector(fieldAt(policy, 'spec', 'podSelector'), 'spec.podSelector'),
    ...direction('ingress', 'from'),
    ...direction('egress', 'to'),
    ...validateTypes(listAt(policy, 'spec', 'policyTypes')),
  ];
}

function validateTypes(types: readonly unknown[]): readonly FieldError[] {
  if (types.length > 2) return [invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')];
  return types.flatMap((type, index) =>
    type === 'Ingress' || type === 'Egress'
      ? []
      : [notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress'])],
  );
}

const validateRule = (rule: unknown, field: string, peers: 'from' | 'to'): readonly FieldError[] => [
  ...listAt(rule, 'ports').flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`)),
  ...listAt(rule, peers).flatMap((peer, index) => validatePeer(peer, `${field}.${peers}[${index}]`)),
];

function validatePort(item: unknown, field: string): readonly FieldError[] {
  const protocol = fieldAt(item, 'protocol');
  const wrongProtocol =
    protocol === undefined || PROTOCOLS.includes(wordOf(protocol))
      ? []
      : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)];
  return [...wrongProtocol, ...validatePortRange(fieldAt(item, 'port'), fieldAt(item, 'endPort'), field)];
}

function validatePortRange(port: unknown, endPort: unknown, field: string): readonly FieldError[] {
  const end = `${field}.endPort`;
  if (port === undefined || port === null) {
    return endPort === undefined
      ? []
      : [invalidValue(end, endPort, 'may not be specified when `port` is not specified')];
  }
  if (typeof port !== 'number') {
    const wrong = portName(wordOf(port));
    return [
      ...(endPort === undefined ? [] : [invalidValue(end, endPort, 'may not be specified when `port` is non-numeric')]),
      ...(wrong === undefined ? [] : [invalidValue(`${field}.port`, port, wrong)]),
    ];
  }
  const wrongPort = portNumber(port);
  const wrongEnd = endPort === undefined ? undefined : portNumber(endPort);
  return [
    ...(wrongPort === undefined ? [] : [invalidValue(`${field}.port`, port, wrongPort)]),
    ...(endPort !== undefined && Number(endPort) < port
      ? [invalidValue(end, endPort, 'must be greater than or equal to `port`')]
      : []),
    ...(wrongEnd === undefined ? [] : [invalidValue(end, endPort, wrongEnd)]),
  ];
}

function validatePeer(peer: unknown, field: string): readonly FieldError[] {
  const selectors = ['podSelector', 'namespaceSelector'].filter((name) => isPresent(fieldAt(peer, name)));
  const block = fieldAt(peer, 'ipBlock');
  const errors = selectors.flatMap((name) => validateSelector(fieldAt(peer, name), `${field}.${name}`));
  if (!isPresent(block)) {
    return selectors.length === 0 ? [required(field, 'must specify a peer')] : errors;
  }
  return [
    ...errors,
    ...validateBlock(block, `${field}.ipBlock`),
    ...(selectors.length > 0 ? [forbiddenField(field, 'may not specify both ipBlock and another peer')] : []),
  ];
}

function validateBlock(block: unknown, field: string): readonly FieldError[] {
  const text = wordOf(fieldAt(block, 'cidr'));
  if (text === '') return [required(`${field}.cidr`)];
  const fault = cidrFault(text);
  const cidr = parseCidr(text);
  const except = listAt(block, 'except').flatMap((item, index) => {
    const place = `${field}.except[${index}]`;
    const wrong = cidrFault(wordOf(item));
    if (wrong !== undefined) return [invalidValue(place, item, wrong)];
    return isStrictSubset(cidr, parseCidr(wordOf(item)))
      ? []
      : [invalidValue(place, item, 'must be a strict subset of `cidr`')];
  });
  return fault === undefined ? except : [invalidValue(`${field}.cidr`, text, fault), ...except];
}

/** True for a proper part of a prefix, and where there is no prefix to compare with. */
const isStrictSubset = (outer: Cidr | undefined, inner: Cidr | undefined): boolean =>
  outer === undefined || inner === undefined || (cidrContains(outer, inner) && outer.length < inner.length);

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
