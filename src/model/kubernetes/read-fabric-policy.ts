import {
  type ConnSet,
  connOf,
  containsPrefix,
  EVERYTHING,
  formatConn,
  isNothing,
  NOTHING,
  portSet,
  subtractConn,
  unionConn,
} from '../net/index.js';
import type { FabricGrants, FabricPeer } from './fabric-grants.js';
import type { Fields } from './fields.js';
import { type KubernetesObject, objectName } from './object.js';
import { type ReadResult, readPort } from './read-policy.js';
import { readSelector } from './read-selector.js';
import { asList, asRecord, describe, isAbsent, isGiven, Reading, unknownFields } from './reading.js';
import type { PeerView, PolicyView, PortView, RuleView } from './views.js';

/** Whether the object is a FabricPolicy. */
export const isFabricPolicy = ({ kind }: KubernetesObject): boolean => kind === 'FabricPolicy';

/** Whether it is one among objects of any kind: other API groups may have a kind of that name. */
export const isOwnFabricPolicy = (object: KubernetesObject): boolean =>
  isFabricPolicy(object) && object.apiVersion.startsWith('aci-gateway.io/');

/** Key of a FabricPolicy among the policies: no namespace of a NetworkPolicy begins so. */
export const fabricPolicyKey = ({ metadata: { namespace = 'default', name } }: KubernetesObject): string =>
  `FabricPolicy/${namespace}/${name}`;

/**
 * Reads a FabricPolicy (aci-gateway.io/v1alpha1) as a policy that allows what it says and isolates nothing. All of it or
 * nothing: with anything that cannot be read, is no group that policies can reach, or is not granted, it opens nothing and
 * the findings say why.
 */
export function readFabricPolicy(object: KubernetesObject, grants: FabricGrants): ReadResult<PolicyView> {
  const { namespace = 'default', name } = object.metadata;
  const reading = new Reading(objectName({ kind: 'FabricPolicy', metadata: { namespace, name } }));
  const spec = asRecord(object['spec']);
  if (spec === undefined) {
    reading.report(
      'INVALID_OBJECT',
      'spec',
      `expected an object, found ${describe(object['spec'])}; nothing is opened`,
    );
    return { view: undefined, findings: reading.findings };
  }
  const unknown = unknownFields(spec, ['podSelector', 'ingress', 'egress']);
  if (unknown.length > 0) {
    const message = `expected podSelector, ingress or egress, found ${unknown.join(', ')}; nothing is opened`;
    reading.report('INVALID_OBJECT', 'spec', message);
  }
  const subjects = readSelector(reading, 'spec.podSelector', spec['podSelector']);
  const context = { reading, grants, namespace };
  const [ingress, egress] = [rulesOf('ingress', spec, context), rulesOf('egress', spec, context)];
  const view = { namespace, name, subjects, ingress, egress, additive: true } as const;
  const isRefused = reading.findings.some(({ code }) => code !== 'FABRIC_GROUP_EMPTY');
  return { view: isRefused ? undefined : view, findings: reading.findings };
}

interface Context {
  readonly reading: Reading;
  readonly grants: FabricGrants;
  readonly namespace: string;
}

function rulesOf(direction: 'ingress' | 'egress', spec: Fields, context: Context): readonly RuleView[] | undefined {
  if (!isGiven(spec[direction])) return undefined;
  const field = `spec.${direction}`;
  return asList(context.reading, field, spec[direction]).map((rule, index) =>
    ruleOf(`${field}[${index}]`, rule, direction === 'ingress' ? 'from' : 'to', context),
  );
}

const NO_RULE: RuleView = { peers: [], ports: [] };

