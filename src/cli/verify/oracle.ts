import { type FabricGrants, type KubernetesObject, NO_GRANTS } from '#model/kubernetes';
import type { Finding } from '#model/policy';
import {
  isSubject,
  isTiered,
  type SpecificationPod,
  type SpecificationState,
  specifiedCluster,
  specifiedObjects,
  type TieredPolicyObject,
} from '#policy';
import { grantedPolicies } from './granted-policies.js';

/** The plain specification's picture of the cluster, made from the API objects without any code of the compiler. */
export interface Oracle {
  readonly state: SpecificationState;
  /** Pods that policies apply to (policy.md N1). */
  readonly pods: readonly SpecificationPod[];
  /** Addresses of nodes and of pods that use them: outside addresses to every policy (policy.md N1). */
  readonly otherIps: readonly string[];
  /**
   * Namespaces with pods of which the specification cannot say what holds, because the API would refuse a pod there, or a
   * policy that may be for its pods.
   */
  readonly unspecified: ReadonlySet<string>;
}

/**
 * Reads the objects; `findings` are those of the same objects, and say which of them are refused, and which FabricPolicies not
 * granted.
 */
export function oracleOf(
  objects: readonly KubernetesObject[],
  findings: readonly Finding[],
  grants: FabricGrants = NO_GRANTS,
): Oracle {
  const refused = new Set(findings.filter(isRefusal).map(({ object }) => object));
  const isRefused = (object: KubernetesObject): boolean => refused.has(nameOf(object)) || deniesDomains(object);
  const specified = specifiedCluster(specifiedObjects(objects.filter((object) => !isRefused(object))));
  // All of a FabricPolicy is in force, or nothing of it.
  const denied = new Set(findings.filter(({ code }) => code !== 'FABRIC_GROUP_EMPTY').map(({ object }) => object));
  const granted = objects.filter((object) => !denied.has(nameOf(object)));
  const state = { ...specified.state, additivePolicies: grantedPolicies(granted, grants) };
  const { pods } = specified;
  const endpoints = pods.filter(({ finished }) => !finished);
  const own = endpoints.filter(({ endpoint, ips }) => endpoint.hostNetwork !== true && ips.length > 0);
  return {
    state,
    pods: own,
    otherIps: [
      ...endpoints.filter(({ endpoint }) => endpoint.hostNetwork === true).flatMap(({ ips }) => ips),
      ...(state.nodes ?? []).flatMap(({ ips }) => ips),
    ],
    unspecified: new Set(objects.filter(isRefused).flatMap((object) => touched(object, { state, pods: own }))),
  };
}

const isRefusal = ({ code, severity }: Finding): boolean => code.startsWith('INVALID_') && severity === 'error';

const nameOf = (object: KubernetesObject): string =>
  isTiered(object)
    ? `${object.kind}/${object.metadata.name}`
    : `${object.kind}/${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;

/** The API lets only Accept rules name domains (policy.md K4). */
function deniesDomains(object: KubernetesObject): boolean {
  if (!isTiered(object)) return false;
  const { egress } = (object['spec'] ?? {}) as Partial<TieredPolicyObject['spec']>;
  return listOf(egress).some(
    ({ action, to }) =>
      action !== 'Accept' && action !== 'Allow' && listOf(to).some((peer) => isGiven(peer.domainNames)),
  );
}

/** The list, or none where there is none: what an object has that the API would refuse is anything. */
const listOf = <Item>(value: readonly Item[] | undefined): readonly Item[] => (Array.isArray(value) ? value : []);

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Namespaces whose pods a refused object may be about. A refused Node or Namespace leaves nothing unsaid but labels. */
function touched(object: KubernetesObject, { state, pods }: Pick<Oracle, 'state' | 'pods'>): readonly string[] {
  if (object.kind === 'Pod' || object.kind === 'NetworkPolicy') return [object.metadata.namespace ?? 'default'];
  if (!isTiered(object)) return [];
  const { subject } = (object['spec'] ?? {}) as Partial<TieredPolicyObject['spec']>;
  const [policy] = isPlainSubject(subject)
    ? (specifiedCluster(specifiedObjects([{ ...object, spec: { subject } }])).state.tieredPolicies ?? [])
    : [];
  return pods
    .filter(({ endpoint }) => policy === undefined || isSubject(state, policy, endpoint))
    .map(({ endpoint }) => endpoint.namespace ?? '');
}

/** Whether the subject has the form of the API; then the policy is about the pods that it selects, and no others. */
function isPlainSubject(subject: unknown): boolean {
  if (!isRecord(subject) || Object.keys(subject).length !== 1) return false;
  const { namespaces, pods } = subject;
  if (namespaces !== undefined) return isPlainSelector(namespaces);
  return isRecord(pods) && Object.entries(pods).every(([key, value]) => POD_FIELDS.has(key) && isPlainSelector(value));
}

const POD_FIELDS: ReadonlySet<string> = new Set(['namespaceSelector', 'podSelector']);

const isPlainSelector = (selector: unknown): boolean =>
  isRecord(selector) &&
  Object.entries(selector).every(([key, value]) =>
    key === 'matchLabels' ? isRecord(value) : key === 'matchExpressions' && isExpressions(value),
  );

const isExpressions = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one: unknown) => isRecord(one) && OPERATORS.has(one['operator']));

const OPERATORS: ReadonlySet<unknown> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
