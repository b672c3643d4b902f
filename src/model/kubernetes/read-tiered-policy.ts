import type { Fields } from './fields.js';
import { type KubernetesObject, objectName } from './object.js';
import type { ReadResult } from './read-policy.js';
import { readNamespacedPods, readNamespaces } from './read-tiered-peer.js';
import { readTieredRule } from './read-tiered-rule.js';
import { asFields, asList, asRecord, describe, isGiven, Reading } from './reading.js';
import { EVERY } from './selector.js';
import type { Selector, TieredPolicyView, TieredRuleView } from './views.js';

const GROUP = 'policy.networking.k8s.io/';
const KINDS = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'ClusterNetworkPolicy'] as const;
type Kind = TieredPolicyView['kind'];

/** Where a policy stands whose priority cannot be read: behind all others of its tier, whose greatest is 1000. */
const LAST_PRIORITY = 1001;

/** Whether the object is a policy of the tiers around NetworkPolicy; other groups have kinds of the same names. */
export const isTieredPolicy = ({ apiVersion, kind }: KubernetesObject): boolean =>
  apiVersion.startsWith(GROUP) && kindOf(kind) !== undefined;

/** What stands for rules that are no list: some of them may have been a Deny of anything. */
const DENY_ALL: TieredRuleView = { action: 'deny', peers: 'any', ports: 'any' };

const kindOf = (name: string): Kind | undefined => KINDS.find((kind) => kind === name);

/** `Kind/name`: policies of the three kinds may share a name. */
export const tieredKey = (view: TieredPolicyView): string => `${view.kind}/${view.name}`;

/**
 * Reads an AdminNetworkPolicy or BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1) or a
 * ClusterNetworkPolicy (v1alpha2). What cannot be read fails closed (policy.md K5, and the API's text on peers): an
 * Accept matches nothing by it; a Deny or Pass becomes a Deny of everything that it could mean. A policy whose subject or
 * tier cannot be read keeps its Deny rules only, for every pod. The view is undefined for an object of another kind.
 */
export function readTieredPolicy(object: KubernetesObject): ReadResult<TieredPolicyView> {
  const kind = kindOf(object.kind);
  const name = object.metadata.name;
  const reading = new Reading(objectName({ kind: object.kind, metadata: { name } }));
  if (kind === undefined) {
    reading.report('INVALID_OBJECT', 'kind', `expected ${KINDS.join(', ')}, found '${object.kind}'`);
    return { view: undefined, findings: reading.findings };
  }
  const spec = asFields(reading, 'spec', object['spec']);
  const tier = readTier(reading, kind, spec);
  const scope = readSubject(reading, spec['subject']);
  const denyOnly = tier === undefined || scope === undefined;
  const rules = (direction: 'ingress' | 'egress'): readonly TieredRuleView[] => {
    const list = asList(reading, `spec.${direction}`, spec[direction]);
    if (isGiven(spec[direction]) && !Array.isArray(spec[direction])) return [DENY_ALL];
    return list.map((given, index) => {
      const rule = readTieredRule(reading, { kind, direction, index }, given);
      return denyOnly && rule.action !== 'deny' ? { ...rule, peers: [] } : rule;
    });
  };
  const view: TieredPolicyView = {
    kind,
    name,
    tier: tier ?? 'admin',
    priority: readPriority(reading, kind, spec['priority']),
    namespaces: scope?.namespaces ?? EVERY,
    subjects: scope?.pods ?? EVERY,
    ingress: rules('ingress'),
    egress: rules('egress'),
  };
  return { view, findings: reading.findings };
}

function readTier(reading: Reading, kind: Kind, spec: Fields): 'admin' | 'baseline' | undefined {
  if (kind === 'AdminNetworkPolicy') return 'admin';
  if (kind === 'BaselineAdminNetworkPolicy') return 'baseline';
  if (spec['tier'] === 'Admin') return 'admin';
  if (spec['tier'] === 'Baseline') return 'baseline';
  const message = `expected Admin or Baseline, found ${describe(spec['tier'])}; only Deny rules count`;
  reading.report('INVALID_OBJECT', 'spec.tier', message);
  return undefined;
}

/** 0 to 1000, the lower the earlier (policy.md K2). There is one BaselineAdminNetworkPolicy, without a priority. */
function readPriority(reading: Reading, kind: Kind, value: unknown): number {
  if (kind === 'BaselineAdminNetworkPolicy') return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < LAST_PRIORITY) return value;
  const message = `expected 0 to 1000, found ${describe(value)}; the policy stands behind all others of its tier`;
  reading.report('INVALID_OBJECT', 'spec.priority', message);
  return LAST_PRIORITY;
}

/** Exactly one of `namespaces` and `pods` (policy.md K4); undefined when it cannot be read. */
function readSubject(
  reading: Reading,
  value: unknown,
): { readonly namespaces: Selector; readonly pods: Selector } | undefined {
  const subject = asRecord(value) ?? {};
  const given = Object.keys(subject).filter((name) => isGiven(subject[name]));
  if (given.length === 1 && given[0] === 'namespaces') {
    const namespaces = readNamespaces(reading, 'spec.subject.namespaces', subject['namespaces']);
    return namespaces.invalid === true ? undefined : { namespaces, pods: EVERY };
  }
  if (given.length === 1 && given[0] === 'pods') {
    return readNamespacedPods(reading, 'spec.subject.pods', subject['pods']);
  }
  const message = `expected namespaces or pods, found ${describe(value)}; the Deny rules hold for every pod, the others for none`;
  reading.report('INVALID_SELECTOR', 'spec.subject', message);
  return undefined;
}