function ruleOf(field: string, given: unknown, side: 'from' | 'to', context: Context): RuleView {
  const { reading } = context;
  const rule = asRecord(given);
  const unknown = rule === undefined ? [] : unknownFields(rule, [side, 'ports']);
  if (rule === undefined || unknown.length > 0) {
    const found = rule === undefined ? describe(given) : unknown.join(', ');
    reading.report('INVALID_OBJECT', field, `expected ${side} and ports, found ${found}; nothing is opened`);
    return NO_RULE;
  }
  const names = asList(reading, `${field}.${side}`, rule[side]);
  if (names.length === 0) {
    // A NetworkPolicy means everybody by this; here nobody may ask for that.
    reading.report(
      'INVALID_PEER',
      `${field}.${side}`,
      'expected at least one group, e.g. {group: epg.prod.legacy.db}; nothing is opened',
    );
  }
  const ports = portsOf(reading, `${field}.ports`, rule['ports']);
  const peers = names.flatMap((peer, index) =>
    peersOf(`${field}.${side}[${index}]`, peer, { ...context, wanted: connectionsOf(ports) }),
  );
  return { peers, ports };
}

function portsOf(reading: Reading, field: string, given: unknown): readonly PortView[] | 'any' {
  if (isAbsent(given)) return 'any';
  const ports = asList(reading, field, given).flatMap((port, index) => readPort(reading, `${field}[${index}]`, port));
  for (const port of ports) {
    if (port.kind === 'named')
      reading.report('INVALID_PORT', field, `'${port.name}': expected a number; nothing is opened`);
  }
  return ports;
}

const connectionsOf = (ports: readonly PortView[] | 'any'): ConnSet => {
  if (ports === 'any') return EVERYTHING;
  const sets = ports.map((port) =>
    port.kind === 'named' ? NOTHING : connOf(port.protocol, portSet([[port.from, port.to]])),
  );
  return sets.reduce(unionConn, NOTHING);
};

function peersOf(field: string, given: unknown, context: Context & { readonly wanted: ConnSet }): readonly PeerView[] {
  const { reading, grants, namespace, wanted } = context;
  const peer = asRecord(given) ?? {};
  const name = peer['group'];
  if (typeof name !== 'string' || unknownFields(peer, ['group']).length > 0) {
    reading.report('INVALID_PEER', field, `expected {group: NAME}, found ${describe(given)}; nothing is opened`);
    return [];
  }
  const found = grants.groups.get(name);
  const allowed = grants.allow
    .filter(
      (grant) => grant.namespaces.some((one) => one.test(namespace)) && grant.groups.some((one) => one.test(name)),
    )
    .reduce((union, { ports }) => unionConn(union, ports), NOTHING);
  const problem = problemOf(name, found, { wanted, allowed, namespace });
  if (problem !== undefined)
    reading.report('FABRIC_POLICY_DENIED', field, `${problem}; nothing of the policy is opened`);
  if (problem !== undefined || found === undefined) return [];
  if (found.empty !== undefined)
    reading.report(
      'FABRIC_GROUP_EMPTY',
      field,
      `group ${name}: ${found.empty}; the policy opens nothing with it`,
      'info',
    );
  return blocksOf(found);
}

function problemOf(
  name: string,
  peer: FabricPeer | undefined,
  { wanted, allowed, namespace }: { readonly wanted: ConnSet; readonly allowed: ConnSet; readonly namespace: string },
): string | undefined {
  // What is not granted comes first: whoever may not ask is not told what there is.
  if (!isNothing(subtractConn(wanted, allowed))) {
    const asked = `namespace ${namespace} asks for ${formatConn(wanted)} with group ${name}`;
    return `${asked}, and fabricPolicies.allow of the gateway grants it ${formatConn(allowed)}`;
  }
  if (peer === undefined && name.startsWith('esg.')) {
    return `group ${name} is an endpoint security group: ACI has no contracts between these and the EPGs of pods; ask for the EPGs of its machines where these are in no security group`;
  }
  if (peer === undefined) {
    return `no policy can reach a group ${name}; an admin has to name it in fabric.foreignEpgs of the gateway`;
  }
  return peer.problem === undefined ? undefined : `group ${name}: ${peer.problem}`;
}

/** The addresses of the group, without those inside that are another group's. */
const blocksOf = ({ prefixes, except }: FabricPeer): readonly PeerView[] =>
  prefixes.map((cidr) => ({ kind: 'block', cidr, except: except.filter((inner) => containsPrefix(cidr, inner)) }));
