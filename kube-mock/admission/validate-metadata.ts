import { fieldsAt, type KubernetesObject } from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { invalidValue, required } from './field-errors.js';
import { dnsLabel, dnsSubdomain, labelValue, pathSegment, qualifiedName, type TextRule } from './name-rules.js';

const NAME_RULES: Readonly<Record<string, TextRule>> = {
  Namespace: dnsLabel,
  Service: dnsLabel,
  Role: pathSegment,
  RoleBinding: pathSegment,
  ClusterRole: pathSegment,
  ClusterRoleBinding: pathSegment,
};

/** Checks name, labels and annotations (apimachinery `ValidateObjectMeta`). */
export function validateMetadata(object: KubernetesObject): readonly FieldError[] {
  const { name, labels } = object.metadata;
  if ((name ?? '') === '') return [required('metadata.name', 'name or generateName is required')];
  const wrong = (NAME_RULES[object.kind] ?? dnsSubdomain)(name);
  return [
    ...(wrong === undefined ? [] : [invalidValue('metadata.name', name, wrong)]),
    ...validateLabels(labels, 'metadata.labels'),
    ...Object.keys(fieldsAt(object, 'metadata', 'annotations')).flatMap((key) => {
      const wrongKey = qualifiedName(key.toLowerCase());
      return wrongKey === undefined ? [] : [invalidValue('metadata.annotations', key, wrongKey)];
    }),
  ];
}

/** Checks the keys and values of labels (`ValidateLabels`). */
export function validateLabels(labels: unknown, field: string): readonly FieldError[] {
  return Object.entries(fieldsAt({ labels }, 'labels')).flatMap(([key, value]) => {
    const wrongKey = qualifiedName(key);
    const wrongValue = typeof value === 'string' ? labelValue(value) : 'must be a string';
    return [
      ...(wrongKey === undefined ? [] : [invalidValue(field, key, wrongKey)]),
      ...(wrongValue === undefined ? [] : [invalidValue(field, value, wrongValue)]),
    ];
  });
}
