import type { KubernetesObject } from '#model/kubernetes';
import type { FabricSettings } from '#model/settings';
import type { ForeignEpg } from '#policy';
import type { Logger } from '#ports';
import { silentLogger } from '#runtime';
import { ClusterMirror } from '../../workers/cluster-mirror.js';
import { type CompileContext, CompileWorker } from '../../workers/compile-worker.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';
import { ManualClock } from './manual-clock.js';
import { OWN_FABRIC } from './settings.js';
import { WatchedCluster } from './watched-cluster.js';

const NO_GROUPS: readonly ForeignEpg[] = [];

/** A compile worker between a cluster and a fabric that the test plays. */
export class CompileStack {
  readonly clock = new ManualClock();
  readonly cluster = new ClusterMirror({ changed: () => undefined, clock: this.clock, log: silentLogger });
  readonly fabric = new FabricMirror(() => undefined, silentLogger);
  readonly settings: FabricSettings;
  readonly errors: Readonly<Record<string, unknown>>[] = [];
  readonly worker: CompileWorker;

  constructor(settings: FabricSettings = OWN_FABRIC, given: Partial<CompileContext> = {}) {
    const log: Logger = { ...silentLogger, error: (fields) => void this.errors.push(fields) };
    const { cluster, fabric, clock } = this;
    this.settings = settings;
    this.worker = new CompileWorker({
      cluster,
      fabric,
      settings,
      foreignEpgs: () => NO_GROUPS,
      mergeAfterMs: 0,
      restForMs: 0,
      clock,
      log,
      ...given,
    });
  }

  /** Lists the objects and an empty fabric, and compiles. */
  start(inputs: ConstructorParameters<typeof WatchedCluster>[0]): void {
    this.fabric.replaced([]);
    new WatchedCluster(inputs).list(this.cluster);
    this.worker.run();
  }
}

/** A running pod of the workload `name` with an address; each number is another pod of it. */
export const podOf = (
  namespace: string,
  name: string,
  number: number,
  labels: Readonly<Record<string, string>> = { app: name },
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${name}-${number}`,
    namespace,
    labels,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: name, controller: true }],
  },
  spec: { nodeName: 'n1', containers: [] },
  status: {
    phase: 'Running',
    podIPs: [{ ip: `10.244.${placeOf(name)}.${number}` }],
  },
});

/** A number of its own for each of the few names that a test has. */
function placeOf(name: string): number {
  let sum = 0;
  for (let at = 0; at < name.length; at += 1) sum += name.charCodeAt(at) * (at + 1);
  return sum % 250;
}

/** A NetworkPolicy for the pods of an app that lets another app reach it on a port. */
export const policyFor = (namespace: string, app: string, from: string, port: number): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: app, namespace },
  spec: {
    podSelector: { matchLabels: { app } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: from } } }], ports: [{ port }] }],
  },
});
