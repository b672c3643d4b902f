import { fieldAt, type KubernetesObject, type StringMap, textAt } from '#model/kubernetes';
import { badRequest } from '../protocol/api-error.js';

/** Says whether an object is selected. */
export type ObjectFilter = (object: KubernetesObject) => boolean;

type LabelFilter = (labels: StringMap) => boolean;

const SET_REQUIREMENT = /^([^\s,()!=]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s,()!=<>]+)\s*(==|=|!=)\s*([^\s,()]*)$/;

/** Parses the query parameter `labelSelector` (apimachinery `labels.Parse`). Throws 400 when it cannot be read. */
export function labelFilter(text: string): ObjectFilter {
  const tests = splitRequirements(text).map(labelRequirement);
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

function labelRequirement(text: string): LabelFilter {
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const set = SET_REQUIREMENT.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => {
      const held = labels[key];
      return (held !== undefined && values.includes(held)) === (operator === 'in');
    };
  }
  const key = text.replace(/^!\s*/, '');
  if (!/^[A-Za-z0-9][-A-Za-z0-9_./]*$/.test(key)) {
    throw badRequest(`unable to parse requirement: found '${text}', expected: a label key, =, !=, in or notin`);
  }
  return text.startsWith('!') ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
}

/** Splits at the commas outside parentheses. */
const splitRequirements = (text: string): readonly string[] =>
  text
    .split(/,(?![^()]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Fields that a fieldSelector may name beside metadata.name and metadata.namespace, by storage key. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase'].concat(
    ['status.podIP', 'spec.hostNetwork'],
  ),
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  services: ['spec.clusterIP', 'spec.type'],
  secrets: ['type'],
  replicasets: ['status.replicas'],
  events: ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
    .map((field) => `involvedObject.${field}`)
    .concat(['reason', 'reportingComponent', 'source', 'type']),
};

/**
 * Parses the query parameter `fieldSelector` of a resource. Throws 400 for a field that the resource does not index, as
 * the API server does.
 */
export function fieldFilter(text: string, resource: string): ObjectFilter {
  const tests = splitRequirements(text).map((part) => fieldRequirement(part, resource));
  return (object) => tests.every((test) => test(object));
}

function fieldRequirement(text: string, resource: string): ObjectFilter {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(text);
  if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  const [, field = '', operator, value = ''] = match;
  const known = ['metadata.name', 'metadata.namespace', ...(FIELDS[resource] ?? [])];
  if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
  return (object) => (fieldText(object, field) === value) === (operator !== '!=');
}

/** The field as the API server's index holds it: text, `false` for a missing boolean, empty for a missing text. */
function fieldText(object: KubernetesObject, field: string): string {
  if (field === 'source') return textAt(object, 'source', 'component') ?? '';
  const value = fieldAt(object, ...field.split('.'));
  if (value === undefined) return /unschedulable|hostNetwork/.test(field) ? 'false' : '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
