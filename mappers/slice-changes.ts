import type { ClusterDelta } from '#model/kubernetes';
import type { CompiledChanges, GroupName, PodKey } from '#model/policy';

/** What of the policy and the cluster may differ in slices since somebody looked last. Noting it costs what changed. */
export class SliceChanges {
  readonly groups = new Set<GroupName>();
  /** Groups that were gone at some time; what is called so now is another one. */
  readonly removed = new Set<GroupName>();
  readonly pods = new Set<PodKey>();
  readonly nodes = new Set<string>();
  /** Destinations by source. */
  readonly pairs = new Map<GroupName, Set<GroupName>>();

  /** Notes one change of the cluster and what it did to the policy. */
  note({ pods, nodes }: ClusterDelta, { groups, removed, pairs }: CompiledChanges): void {
    for (const pod of pods?.keys() ?? []) this.pods.add(pod);
    for (const node of nodes?.keys() ?? []) this.nodes.add(node);
    for (const group of [...groups, ...removed]) this.groups.add(group);
    for (const group of removed) this.removed.add(group);
    for (const [source, destinations] of pairs) {
      const known = this.pairs.get(source) ?? new Set<GroupName>();
      this.pairs.set(source, known);
      for (const destination of destinations) known.add(destination);
    }
  }

  clear(): void {
    this.groups.clear();
    this.removed.clear();
    this.pods.clear();
    this.nodes.clear();
    this.pairs.clear();
  }
}
