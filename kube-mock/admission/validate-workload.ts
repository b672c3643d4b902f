import {
  type Fields,
  fieldAt,
  fieldsAt,
  type KubernetesObject,
  listAt,
  stringMapAt,
  textAt,
  wordOf,
} from '#model/kubernetes';
import type { FieldError } from '../protocol/api-error.js';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from './field-errors.js';
import { dnsLabel, portName, portNumber } from './name-rules.js';
import { validateLabels } from './validate-metadata.js';
import { validateSelector } from './validate-selector.js';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Checks the containers and ports of a pod's spec (API type `PodSpec`), as far as policies and clients need it. */
export function validatePodSpec(spec: Fields, field: string): readonly FieldError[] {
  const containers = listAt(spec, 'containers');
  const seen = new Set<unknown>();
  return [
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containers.flatMap((container, index) => {
      const place = `${field}.containers[${index}]`;
      const name = fieldAt(container, 'name');
      const twice = name !== undefined && seen.has(name) ? [duplicate(`${place}.name`, name)] : [];
      seen.add(name);
      return [...twice, ...validateContainer(container, place)];
    }),
  ];
}

function validateContainer(container: unknown, field: string): readonly FieldError[] {
  const name = textAt(container, 'name') ?? '';
  const wrongName = name === '' ? required(`${field}.name`) : nameError(`${field}.name`, name);
  return [
    ...(wrongName === undefined ? [] : [wrongName]),
    ...((textAt(container, 'image') ?? '') === '' ? [required(`${field}.image`)] : []),
    ...listAt(container, 'ports').flatMap((port, index) => validateContainerPort(port, `${field}.ports[${index}]`)),
  ];
}

function nameError(field: string, name: string): FieldError | undefined {
  const wrong = dnsLabel(name);
  return wrong === undefined ? undefined : invalidValue(field, name, wrong);
}

function validateContainerPort(port: unknown, field: string): readonly FieldError[] {
  const number = fieldAt(port, 'containerPort');
  const name = textAt(port, 'name');
  const protocol = fieldAt(port, 'protocol');
  const wrongNumber = portNumber(number);
  const wrongName = name === undefined || name === '' ? undefined : portName(name);
  return [
    ...(wrongName === undefined ? [] : [invalidValue(`${field}.name`, name, wrongName)]),
    ...(number === undefined || number === 0
      ? [required(`${field}.containerPort`)]
      : wrongNumber === undefined
        ? []
        : [invalidValue(`${field}.containerPort`, number, wrongNumber)]),
    ...(PROTOCOLS.includes(wordOf(protocol)) ? [] : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
  ];
}

/** Checks selector and template of a Deployment, ReplicaSet, StatefulSet or DaemonSet (apps/v1 validation). */
export function validateWorkload(workload: KubernetesObject, before?: KubernetesObject): readonly FieldError[] {
  const template = fieldsAt(workload, 'spec', 'template');
  return [
    ...validateWorkloadSelector(workload),
    ...selectorChange(workload, before),
    ...validateReplicas(workload),
    ...validateLabels(fieldAt(template, 'metadata', 'labels'), 'spec.template.metadata.labels'),
    ...validatePodSpec(fieldsAt(template, 'spec'), 'spec.template.spec'),
  ];
}

function validateReplicas(workload: KubernetesObject): readonly FieldError[] {
  const replicas = fieldAt(workload, 'spec', 'replicas');
  if (replicas === undefined || (Number.isInteger(replicas) && Number(replicas) >= 0)) return [];
  return [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')];
}

function validateWorkloadSelector(workload: KubernetesObject): readonly FieldError[] {
  const selector = fieldAt(workload, 'spec', 'selector');
  const labels = stringMapAt(workload, 'spec', 'template', 'metadata', 'labels');
  const mismatch = invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  if (selector === undefined || selector === null) return [required('spec.selector'), mismatch];
  const matchLabels = Object.entries(stringMapAt(selector, 'matchLabels'));
  const expressions = listAt(selector, 'matchExpressions');
  if (matchLabels.length === 0 && expressions.length === 0) {
    return [invalidValue('spec.selector', selector, 'empty selector is invalid for deployment')];
  }
  return [
    ...validateSelector(selector, 'spec.selector'),
    ...(matchLabels.every(([key, value]) => labels[key] === value) ? [] : [mismatch]),
  ];
}

function selectorChange(workload: KubernetesObject, before: KubernetesObject | undefined): readonly FieldError[] {
  if (before === undefined) return [];
  const selector = fieldAt(workload, 'spec', 'selector');
  const same = JSON.stringify(selector) === JSON.stringify(fieldAt(before, 'spec', 'selector'));
  return same ? [] : [invalidValue('spec.selector', selector, 'field is immutable')];
}

/** Checks a Pod; the containers' set and the node of a pod that is there may not change. */
export function validatePod(pod: KubernetesObject, before?: KubernetesObject): readonly FieldError[] {
  const errors = validatePodSpec(fieldsAt(pod, 'spec'), 'spec');
  return before === undefined || frozenText(pod) === frozenText(before)
    ? errors
    : [
        ...errors,
        forbiddenField(
          'spec',
          'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        ),
      ];
}

/** The part of a pod's spec that may not change, as text. */
const frozenText = (pod: KubernetesObject): string => {
  const {
    containers: _c,
    initContainers: _i,
    tolerations: _t,
    activeDeadlineSeconds: _a,
    ...rest
  } = fieldsAt(pod, 'spec');
  const frozen = listAt(pod, 'spec', 'containers').map((container) => ({
    ...fieldsAt({ container }, 'container'),
    image: '',
  }));
  return sortedText({ ...rest, nodeName: undefined, terminationGracePeriodSeconds: undefined, frozen });
};

const sortedText = (value: unknown): string =>
  JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );

/** Checks a Service: ports, and that ports of several have names (API type `ServiceSpec`). */
export function validateService(service: KubernetesObject): readonly FieldError[] {
  const ports = listAt(service, 'spec', 'ports');
  const needsPorts =
    fieldAt(service, 'spec', 'type') !== 'ExternalName' && fieldAt(service, 'spec', 'clusterIP') !== 'None';
  return [
    ...(ports.length === 0 && needsPorts ? [required('spec.ports')] : []),
    ...ports.flatMap((port, index) => validateServicePort(port, `spec.ports[${index}]`, ports.length > 1)),
  ];
}

function validateServicePort(port: unknown, field: string, needsName: boolean): readonly FieldError[] {
  const number = fieldAt(port, 'port');
  const protocol = fieldAt(port, 'protocol');
  const wrong = portNumber(number);
  return [
    ...(needsName && (textAt(port, 'name') ?? '') === '' ? [required(`${field}.name`)] : []),
    ...(wrong === undefined ? [] : [invalidValue(`${field}.port`, number, wrong)]),
    ...(PROTOCOLS.includes(wordOf(protocol)) ? [] : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
    ...validateTargetPort(fieldAt(port, 'targetPort'), `${field}.targetPort`),
  ];
}

function validateTargetPort(target: unknown, field: string): readonly FieldError[] {
  const wrong = typeof target === 'string' ? portName(target) : portNumber(target);
  return wrong === undefined ? [] : [invalidValue(field, target, wrong)];
}
