import { type Fields, fieldsAt, isFields, listAt, textAt } from './fields.js';

/** A pod template with the defaults of its spec. */
export const podTemplateDefaults = (template: Fields): Fields => ({
  ...template,
  spec: podSpecDefaults(fieldsAt(template, 'spec')),
});

/** A pod's spec with the defaults that the API server fills in (API type `PodSpec`; those that a client can tell). */
export function podSpecDefaults(given: Fields): Fields {
  const containers = (field: string): Fields =>
    Array.isArray(given[field]) ? { [field]: listAt(given, field).map(containerDefaults) } : {};
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...given,
    ...containers('containers'),
    ...containers('initContainers'),
  };
}

function containerDefaults(given: unknown): unknown {
  if (!isFields(given)) return given;
  const image = textAt(given, 'image') ?? '';
  const latest = !/:[^/]+$|@/.test(image) || image.endsWith(':latest');
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    ...given,
    ...(Array.isArray(given.ports) ? { ports: listAt(given, 'ports').map(withProtocol) } : {}),
  };
}

/** A port item with protocol TCP where it names none. */
export const withProtocol = (port: unknown): unknown =>
  isFields(port) ? { ...port, protocol: port.protocol ?? 'TCP' } : port;
