import type { Finding } from '../policy/index.js';
import { namespacedKey, policyKey, readAnyPolicy } from './any-policy.js';
import { type FabricGrants, NO_GRANTS } from './fabric-grants.js';
import type { KubernetesObject } from './object.js';
import { PendingViews } from './pending-views.js';
import { readNamespace, readNode, readPod } from './read-pod.js';
import { readTieredPolicy } from './read-tiered-policy.js';
import { duplicateAddresses, impliedNamespace } from './snapshot.js';
import { ViewTable } from './view-table.js';
import type {
  ClusterDelta,
  ClusterSnapshot,
  NamespaceView,
  NodeView,
  PodView,
  PolicyView,
  TieredPolicyView,
} from './views.js';

/** Kinds of views, as {@link ClusterSnapshot} and {@link ClusterDelta} name them. */
export type ViewKind = keyof ClusterDelta;

/**
 * The cluster as views, kept change by change: an object is read once when it changes, and whoever compiles is told what is
 * different since the last time. A namespace that only pods or policies name is there as long as they are. Equal at any
 * time to `snapshotOf` of the same objects in the order of their keys.
 */
export class ClusterViews {
  readonly #pods = this.#table<PodView>('pods', { read: readPod, keyOf: namespacedKey });
  /** What FabricPolicies may ask for; those that are taken in from now on are read by it. */
  grants: FabricGrants;
  readonly #policies = this.#table<PolicyView>('policies', {
    read: (object) => readAnyPolicy(object, this.grants),
    keyOf: policyKey,
  });
  readonly #nodes = this.#table<NodeView>('nodes', { read: readNode, keyOf: ({ metadata }) => metadata.name });
  readonly #tieredPolicies = this.#table<TieredPolicyView>('tieredPolicies', {
    read: readTieredPolicy,
    keyOf: ({ kind, metadata }) => `${kind}/${metadata.name}`,
  });
  /** Namespaces that have an object of their own. */
  readonly #namespaces = new ViewTable<NamespaceView>({
    read: readNamespace,
    keyOf: ({ metadata }) => metadata.name,
    changing: (name, before) => this.#pending.namespaces.note(name, before ?? this.#implied(name)),
  });
  readonly #tables: Readonly<Record<ViewKind, Pick<ViewTable<unknown>, 'set' | 'remove' | 'replace'>>> = {
    namespaces: this.#namespaces,
    nodes: this.#nodes,
    pods: this.#pods,
    policies: this.#policies,
    tieredPolicies: this.#tieredPolicies,
  };
  readonly #pending = {
    namespaces: new PendingViews<NamespaceView>(),
    nodes: new PendingViews<NodeView>(),
    pods: new PendingViews<PodView>(),
    policies: new PendingViews<PolicyView>(),
    tieredPolicies: new PendingViews<TieredPolicyView>(),
  };
  /** How many pods and policies name each namespace. */
  readonly #naming = new Map<string, number>();
  #duplicates: { readonly of: ReadonlyMap<string, PodView>; readonly findings: readonly Finding[] } | undefined;

  /** @param grants what FabricPolicies may ask for; nothing when not given. */
  constructor(grants = NO_GRANTS) {
    this.grants = grants;
  }

  /** Takes in the object as it is now; gives whether it says something else than before. */
  set(kind: ViewKind, object: KubernetesObject): boolean {
    return this.#tables[kind].set(object);
  }

  /** Takes the object out; gives whether it was there. */
  remove(kind: ViewKind, object: KubernetesObject): boolean {
    return this.#tables[kind].remove(object);
  }

  /**
   * Takes in the complete list of the objects of a kind, where given only of those with such keys; gives whether it says
   * something else than before. What is equal is no change, however often it is listed.
   */
  replace(kind: ViewKind, objects: readonly KubernetesObject[], among = (_key: string): boolean => true): boolean {
    return this.#tables[kind].replace(objects, among);
  }

  /** What differs from the last time that somebody asked. */
  takeDelta(): ClusterDelta {
    const pending = this.#pending;
    const delta = {
      namespaces: pending.namespaces.take((name) => this.#namespaces.get(name) ?? this.#implied(name)),
      nodes: pending.nodes.take((key) => this.#nodes.get(key)),
      pods: pending.pods.take((key) => this.#pods.get(key)),
      policies: pending.policies.take((key) => this.#policies.get(key)),
      tieredPolicies: pending.tieredPolicies.take((key) => this.#tieredPolicies.get(key)),
    };
    return Object.fromEntries(Object.entries(delta).filter(([, views]) => views !== undefined));
  }

  /** The whole cluster as it is now. */
  snapshot(revision: number): ClusterSnapshot {
    const [pods, policies] = [this.#pods.sorted(), this.#policies.sorted()];
    const [named, nodes, tieredPolicies] = [
      this.#namespaces.sorted(),
      this.#nodes.sorted(),
      this.#tieredPolicies.sorted(),
    ];
    const read = [pods, policies, named, nodes, tieredPolicies].flatMap(({ findings }) => findings);
    return {
      revision,
      namespaces: this.#allNamespaces(named.views),
      nodes: nodes.views,
      pods: pods.views,
      policies: policies.views,
      tieredPolicies: tieredPolicies.views,
      findings: [...read, ...this.#duplicatesIn(pods.views)],
    };
  }

  #table<View extends PodView | PolicyView | NodeView | TieredPolicyView>(
    kind: Exclude<ViewKind, 'namespaces'>,
    reading: Pick<ConstructorParameters<typeof ViewTable<View>>[0], 'read' | 'keyOf'>,
  ): ViewTable<View> {
    return new ViewTable<View>({
      ...reading,
      changing: (key, before, after) => {
        (this.#pending[kind] as PendingViews<unknown>).note(key, before);
        if (before !== undefined && 'namespace' in before) this.#count(before.namespace, -1);
        if (after !== undefined && 'namespace' in after) this.#count(after.namespace, 1);
      },
    });
  }

  /** Counts the objects that name a namespace; one that has no object of its own comes with the first and goes with the last. */
  #count(namespace: string, by: 1 | -1): void {
    const before = this.#naming.get(namespace) ?? 0;
    if (before === 0 || before + by === 0) {
      this.#pending.namespaces.note(namespace, this.#namespaces.get(namespace) ?? this.#implied(namespace));
    }
    if (before + by === 0) this.#naming.delete(namespace);
    else this.#naming.set(namespace, before + by);
  }

  #implied(name: string): NamespaceView | undefined {
    return this.#naming.has(name) ? impliedNamespace(name) : undefined;
  }

  #allNamespaces(named: ReadonlyMap<string, NamespaceView>): ReadonlyMap<string, NamespaceView> {
    const names = [...new Set([...named.keys(), ...this.#naming.keys()])].sort();
    return new Map(names.map((name) => [name, named.get(name) ?? impliedNamespace(name)]));
  }

  #duplicatesIn(pods: ReadonlyMap<string, PodView>): readonly Finding[] {
    if (this.#duplicates?.of !== pods) this.#duplicates = { of: pods, findings: duplicateAddresses(pods) };
    return this.#duplicates.findings;
  }
}

/** As the readers have it: an object without a namespace is in `default`. */
