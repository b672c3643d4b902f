import {
  type Fields,
  fieldAt,
  fieldsAt,
  isFields,
  type KubernetesObject,
  listAt,
  NAMESPACE_NAME_LABEL,
  podSpecDefaults,
  podTemplateDefaults,
  textAt,
  withProtocol,
  wordOf,
} from '#model/kubernetes';

type Defaulting = (object: KubernetesObject) => KubernetesObject;

/** The object with the defaults of its kind (API types; only those that clients and policies can tell). */
export function withDefaults(object: KubernetesObject): KubernetesObject {
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  return DEFAULTS[group === '' ? object.kind : `${object.kind}.${group}`]?.(object) ?? object;
}

/** Replaces `spec` by what a function makes of it. */
const spec =
  (change: (spec: Fields) => Fields): Defaulting =>
  (object) => ({ ...object, spec: change(fieldsAt(object, 'spec')) });

/** Policy types that a NetworkPolicy has when it names none: Ingress, and Egress where it has egress rules. */
function networkPolicy(given: Fields): Fields {
  const { ingress, egress, ...rest } = given;
  const directions = {
    ...(ingress === undefined ? {} : { ingress: rules(listAt(given, 'ingress')) }),
    ...(egress === undefined ? {} : { egress: rules(listAt(given, 'egress')) }),
  };
  const types = listAt(given, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  const named = listAt(given, 'policyTypes');
  return { podSelector: {}, ...rest, ...directions, policyTypes: named.length > 0 ? named : types };
}

const rules = (list: readonly unknown[]): readonly unknown[] =>
  list.map((rule) =>
    isFields(rule) && rule.ports !== undefined ? { ...rule, ports: listAt(rule, 'ports').map(withProtocol) } : rule,
  );

function service(given: Fields): Fields {
  const type = textAt(given, 'type') ?? 'ClusterIP';
  const ports = listAt(given, 'ports').map((port) =>
    isFields(port) ? { protocol: 'TCP', ...port, targetPort: port.targetPort ?? port.port } : port,
  );
  return {
    ...given,
    ...(ports.length > 0 ? { ports } : {}),
    sessionAffinity: given.sessionAffinity ?? 'None',
    type,
    internalTrafficPolicy: given.internalTrafficPolicy ?? 'Cluster',
    ...(type === 'ClusterIP' ? {} : { externalTrafficPolicy: given.externalTrafficPolicy ?? 'Cluster' }),
  };
}

const deployment = (given: Fields): Fields => ({
  replicas: 1,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  ...given,
  strategy: strategy(fieldsAt(given, 'strategy')),
  template: podTemplateDefaults(fieldsAt(given, 'template')),
});

function strategy(given: Fields): Fields {
  const type = textAt(given, 'type') ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...given, type };
  return { type, rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%', ...fieldsAt(given, 'rollingUpdate') } };
}

const statefulSet = (given: Fields): Fields => ({
  replicas: 1,
  podManagementPolicy: 'OrderedReady',
  revisionHistoryLimit: 10,
  ...given,
  updateStrategy: { type: 'RollingUpdate', ...fieldsAt(given, 'updateStrategy') },
  template: podTemplateDefaults(fieldsAt(given, 'template')),
});

const daemonSet = (given: Fields): Fields => ({
  revisionHistoryLimit: 10,
  ...given,
  updateStrategy: { type: 'RollingUpdate', ...fieldsAt(given, 'updateStrategy') },
  template: podTemplateDefaults(fieldsAt(given, 'template')),
});

const DEFAULTS: Readonly<Record<string, Defaulting>> = {
  Namespace: (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [NAMESPACE_NAME_LABEL]: object.metadata.name },
    },
    spec: { finalizers: ['kubernetes'], ...fieldsAt(object, 'spec') },
    status: { phase: 'Active', ...fieldsAt(object, 'status') },
  }),
  Node: spec((given) => given),
  Pod: (object) => ({
    ...object,
    spec: { serviceAccountName: 'default', serviceAccount: 'default', ...podSpecDefaults(fieldsAt(object, 'spec')) },
    status: { phase: 'Pending', ...fieldsAt(object, 'status') },
  }),
  Service: (object) => ({ ...spec(service)(object), status: { loadBalancer: {}, ...fieldsAt(object, 'status') } }),
  Secret: (object) => secret(object),
  'Deployment.apps': (object) => status(spec(deployment)(object)),
  'ReplicaSet.apps': (object) =>
    status(
      spec((given) => ({ replicas: 1, ...given, template: podTemplateDefaults(fieldsAt(given, 'template')) }))(object),
    ),
  'StatefulSet.apps': (object) => status(spec(statefulSet)(object)),
  'DaemonSet.apps': (object) => status(spec(daemonSet)(object)),
  'NetworkPolicy.networking.k8s.io': spec(networkPolicy),
};

const status = (object: KubernetesObject): KubernetesObject => ({ ...object, status: fieldsAt(object, 'status') });

/** `stringData` is write-only: it is moved into `data`, base64-encoded. */
function secret(object: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = object;
  if (!isFields(stringData)) return { type: 'Opaque', ...rest };
  const encoded = Object.entries(stringData).map(([name, value]) => [
    name,
    Buffer.from(wordOf(value)).toString('base64'),
  ]);
  const data = { ...fieldsAt(rest, 'data'), ...(Object.fromEntries(encoded) as Fields) };
  return { type: fieldAt(rest, 'type') ?? 'Opaque', ...rest, data };
}
