import {
  desiredReplicas,
  type Fields,
  fieldAt,
  fieldsAt,
  type KubernetesObject,
  numberAt,
  replicaSetOf,
  replicaSetOfTemplate,
  textAt,
} from '#model/kubernetes';
import { withDefaults } from '../admission/defaults.js';
import { keyOf, type ObjectStore } from '../storage/object-store.js';
import type { ObjectWriter } from '../storage/object-writer.js';
import type { Controller } from './controller-loop.js';
import { condition } from './owned-pods.js';

const REVISION = 'deployment.kubernetes.io/revision';
const REPLICA_SETS = 'replicasets.apps';

/**
 * Keeps one ReplicaSet of a Deployment's present template, with all replicas, and the earlier ones at none. Rolls by
 * making the new pods first (strategy RollingUpdate) or after the old ones are gone (Recreate).
 */
export function deploymentController(store: ObjectStore, writer: ObjectWriter): Controller {
  return {
    resource: 'deployments.apps',
    reconcile(deployment) {
      if (deployment.metadata.deletionTimestamp !== undefined) return;
      const sets = replicaSets(store, deployment);
      const current = replicaSetOfTemplate(deployment, sets);
      const others = sets.filter((set) => set !== current);
      if (recreates(deployment) && others.some((set) => podCount(set) > 0)) {
        scaleDown(others, writer);
      } else {
        const present = ensureCurrent(deployment, { current, sets, writer });
        if (readyCount(present) >= desiredReplicas(deployment)) scaleDown(others, writer);
      }
      report(store, writer, deployment);
    },
  };
}

const replicaSets = (store: ObjectStore, deployment: KubernetesObject): readonly KubernetesObject[] =>
  store
    .ownedBy(deployment.metadata.uid ?? '')
    .filter(({ resource }) => resource === REPLICA_SETS)
    .map(({ object }) => object);

interface Rollout {
  readonly current: KubernetesObject | undefined;
  readonly sets: readonly KubernetesObject[];
  readonly writer: ObjectWriter;
}

/** The ReplicaSet of the present template with all replicas, made or scaled where needed, and with its revision. */
function ensureCurrent(deployment: KubernetesObject, { current, sets, writer }: Rollout): KubernetesObject {
  const newest = Math.max(0, ...sets.map(revisionOf));
  if (current === undefined) {
    const made = replicaSetOf(deployment);
    const annotations = { ...made.metadata.annotations, [REVISION]: String(newest + 1) };
    return writer.add(REPLICA_SETS, withDefaults({ ...made, metadata: { ...made.metadata, annotations } }));
  }
  const revision = revisionOf(current) === newest ? newest : newest + 1;
  return writer.change(REPLICA_SETS, {
    ...current,
    metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, [REVISION]: String(revision) } },
    spec: { ...fieldsAt(current, 'spec'), replicas: desiredReplicas(deployment) },
  });
}

function scaleDown(sets: readonly KubernetesObject[], writer: ObjectWriter): void {
  for (const set of sets) {
    writer.change(REPLICA_SETS, { ...set, spec: { ...fieldsAt(set, 'spec'), replicas: 0 } });
  }
}

function report(store: ObjectStore, writer: ObjectWriter, given: KubernetesObject): void {
  const sets = replicaSets(store, given);
  const current = replicaSetOfTemplate(given, sets);
  const revision = current?.metadata.annotations?.[REVISION];
  const deployment: KubernetesObject = {
    ...given,
    metadata: {
      ...given.metadata,
      ...(revision === undefined ? {} : { annotations: { ...given.metadata.annotations, [REVISION]: revision } }),
    },
  };
  if (store.get('deployments.apps', keyOf(given.metadata.namespace, given.metadata.name)) === undefined) return;
  writer.change('deployments.apps', { ...deployment, status: statusOf(deployment, current, sets, writer.now()) });
}

// oxlint-disable-next-line max-params -- three views of one rollout and the clock
function statusOf(
  deployment: KubernetesObject,
  current: KubernetesObject | undefined,
  sets: readonly KubernetesObject[],
  now: string,
): Fields {
  const wanted = desiredReplicas(deployment);
  const sum = (count: (set: KubernetesObject) => number): number => sets.reduce((total, set) => total + count(set), 0);
  const ready = sum(readyCount);
  const total = sum(podCount);
  const updated = current === undefined ? 0 : podCount(current);
  const done = updated === wanted && ready >= wanted && total === wanted;
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(total > 0 ? { replicas: total } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    ...(ready < wanted ? { unavailableReplicas: wanted - ready } : {}),
    conditions: [
      condition(deployment, now, availability(ready >= wanted)),
      condition(deployment, now, progress(done, current?.metadata.name ?? '')),
    ],
  };
}

const availability = (available: boolean): Fields =>
  available
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };

const progress = (done: boolean, set: string): Fields => ({
  type: 'Progressing',
  status: 'True',
  reason: done ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
  message: `ReplicaSet "${set}" ${done ? 'has successfully progressed.' : 'is progressing.'}`,
});

const recreates = (deployment: KubernetesObject): boolean =>
  textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate';

const revisionOf = (set: KubernetesObject): number => Number(set.metadata.annotations?.[REVISION] ?? 0);
const podCount = (set: KubernetesObject): number => numberAt(set, 'status', 'replicas') ?? 0;
const readyCount = (set: KubernetesObject): number =>
  fieldAt(set, 'status', 'observedGeneration') === set.metadata.generation
    ? (numberAt(set, 'status', 'readyReplicas') ?? 0)
    : 0;
