import type { ClusterDelta, NamespaceView, PodView } from '#model/kubernetes';
import type { IpFamily } from '#model/net';
import type { Allocation, CompiledChanges, PodKey } from '#model/policy';
import { AddressForest, BlockSets, type ForeignEpg } from './address-forest.js';
import { Allocator } from './allocate.js';
import { changesOf } from './changes.js';
import { ConnectionTable } from './connection-table.js';
import { Dirty } from './dirty.js';
import { FAMILIES } from './family-mask.js';
import { type GroupChanges, GroupTable } from './group-table.js';
import { type NodeEpg, NodeTable } from './node-table.js';
import type { NumberRange } from './number-pool.js';
import { PairTable } from './pair-table.js';
import type { BlockSet, OutsideParty, Party, PodEntry, Shape } from './parties.js';
import { PartyTable } from './party-table.js';
import { isPolicyEndpoint, NO_PORTS, PodTable } from './pod-table.js';
import { PolicyTable } from './policy-table.js';
import { freeSide, type SideContext, sideOf } from './sides.js';

/** What the compiler needs to know beside the cluster. */
export interface CompileOptions {
  /** VLANs of the groups; undefined where groups are bound path by path and have none of their own. */
  readonly vlanPool: NumberRange | undefined;
  /** VNIs of the groups in the overlay, within 1 to 16777215; undefined without one. */
  readonly vniPool?: NumberRange | undefined;
  /**
   * For how long VLANs and VNIs of groups that are gone rest before others get them, in the unit of the times given to
   * {@link PolicyCompiler.apply}; not at all by default (policy.md §3.9).
   */
  readonly restFor?: number;
  /** EPGs of VMs and bare metal in the same VRF that policies may reach by their addresses; a change may bring others. */
  readonly foreignEpgs: readonly ForeignEpg[];
  /** The EPG of the nodes. Undefined: nodes are addresses like all others outside the cluster. */
  readonly nodeEpg?: NodeEpg | undefined;
  /** Whether groups keep to one namespace (the default), or pods of any namespaces may share one. */
  readonly groupBoundary?: 'namespace' | 'none';
  /**
   * Whether pods that policies select or name are also split by their workload (policy.md §3.2, point 5). Default: as long
   * as the VLAN pool has room for it, or without one the fabric for its EPGs.
   */
  readonly preSplit?: boolean;
  /**
   * For how long two groups have to be alike before they become one group, in the unit of the times given to
   * {@link PolicyCompiler.apply}; at once by default (policy.md §3.4).
   */
  readonly mergeAfter?: number;
}

/** What changed: in the cluster, and of the groups of others, which are all given where one of them differs. */
export interface CompileDelta extends ClusterDelta {
  readonly foreignEpgs?: readonly ForeignEpg[];
}

/**
 * Compiles policies change by change: a change recomputes what it touches (policy.md §3.8). Deterministic: the state after
 * some changes is that of a compiler that was given their result at once, up to names and VLANs, which are kept.
 */
export class PolicyCompiler {
  readonly connections = new ConnectionTable();
  readonly pairs = new PairTable(this.connections);
  readonly pods: PodTable;
  readonly policies: PolicyTable;
  readonly parties: PartyTable;
  readonly groups: GroupTable;
  readonly allocator: Allocator;
  readonly namespaces = new Map<string, NamespaceView>();
  readonly nodes: NodeTable;
  readonly #dirty = new Dirty();
  readonly #sets = new BlockSets();
  #foreign: readonly ForeignEpg[];
  readonly #byNamespace: boolean;
  #forests: Record<IpFamily, AddressForest>;
  #families: string | undefined;
  #relocations = 0;

