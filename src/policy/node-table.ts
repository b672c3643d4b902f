import { matchesSelector, type NodeView, type Selector } from '#model/kubernetes';
import { comparePrefixes, formatPrefix, hostPrefix, type IpAddress, type Prefix } from '#model/net';
import type { ForeignEpg } from './address-forest.js';
import type { AddressAtom } from './parties.js';

/** The EPG in which an admin put the nodes: an address there is classified by the EPG and not by a prefix (policy.md A2). */
export interface NodeEpg {
  readonly dn: string;
  /** Addresses of its endpoints. Undefined: the internal addresses of the Node objects. */
  readonly prefixes?: readonly Prefix[] | undefined;
}

/** The nodes of the cluster, and the addresses that they have. */
export class NodeTable {
  /** Dn of the EPG of the nodes, where one is configured. */
  readonly epgDn: string | undefined;
  readonly #nodes = new Map<string, NodeView>();
  readonly #epg: NodeEpg | undefined;
  #changed = false;

  constructor(epg: NodeEpg | undefined) {
    this.#epg = epg;
    this.epgDn = epg?.dn;
  }

  /** Adds, changes or removes (undefined) the node. */
  set(name: string, view: NodeView | undefined): void {
    this.#changed = true;
    if (view === undefined) this.#nodes.delete(name);
    else this.#nodes.set(name, view);
  }

  /** Whether nodes changed since {@link resolve} was called last. */
  get hasChanged(): boolean {
    return this.#changed;
  }

  /** How many nodes are known. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Names of nodes that the selector matches and whose addresses nobody told. */
  withoutAddress(selector: Selector): readonly string[] {
    const nodes = [...this.#nodes.values()].filter(({ labels }) => matchesSelector(selector, labels));
    return nodes.filter(({ addresses }) => addresses.length === 0).map(({ name }) => name);
  }

  /** Prefixes of the EPG that the configuration names, whatever nodes there are. */
  configured(): readonly Prefix[] {
    return this.#epg?.prefixes ?? [];
  }

  /** The EPG of the nodes with its addresses now; none where none is configured. */
  epgs(): readonly ForeignEpg[] {
    if (this.#epg === undefined) return [];
    const { dn, prefixes } = this.#epg;
    return [{ dn, prefixes: prefixes ?? hostsOf([...this.#nodes.values()], (node) => node.internalAddresses) }];
  }

  /** Addresses of the nodes that the selector matches (policy.md K4). */
  matching(selector: Selector): readonly Prefix[] {
    const nodes = [...this.#nodes.values()].filter(({ labels }) => matchesSelector(selector, labels));
    return hostsOf(nodes, (node) => node.addresses);
  }

  /**
   * Takes the changes of nodes since the last call into the peers that name nodes, and adds those to `changed` that have
   * other addresses now; `changed` holds the peers that are new. Gives whether the addresses of the nodes' EPG may differ.
   */
  resolve(atoms: readonly AddressAtom[], changed: Set<AddressAtom>): boolean {
    for (const atom of atoms) {
      if (atom.kind !== 'nodes' || !(this.#changed || changed.has(atom))) continue;
      const cidrs = this.matching(atom.nodes);
      if (textOf(cidrs) === textOf(atom.cidrs)) continue;
      atom.cidrs = cidrs;
      changed.add(atom);
    }
    const moved = this.#changed && this.#epg !== undefined && this.#epg.prefixes === undefined;
    this.#changed = false;
    return moved;
  }
}

/** Each address once, sorted: two nodes that claim one address are the cluster's mistake, not ours. */
function hostsOf(nodes: readonly NodeView[], addresses: (node: NodeView) => readonly IpAddress[]): readonly Prefix[] {
  const hosts = new Map(
    nodes.flatMap(addresses).map((address) => [textOf([hostPrefix(address)]), hostPrefix(address)]),
  );
  return [...hosts.values()].sort(comparePrefixes);
}

const textOf = (prefixes: readonly Prefix[]): string => prefixes.map(formatPrefix).join();
