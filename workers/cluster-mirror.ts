import {
  type ClusterDelta,
  type ClusterSnapshot,
  ClusterViews,
  type FabricGrants,
  fabricPolicyKey,
  type KubernetesObject,
  objectName,
  type ViewKind,
} from '#model/kubernetes';
import {
  type Clock,
  type ClusterSink,
  FABRIC_POLICIES,
  type Logger,
  WATCHED_RESOURCES,
  type WatchedResource,
} from '#ports';
import { ChangedKeys } from './mirror/changed-keys.js';
import { Interruptions } from './mirror/interruptions.js';

/** What {@link ClusterMirror} needs. */
export interface ClusterMirrorContext {
  /** Called after every change that says something new, once everything was listed, and when changes need not wait any more. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** What FabricPolicies may ask for; without it nobody watches them. */
  readonly grants?: FabricGrants | undefined;
}

/** The cluster as the watches told it, in views, and whether every resource was listed once. */
export class ClusterMirror implements ClusterSink {
  readonly #views: ClusterViews;
  readonly #resources: readonly WatchedResource[];
  readonly #listed = new Set<WatchedResource>();
  readonly #troubles = new Map<WatchedResource, string>();
  /** As they were told: what they may ask for can become something else. */
  readonly #fabricPolicies = new Map<string, KubernetesObject>();
  readonly #removed = new ChangedKeys();
  readonly #gone = new ChangedKeys();
  readonly #interruptions: Interruptions<WatchedResource>;
  readonly #changed: () => void;
  readonly #log: Logger;
  #revision = 0;
  #snapshot: ClusterSnapshot | undefined;

  constructor({ changed, clock, log, grants }: ClusterMirrorContext) {
    this.#views = new ClusterViews(grants);
    this.#resources = grants === undefined ? WATCHED_RESOURCES : [...WATCHED_RESOURCES, FABRIC_POLICIES];
    this.#interruptions = new Interruptions(clock);
    this.#changed = changed;
    this.#log = log;
  }

  /**
   * Objects that may have conditions, by `Kind/namespace/name`, that went since the last call; undefined stands for any: the
   * first time, and when they were too many. For one caller.
   */
  takeRemoved(): ReadonlySet<string> | undefined {
    return this.#removed.take();
  }

  /** Objects of any kind that went since the last call, like {@link takeRemoved}. For one caller. */
  takeGone(): ReadonlySet<string> | undefined {
    return this.#gone.take();
  }

  /** Counts changes: equal revisions are equal contents. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether every watched resource was listed in full. */
  get synced(): boolean {
    return this.#listed.size === this.#resources.length;
  }

