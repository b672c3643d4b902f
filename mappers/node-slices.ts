import type { NodeView, PodView } from '#model/kubernetes';
import { SetHash } from '#model/naming';
import type { NodeAddress, NodeEndpoint, NodeGroup, NodePolicy } from '#model/node';
import type { Group, GroupName, PodKey, PolicyTables } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { HashedPermits } from './node-permits.js';
import {
  byAddress,
  byGroup,
  endpointOf,
  gatewayOf,
  hasAddresses,
  type LocalPart,
  localPart,
  nodeGroup,
  outsideAddresses,
  podAddresses,
  podsFirst,
  sharedRevision,
  sliceOf,
} from './node-slice.js';
import type { SliceChanges } from './slice-changes.js';
import { SlicePermits } from './slice-permits.js';
import { SortedEntries } from './sorted-entries.js';

/** The policy and the cluster as they are now, to look things up in. */
export interface SliceTables {
  readonly group: (name: GroupName) => Group | undefined;
  readonly pair: PolicyTables['pair'];
  readonly groupOfPod: (pod: PodKey) => GroupName | undefined;
  readonly pods: ReadonlyMap<PodKey, PodView>;
  readonly nodes: ReadonlyMap<string, NodeView>;
}

interface PlacedPod {
  readonly group: GroupName;
  readonly node: string | undefined;
  /** The endpoint as text. */
  readonly text: string;
}

/**
 * The slices of all nodes, kept change by change, where groups have one VLAN each (encoding C1): those are made anew whose
 * pods, groups or permits differ, and what all share is put together from what is equal. At any time the slices of
 * `nodePolicies`, with the same revisions.
 */
export class NodeSlices {
  readonly #gateway: NodePolicy['gateway'];
  readonly #sharedHash = new SetHash();
  readonly #groups = new SortedEntries<NodeGroup>(byGroup, this.#sharedHash);
  readonly #podAddresses = new SortedEntries(byAddress, this.#sharedHash);
  readonly #outside = new SortedEntries(byAddress, this.#sharedHash);
  readonly #permits = new SlicePermits();
  readonly #pods = new Map<PodKey, PlacedPod>();
  readonly #members = new Map<GroupName, Set<PodKey>>();
  readonly #endpoints = new Map<string, Map<PodKey, NodeEndpoint>>();
  readonly #local = new Map<string, LocalPart>();
  readonly #permitsOf = new Map<string, HashedPermits>();
  #slices: ReadonlyMap<string, NodePolicy> = new Map();
  /** Nodes whose pods or addresses may differ, and those whose permits may. */
  readonly #moved = new Set<string>();
  readonly #regranted = new Set<string>();
  #isSharedStale = true;
  /** The lists of addresses of pods and of others that were put together last. */
  #merged: Readonly<Record<'pods' | 'outside' | 'all', readonly NodeAddress[]>> | undefined;

  constructor(settings: FabricSettings) {
    this.#gateway = gatewayOf(settings);
  }

  /** Takes in what changed; gives the slice of each node, sorted by node. */
  update(changes: SliceChanges, tables: SliceTables): ReadonlyMap<string, NodePolicy> {
    const groups = [...changes.groups].map((name) => [name, tables.group(name)] as const);
    // A pod that went from one group to another is a member of one that changed.
    const pods = new Set(changes.pods);
    for (const [, group] of groups) for (const pod of group?.kind === 'pods' ? group.members : []) pods.add(pod);
    const vlans = new Map<GroupName, number | undefined>();
    for (const pod of pods) this.#notePod(pod, tables, vlans);
    for (const [name, group] of groups) this.#noteGroup(name, group);
    this.#notePairs(changes, tables);
    for (const node of changes.nodes) this.#moved.add(node);
    this.#settle(tables);
    return this.#slices;
  }

