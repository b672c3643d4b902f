import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  flattenLists,
  type KubernetesObject,
  namespaceObject,
  nodeObject,
  podAddresses,
  withNamespace,
} from '#model/kubernetes';
import { withDefaults } from './admission/defaults.js';
import { ControllerLoop } from './controllers/controller-loop.js';
import { daemonSetController } from './controllers/daemon-set-controller.js';
import { definitionController } from './controllers/definition-controller.js';
import { deploymentController } from './controllers/deployment-controller.js';
import { endpointSliceController } from './controllers/endpoint-slice-controller.js';
import { startGarbageCollector } from './controllers/garbage-collector.js';
import { namespaceController } from './controllers/namespace-controller.js';
import { podController } from './controllers/pod-controller.js';
import { PodPlacement } from './controllers/pod-placement.js';
import { replicaSetController } from './controllers/replica-set-controller.js';
import { statefulSetController } from './controllers/stateful-set-controller.js';
import { ObjectApi } from './object-api.js';
import { createApiServer } from './protocol/api-server.js';
import { WatchHub } from './protocol/watch.js';
import { ResourceRegistry } from './resource-registry.js';
import { ObjectStore } from './storage/object-store.js';
import { ObjectWriter } from './storage/object-writer.js';

/** How a kube-mock starts. Everything has a default. */
export interface KubeMockOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 by default. There is no authentication: do not open it to a network. */
  readonly host?: string;
  /** Nodes to begin with, `node-1` …; 3 by default. */
  readonly nodes?: number;
  /** False takes objects that a real API server refuses; true by default. */
  readonly validate?: boolean;
  /** Seconds between bookmarks on a watch; 60 by default. */
  readonly bookmarkSeconds?: number;
  /** Changes that watches and continued lists can reach back; 10,000 by default. */
  readonly historyLength?: number;
}

/** A running kube-mock. */
export interface KubeMock {
  /** `http://127.0.0.1:<port>`: what `kubectl --server` takes. */
  readonly url: string;
  /**
   * Creates or replaces objects in process, in order, and lets the controllers come to rest. Unlike the API it keeps
   * the status of new objects (pods with an address stay as they are). Throws on the first object that is refused.
   */
  apply(objects: readonly KubernetesObject[]): void;
  /** Deletes an object in process; nothing happens when it is not there. */
  remove(object: KubernetesObject): void;
  /** The objects of a resource now, by `plural` or `plural.group`. */
  objects(resource: string): readonly KubernetesObject[];
  /** Revision of the last write: unchanged means that nothing was written. */
  readonly revision: number;
  /** Number of watches that are open. */
  readonly openWatches: number;
  /** Forgets the history and ends all watches: the next watch or continued list from before is answered 410 Expired. */
  expireWatches(): void;
  /** Ends all watches: clients come back from where they were. */
  closeWatches(): void;
  /** Stops listening and closes all connections. */
  stop(): Promise<void>;
}

/** Starts a small Kubernetes API server with the controllers that make pods of workloads. Resolves when it listens. */
export async function startKubeMock(options: KubeMockOptions = {}): Promise<KubeMock> {
  const parts = assemble(options);
  populate(parts.writer, options.nodes ?? 3);
  parts.loop.settle();
  const server = createApiServer({ ...parts, settle: () => parts.loop.settle() });
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  return handleOf(parts, server);
}

/** The parts of a server, wired. */
function assemble(options: KubeMockOptions) {
  const store = new ObjectStore(options.historyLength ?? 10_000);
  const writer = new ObjectWriter(store);
  const registry = new ResourceRegistry();
  const placement = new PodPlacement(store);
  const watches = new WatchHub(store, options.bookmarkSeconds ?? 60);
  const api = new ObjectApi({ store, writer, registry, validate: options.validate ?? true });
  startGarbageCollector(store, writer);
  const loop = new ControllerLoop(store, [
    definitionController(store, writer, registry),
    namespaceController(store, writer),
    deploymentController(store, writer),
    replicaSetController(store, writer),
    statefulSetController(store, writer),
    daemonSetController(store, writer, placement),
    podController(store, writer, placement),
    endpointSliceController(store, writer),
  ]);
  return { store, writer, registry, placement, watches, api, loop };
}

function handleOf({ store, placement, watches, api, loop }: ReturnType<typeof assemble>, server: Server): KubeMock {
  return {
    url: urlOf(server),
    apply(objects) {
      const flat = flattenLists(objects).map(withNamespace);
      placement.reserve(flat.filter((object) => object.kind === 'Pod').flatMap(podAddresses));
      for (const object of flat) {
        api.upsert(object);
        loop.settle();
      }
    },
    remove(object) {
      api.removeIfPresent(withNamespace(object));
      loop.settle();
    },
    objects: (resource) => store.list(resource),
    get revision() {
      return store.revision;
    },
    get openWatches() {
      return watches.size;
    },
    expireWatches() {
      store.compact();
      watches.closeAll();
    },
    closeWatches: () => watches.closeAll(),
    stop: () => close(server, watches),
  };
}

/** What every cluster has before anybody asks for it: four namespaces, the nodes and their leases. */
function populate(writer: ObjectWriter, nodes: number): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    writer.add('namespaces', withDefaults(namespaceObject(name)));
  }
  for (let index = 0; index < nodes; index += 1) {
    const node = writer.add('nodes', nodeObject(index, writer.now()));
    writer.add('leases.coordination.k8s.io', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: node.metadata.name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: node.metadata.name, leaseDurationSeconds: 40 },
    });
  }
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function close(server: Server, watches: WatchHub): Promise<void> {
  watches.closeAll();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