  /** What is wrong with the watches, in words. */
  get troubles(): readonly string[] {
    return [...this.#troubles].map(([resource, reason]) => `watch of ${resource}: ${reason}`);
  }

  /** Why what is wanted may be of an older cluster, in words: what cannot be watched, and what others wait for. */
  get unknown(): readonly string[] {
    const listed = this.awaited.filter((resource) => !this.#troubles.has(resource));
    return [
      ...this.troubles,
      ...listed.map((resource) => `watch of ${resource}: it was interrupted, and has not told all yet`),
    ];
  }

  /** Resources that changes of the others wait for, as all are of one time again when these are known; empty when nothing waits. */
  get awaited(): readonly WatchedResource[] {
    return this.#interruptions.awaited;
  }

  /**
   * Milliseconds that a change which is there has to wait at most before it may count; 0 when it may. After the longest wait the
   * resources that did not come back are not waited for any more.
   */
  waitMs(): number {
    const { awaited } = this;
    const waitMs = this.#interruptions.waitMs();
    if (awaited.length > 0 && waitMs === 0) {
      this.#log.warn({ resources: awaited }, 'going on without what Kubernetes has not told again for long');
    }
    return waitMs;
  }

  /** Takes in what FabricPolicies may ask for now: those that were told so far are read again. */
  regrant(grants: FabricGrants): void {
    this.#views.grants = grants;
    let isOther = false;
    for (const object of this.#fabricPolicies.values()) if (this.#views.set('policies', object)) isOther = true;
    if (isOther) this.#bump();
  }

  /** The state now, as narrow views. */
  snapshot(): ClusterSnapshot {
    if (this.#snapshot?.revision !== this.#revision) this.#snapshot = this.#views.snapshot(this.#revision);
    return this.#snapshot;
  }

  /** What differs from the last time that somebody asked. */
  takeDelta(): ClusterDelta {
    return this.#views.takeDelta();
  }

  replaced(resource: WatchedResource, objects: readonly KubernetesObject[]): void {
    const { kind, among } = VIEWS_OF[resource];
    const isFirst = !this.#listed.has(resource);
    this.#listed.add(resource);
    if (resource === FABRIC_POLICIES) {
      this.#fabricPolicies.clear();
      for (const object of objects) this.#fabricPolicies.set(fabricPolicyKey(object), object);
    }
    if (this.#views.replace(kind, objects, among) || isFirst) this.#bump();
  }

  changed(resource: WatchedResource, object: KubernetesObject): void {
    if (resource === FABRIC_POLICIES) this.#fabricPolicies.set(fabricPolicyKey(object), object);
    if (this.#views.set(VIEWS_OF[resource].kind, object)) this.#bump();
  }

  removed(resource: WatchedResource, object: KubernetesObject): void {
    const name = objectName(object);
    this.#gone.note(name);
    if (!WITHOUT_CONDITIONS.has(resource)) this.#removed.note(name);
    if (resource === FABRIC_POLICIES) this.#fabricPolicies.delete(fabricPolicyKey(object));
    if (this.#views.remove(VIEWS_OF[resource].kind, object)) this.#bump();
  }

  interrupted(resource: WatchedResource): void {
    this.#interruptions.begin(resource);
  }

  resumed(resource: WatchedResource): void {
    if (this.#interruptions.end(resource) && this.synced) this.#changed();
  }

  trouble(resource: WatchedResource, reason: string | undefined): void {
    if (reason === undefined) {
      if (this.#troubles.delete(resource)) this.#log.info({ resource }, 'watching Kubernetes again');
      return;
    }
    // All watches of an API server that is away fail alike: one line says it.
    const known = [...this.#troubles.values()].includes(reason);
    if (!known) this.#log.warn({ resource, reason }, 'cannot watch Kubernetes');
    this.#troubles.set(resource, reason);
  }

  #bump(): void {
    this.#revision += 1;
    if (this.synced) this.#changed();
  }
}

/** Resources of which nothing is said in conditions. */
const WITHOUT_CONDITIONS: ReadonlySet<WatchedResource> = new Set(['pods', 'nodes', 'networkpolicies']);

const beginsWith =
  (start: string) =>
  (key: string): boolean =>
    key.startsWith(start);

/** Views of each resource; the three around NetworkPolicy are one kind of view, told apart by how their keys begin. */
const VIEWS_OF: Readonly<
  Record<WatchedResource, { readonly kind: ViewKind; readonly among?: (key: string) => boolean }>
> = {
  namespaces: { kind: 'namespaces' },
  nodes: { kind: 'nodes' },
  pods: { kind: 'pods' },
  networkpolicies: { kind: 'policies', among: (key) => !key.startsWith('FabricPolicy/') },
  adminnetworkpolicies: { kind: 'tieredPolicies', among: beginsWith('AdminNetworkPolicy/') },
  baselineadminnetworkpolicies: { kind: 'tieredPolicies', among: beginsWith('BaselineAdminNetworkPolicy/') },
  clusternetworkpolicies: { kind: 'tieredPolicies', among: beginsWith('ClusterNetworkPolicy/') },
  fabricpolicies: { kind: 'policies', among: beginsWith('FabricPolicy/') },
};