  #notePod(pod: PodKey, tables: SliceTables, vlans: Map<GroupName, number | undefined>): void {
    const group = tables.groupOfPod(pod);
    const view = group === undefined ? undefined : tables.pods.get(pod);
    const addresses = group === undefined ? [] : podAddresses(view, group);
    if (this.#podAddresses.set(pod, addresses)) this.#isSharedStale = true;
    const before = this.#pods.get(pod);
    if (group === undefined || view === undefined) {
      this.#displace(pod, before);
      return;
    }
    if (!vlans.has(group)) vlans.set(group, vlanOf(tables.group(group)));
    const endpoint = endpointOf(pod, view, { group, vlan: vlans.get(group) });
    const text = JSON.stringify(endpoint);
    if (before?.text === text && before.node === view.node) return;
    this.#displace(pod, before);
    this.#pods.set(pod, { group, node: view.node, text });
    added(this.#members, group).add(pod);
    if (view.node === undefined) return;
    const endpoints = this.#endpoints.get(view.node) ?? new Map<PodKey, NodeEndpoint>();
    this.#endpoints.set(view.node, endpoints.set(pod, endpoint));
    this.#moved.add(view.node);
  }

  #displace(pod: PodKey, before: PlacedPod | undefined): void {
    if (before === undefined) return;
    this.#pods.delete(pod);
    const members = this.#members.get(before.group);
    members?.delete(pod);
    if (members?.size === 0) this.#members.delete(before.group);
    if (before.node === undefined) return;
    const endpoints = this.#endpoints.get(before.node);
    endpoints?.delete(pod);
    if (endpoints?.size === 0) this.#endpoints.delete(before.node);
    this.#moved.add(before.node);
  }

  #noteGroup(name: GroupName, group: Group | undefined): void {
    const isThere = group !== undefined && hasAddresses(group);
    const isOther = this.#groups.set(name, isThere ? [nodeGroup(group)] : []);
    const areOther = this.#outside.set(name, group === undefined ? [] : outsideAddresses(group));
    if (isOther || areOther) this.#isSharedStale = true;
  }

  /** Looks at pairs that may differ, and at those of groups that were gone. */
  #notePairs({ removed, pairs }: SliceChanges, tables: SliceTables): void {
    const note = (source: GroupName, destination: GroupName): void => {
      if (!this.#permits.note(source, destination, tables.pair)) return;
      for (const group of [source, destination]) this.#markNodesOf(group);
    };
    for (const group of removed) for (const [source, destination] of this.#permits.of(group)) note(source, destination);
    for (const [source, destinations] of pairs) for (const destination of destinations) note(source, destination);
  }

  #markNodesOf(group: GroupName): void {
    for (const pod of this.#members.get(group) ?? []) {
      const node = this.#pods.get(pod)?.node;
      if (node !== undefined) this.#regranted.add(node);
    }
  }

  /** Makes the slices that are not as they were. */
  #settle({ nodes }: SliceTables): void {
    const stale = new Set([...this.#moved, ...this.#regranted]);
    if (stale.size === 0 && !this.#isSharedStale) return;
    const shared = { gateway: this.#gateway, groups: this.#groups.list, addresses: this.#addresses() };
    const revision = sharedRevision(this.#gateway, this.#sharedHash);
    for (const node of this.#moved) this.#settleLocal(node, nodes);
    for (const node of stale) this.#settlePermits(node);
    const slices = [...this.#local].map(([node, local]): [string, NodePolicy] => {
      const known = this.#isSharedStale || stale.has(node) ? undefined : this.#slices.get(node);
      return [node, known ?? sliceOf(local, this.#permitsOf.get(node) ?? NO_PERMITS, { shared, revision })];
    });
    this.#slices = new Map(slices.sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#moved.clear();
    this.#regranted.clear();
    this.#isSharedStale = false;
  }

  /** All addresses; the same list as long as none came or went, whatever became of groups: whoever encoded it need not again. */
  #addresses(): readonly NodeAddress[] {
    const [pods, outside] = [this.#podAddresses.list, this.#outside.list];
    const known = this.#merged;
    if (known?.pods === pods && known.outside === outside) return known.all;
    const all = podsFirst(pods, outside);
    this.#merged = { pods, outside, all };
    return all;
  }

  #settleLocal(node: string, nodes: ReadonlyMap<string, NodeView>): void {
    const local = this.#endpoints.get(node);
    if (local === undefined && !nodes.has(node)) {
      this.#local.delete(node);
      this.#permitsOf.delete(node);
      return;
    }
    const endpoints = [...(local?.values() ?? [])].sort((a, b) => (a.pod < b.pod ? -1 : 1));
    this.#local.set(node, localPart(node, nodes.get(node), endpoints));
  }

  #settlePermits(node: string): void {
    const local = this.#local.get(node);
    if (local === undefined) return;
    this.#permitsOf.set(node, this.#permits.with(new Set(local.own.endpoints.map(({ group }) => group))));
  }
}

const NO_PERMITS = new SlicePermits().with(new Set());

const vlanOf = (group: Group | undefined): number | undefined => (group?.kind === 'pods' ? group.vlan : undefined);

function added(sets: Map<GroupName, Set<PodKey>>, key: GroupName): Set<PodKey> {
  const known = sets.get(key) ?? new Set<PodKey>();
  sets.set(key, known);
  return known;
}