  constructor(remembered: Allocation, options: CompileOptions) {
    const { foreignEpgs, nodeEpg, groupBoundary = 'namespace', preSplit = true, mergeAfter = 0 } = options;
    this.#byNamespace = groupBoundary === 'namespace';
    this.#foreign = foreignEpgs;
    this.nodes = new NodeTable(nodeEpg);
    this.#forests = this.#grow();
    this.pods = new PodTable(this.#dirty);
    this.policies = new PolicyTable(this.pods, this.#dirty);
    const boundary = { namespace: this.#byNamespace, workload: preSplit };
    this.parties = new PartyTable(boundary, freeSide(this.connections), this.#dirty);
    this.allocator = new Allocator({ ...remembered, preSplit }, options);
    this.groups = new GroupTable({
      pairs: this.pairs,
      connections: this.connections,
      allocator: this.allocator,
      quotient: !preSplit,
      byNamespace: this.#byNamespace,
      nodeEpgDn: this.nodes.epgDn,
      mergeAfter,
    });
  }

  /** Counts pods that went from one group to another: while it is the same, every pod that is still there is where it was. */
  get relocations(): number {
    return this.#relocations;
  }

  /**
   * When something is due if nothing changes until then: groups that are alike become one, or a group that waits for a number gets
   * one that has rested. Undefined when nothing is.
   */
  get nextDue(): number | undefined {
    const times = [this.groups.nextMerge, this.allocator.nextRested].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /**
   * Takes in a change and computes what follows from it; gives what is different now. `now` is the time of the change, in
   * any unit: two groups that become alike are one after {@link CompileOptions.mergeAfter}.
   */
  apply({ namespaces, nodes, pods, policies, tieredPolicies, foreignEpgs }: CompileDelta, now = 0): CompiledChanges {
    this.allocator.advance(now);
    for (const [name, view] of namespaces ?? []) this.#setNamespace(name, view);
    for (const [name, view] of nodes ?? []) this.nodes.set(name, view);
    for (const [key, view] of policies ?? []) this.policies.set(`NetworkPolicy/${key}`, view);
    for (const [key, view] of tieredPolicies ?? []) this.policies.set(key, view);
    const isCut = this.#cutAddresses(foreignEpgs);
    for (const [key, view] of pods ?? []) this.#setPod(key, view);
    this.#setOutside(isCut);
    const { groups, ...changes } = this.#flush(now);
    return {
      ...changes,
      groups: new Set([...groups, ...(namespaces?.keys() ?? []), ...this.allocator.allocateNumbers()]),
    };
  }

  #setNamespace(name: string, view: NamespaceView | undefined): void {
    if (view !== undefined) this.namespaces.set(name, view);
    else {
      this.namespaces.delete(name);
      this.#dirty.namespaces.add(name);
    }
    if (this.#byNamespace) this.allocator.reserve(name, view !== undefined);
    const labels = view?.labels ?? { 'kubernetes.io/metadata.name': name };
    const subjects = this.policies.subjects.setLabels(name, labels);
    const peers = this.policies.peers.setLabels(name, labels);
    if (subjects || peers) for (const shape of this.pods.inNamespace(name)) this.#dirty.shapes.add(shape);
  }

  #setPod(key: PodKey, view: PodView | undefined): void {
    const endpoint = view !== undefined && isPolicyEndpoint(view);
    const before = endpoint ? this.pods.put(key, view, this.#blocksOf(view)) : this.pods.take(key);
    if (before !== undefined) this.parties.leave(before);
    if (!endpoint) this.allocator.remember(key, undefined);
  }

  #flush(now: number): CompiledChanges {
    for (const shape of this.#dirty.shapes) this.#sign(shape);
    for (const pod of this.#dirty.pods) this.parties.place(pod);
    const removed = [...this.parties.removed];
    const touched = new Set<Party>([...this.parties.created, ...this.parties.changedPrefixes]);
    for (const party of removed) for (const other of this.pairs.remove(party)) touched.add(other);
    const pairs = this.#computeSides(touched);
    for (const party of removed) touched.delete(party);
    const groups = this.groups.update(removed, touched, now);
    this.#remember(groups);
    const changes = changesOf(this.groups, { groups, pairs, touched, members: this.parties.changedMembers });
    this.#forgetNamespaces();
    this.#settle();
    return changes;
  }

  /** Notes the group of every pod that came into another one. */
  #remember({ moved }: GroupChanges): void {
    const note = (pod: PodEntry): void => {
      const group = pod.party === undefined ? undefined : this.groups.of(pod.party);
      if (group === undefined) return;
      const before = this.allocator.groupOf(pod.key);
      if (before !== undefined && before !== group.name) this.#relocations += 1;
      this.allocator.remember(pod.key, group.name);
    };
    for (const pod of this.parties.placedPods) note(pod);
    for (const party of moved) if (party.kind === 'pods') for (const pod of party.members) note(pod);
  }

  /** Forgets namespaces of which nothing is left. One that policies or pods name is taken to exist, without an object too. */
  #forgetNamespaces(): void {
    for (const name of this.#dirty.namespaces) {
      if (!this.namespaces.has(name) && !this.pods.hasNamespace(name)) this.policies.forgetNamespace(name);
    }
    this.#dirty.namespaces.clear();
  }

  #settle(): void {
    for (const set of [this.#dirty.shapes, this.#dirty.pods, this.#dirty.atoms, this.#dirty.portNames]) set.clear();
    this.#dirty.sides.clear();
    const { created, removed, changedMembers, changedPrefixes, placedPods } = this.parties;
    for (const set of [created, removed, changedMembers, changedPrefixes, placedPods]) set.clear();
    this.policies.changedBlocks.clear();
  }

  /** Computes the signature of a shape anew; its pods may belong elsewhere when it differs. */
  #sign(shape: Shape): void {
    const { subjects, peers } = this.policies;
    const selecting = inOrder(subjects.holding(shape.namespace, shape.labels));
    const naming = inOrder(peers.holding(shape.namespace, shape.labels));
    for (const policy of shape.subjects) policy.shapes.delete(shape);
    for (const policy of selecting) policy.shapes.add(shape);
    const mentioned = [...shape.ports].filter(([name]) => this.policies.mentions(name));
    const ids = (items: readonly { readonly id: number }[]): string => items.map((item) => item.id).join();
    shape.subjects = selecting;
    shape.atoms = naming;
    shape.mentionedPorts = mentioned.length === 0 ? NO_PORTS : new Map(mentioned);
    shape.single = selecting.length > 0 || this.#isNamed(shape);
    const ports = mentioned.length === 0 ? '' : JSON.stringify(mentioned);
    const signature = `${shape.families};${ids(selecting)};${ids(naming)};${ports};${shape.single}`;
    if (signature === shape.signature) return;
    shape.signature = signature;
    for (const pod of shape.pods) this.#dirty.pods.add(pod);
  }

  /** Whether some peer names the shape by its labels, and not just every pod of its namespace. */
  #isNamed({ namespace, atoms }: Shape): boolean {
    const plain = this.policies.peers.holdingPlain(namespace);
    return atoms.length !== plain.size || atoms.some((atom) => !plain.has(atom));
  }

  /**
   * Cuts the address space anew when blocks, nodes or addresses of others came or went, and looks the known pods up in it; gives
   * whether it did.
   */
  #cutAddresses(foreign: readonly ForeignEpg[] | undefined): boolean {
    const { atoms, changedBlocks } = this.policies;
    if (foreign === undefined && changedBlocks.size === 0 && !this.nodes.hasChanged) return false;
    this.#foreign = foreign ?? this.#foreign;
    const moved = this.nodes.resolve(atoms.blocks(), changedBlocks);
    if (foreign === undefined && !moved && changedBlocks.size === 0) return false;
    this.#sets.forgetUnused();
    this.#forests = this.#grow();
    for (const pod of this.pods.pods.values()) {
      const blocks = this.#blocksOf(pod.view);
      if (blocks[4] === pod.blocks[4] && blocks[6] === pod.blocks[6]) continue;
      pod.blocks = blocks;
      this.#dirty.pods.add(pod);
    }
    return true;
  }

  /** Says what there is outside, when the address space was cut anew or a family came or went. */
  #setOutside(isCut: boolean): void {
    const present = FAMILIES.filter((family) => this.pods.has(family)).join();
    if (!isCut && present === this.#families) return;
    this.#families = present;
    this.parties.setOutside(this.#regions());
  }

  #grow(): Record<IpFamily, AddressForest> {
    const blocks = this.policies?.atoms.blocks() ?? [];
    const cuts = { blocks, foreign: [...this.nodes.epgs(), ...this.#foreign], sets: this.#sets };
    return { 4: new AddressForest(4, cuts), 6: new AddressForest(6, cuts) };
  }

  #blocksOf({ addresses }: PodView): Readonly<Record<IpFamily, BlockSet>> {
    const held: Record<IpFamily, BlockSet> = { 4: this.#sets.none, 6: this.#sets.none };
    for (const address of addresses) {
      const { family } = address;
      const blocks = this.#forests[family].lookup(address)?.blocks ?? this.#sets.none;
      const known = held[family];
      // A pod has one address a family; of one that has more, each is looked at.
      if (known === this.#sets.none) held[family] = blocks;
      else if (known !== blocks) held[family] = this.#sets.of([...new Set([...known.atoms, ...blocks.atoms])]);
    }
    return held;
  }

  /** Prefixes of one owner that the same blocks hold, as one region each (policy.md §3.2, point 3). */
  #regions(): readonly Pick<OutsideParty, 'family' | 'foreignDn' | 'blocks' | 'prefixes'>[] {
    const regions = new Map<string, { prefixes: OutsideParty['prefixes'][number][] } & RegionHead>();
    // Addresses that nodes have, and nobody names, bring no family into the policy.
    const blocks = this.policies.atoms.blocks().filter(({ kind }) => kind === 'block');
    const prefixes = [...blocks.flatMap(({ cidrs }) => cidrs), ...this.#foreign.flatMap((epg) => epg.prefixes)];
    const named = new Set([...prefixes, ...this.nodes.configured()].map(({ family }) => family));
    for (const family of FAMILIES.filter((one) => this.pods.has(one) || named.has(one))) {
      for (const { prefix, blocks, foreignDn } of this.#forests[family].nodes) {
        const key = `${family} ${foreignDn ?? ''} ${blocks.id}`;
        const known = regions.get(key);
        if (known === undefined) regions.set(key, { family, foreignDn, blocks, prefixes: [prefix] });
        else known.prefixes.push(prefix);
      }
    }
    return [...regions.values()];
  }

  /**
   * Computes the sides that a change touches, and adds the parties whose rows or columns may differ. Gives the pairs that
   * do, as source and destination.
   */
  #computeSides(touched: Set<Party>): readonly (readonly [Party, Party])[] {
    const pairs: (readonly [Party, Party])[] = [];
    const { sides, atoms, portNames } = this.#dirty;
    const policies = new Set([...atoms].flatMap((atom) => [...atom.users]));
    for (const name of portNames) for (const policy of this.policies.using(name)) policies.add(policy);
    for (const policy of policies) for (const party of policy.parties) sides.add(party);
    const context: SideContext = {
      connections: this.connections,
      partiesNaming: (name) => this.parties.declaring(name),
    };
    for (const party of sides) {
      const changed = this.pairs.setSides(party, {
        egress: sideOf(party, 'egress', context),
        ingress: sideOf(party, 'ingress', context),
      });
      touched.add(party);
      for (const other of [...changed.destinations, ...changed.sources]) touched.add(other);
      for (const other of changed.destinations) pairs.push([party, other]);
      for (const other of changed.sources) pairs.push([other, party]);
    }
    return pairs;
  }
}

/** Sorts in place, where there is anything to sort: most lists have one item or none. */
function inOrder<Item extends { readonly id: number }>(items: Item[]): readonly Item[] {
  return items.length < 2 ? items : items.sort((a, b) => a.id - b.id);
}

type RegionHead = Pick<OutsideParty, 'family' | 'foreignDn' | 'blocks'>;
