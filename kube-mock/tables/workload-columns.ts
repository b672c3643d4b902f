import { fieldAt, type KubernetesObject, listAt, numberAt, stringMapAt, textAt } from '#model/kubernetes';
import { AGE, column, NAME, type TableColumn } from './table-columns.js';

const count =
  (...path: readonly string[]) =>
  (object: KubernetesObject): number =>
    numberAt(object, ...path) ?? 0;

const templateContainers = (object: KubernetesObject): readonly unknown[] =>
  listAt(object, 'spec', 'template', 'spec', 'containers');

const CONTAINERS: readonly TableColumn[] = [
  column('Containers', (object) => joined(templateContainers(object), 'name'), { wide: true }),
  column('Images', (object) => joined(templateContainers(object), 'image'), { wide: true }),
];

const SELECTOR = column('Selector', (object) => selectorText(fieldAt(object, 'spec', 'selector')), { wide: true });

/** Columns of Pods. */
export const POD_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Ready', (pod) => {
    const ready = listAt(pod, 'status', 'containerStatuses').filter((status) => fieldAt(status, 'ready') === true);
    return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
  }),
  column('Status', podStatus),
  column(
    'Restarts',
    (pod) =>
      String(
        listAt(pod, 'status', 'containerStatuses').reduce<number>(
          (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
          0,
        ),
      ),
    { type: 'string' },
  ),
  AGE,
  column('IP', (pod) => textAt(pod, 'status', 'podIP') ?? '<none>', { wide: true }),
  column('Node', (pod) => textAt(pod, 'spec', 'nodeName') ?? '<none>', { wide: true }),
  column('Nominated Node', (pod) => textAt(pod, 'status', 'nominatedNodeName') ?? '<none>', { wide: true }),
  column('Readiness Gates', () => '<none>', { wide: true }),
];

/** Columns of Deployments. */
export const DEPLOYMENT_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Ready', (object) => `${count('status', 'readyReplicas')(object)}/${count('spec', 'replicas')(object)}`),
  column('Up-to-date', count('status', 'updatedReplicas'), { type: 'integer' }),
  column('Available', count('status', 'availableReplicas'), { type: 'integer' }),
  AGE,
  ...CONTAINERS,
  SELECTOR,
];

/** Columns of ReplicaSets. */
export const REPLICA_SET_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Desired', count('spec', 'replicas'), { type: 'integer' }),
  column('Current', count('status', 'replicas'), { type: 'integer' }),
  column('Ready', count('status', 'readyReplicas'), { type: 'integer' }),
  AGE,
  ...CONTAINERS,
  SELECTOR,
];

/** Columns of StatefulSets. */
export const STATEFUL_SET_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Ready', (object) => `${count('status', 'readyReplicas')(object)}/${count('spec', 'replicas')(object)}`),
  AGE,
  ...CONTAINERS,
];

/** Columns of DaemonSets. */
export const DAEMON_SET_COLUMNS: readonly TableColumn[] = [
  NAME,
  column('Desired', count('status', 'desiredNumberScheduled'), { type: 'integer' }),
  column('Current', count('status', 'currentNumberScheduled'), { type: 'integer' }),
  column('Ready', count('status', 'numberReady'), { type: 'integer' }),
  column('Up-to-date', count('status', 'updatedNumberScheduled'), { type: 'integer' }),
  column('Available', count('status', 'numberAvailable'), { type: 'integer' }),
  column('Node Selector', (object) => mapText(stringMapAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
  AGE,
  ...CONTAINERS,
  SELECTOR,
];

function podStatus(pod: KubernetesObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const phase = textAt(pod, 'status', 'reason') ?? textAt(pod, 'status', 'phase') ?? 'Unknown';
  return phase === 'Succeeded' ? 'Completed' : phase === 'Failed' ? 'Error' : phase;
}

const joined = (items: readonly unknown[], field: string): string =>
  items.map((item) => textAt(item, field) ?? '').join(',');

/** Labels as kubectl prints them: `a=b,c=d`, or `<none>`. */
export function mapText(map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** A label selector as kubectl prints it. */
export function selectorText(selector: unknown): string {
  const labels = Object.entries(stringMapAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`);
  const expressions = listAt(selector, 'matchExpressions').map(expressionText);
  const all = [...labels.sort(), ...expressions];
  return all.length === 0 ? '<none>' : all.join(',');
}

function expressionText(expression: unknown): string {
  const key = textAt(expression, 'key') ?? '';
  const values = listAt(expression, 'values').join(',');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}
