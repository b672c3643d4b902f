import type { KubernetesObject } from '#model/kubernetes';
import type { ClusterSink, WatchedResource } from '#ports';

/** Writes down what it is told of pods, and which pods a cache would hold. */
export class RecordingClusterSink implements ClusterSink {
  readonly told: string[] = [];
  readonly troubles: (string | undefined)[] = [];
  readonly pods = new Map<string, KubernetesObject>();
  readonly synced = new Set<WatchedResource>();
  /** What is interrupted now, and whatever was. */
  readonly interruptedNow = new Set<WatchedResource>();
  readonly interruptions: WatchedResource[] = [];
  /** Names in each list of ClusterNetworkPolicies. */
  readonly clusterPolicies: (readonly string[])[] = [];

  replaced(resource: WatchedResource, objects: readonly KubernetesObject[]): void {
    this.synced.add(resource);
    if (resource === 'clusternetworkpolicies') this.clusterPolicies.push(objects.map(({ metadata }) => metadata.name));
    if (resource !== 'pods') return;
    this.pods.clear();
    for (const object of objects) this.pods.set(object.metadata.name, object);
    this.told.push(['replaced', ...objects.map(({ metadata }) => metadata.name)].join(' '));
  }

  changed(resource: WatchedResource, object: KubernetesObject): void {
    if (resource !== 'pods') return;
    this.pods.set(object.metadata.name, object);
    this.told.push(`changed ${object.metadata.name}`);
  }

  removed(resource: WatchedResource, object: KubernetesObject): void {
    if (resource !== 'pods') return;
    this.pods.delete(object.metadata.name);
    this.told.push(`removed ${object.metadata.name}`);
  }

  interrupted(resource: WatchedResource): void {
    this.interruptedNow.add(resource);
    this.interruptions.push(resource);
  }

  resumed(resource: WatchedResource): void {
    this.interruptedNow.delete(resource);
  }

  trouble(resource: WatchedResource, reason: string | undefined): void {
    if (resource === 'pods' || resource === 'clusternetworkpolicies') this.troubles.push(reason);
  }

  get lists(): number {
    return this.told.filter((line) => line.startsWith('replaced')).length;
  }
}
