import {
  comparePrefixes,
  containsAddress,
  containsPrefix,
  formatPrefix,
  type IpAddress,
  type IpFamily,
  type Prefix,
  parsePrefix,
} from '#model/net';
import type { AddressAtom, BlockSet } from './parties.js';

/** A foreign EPG as the configuration names it: where it is and which addresses its endpoints have. */
export interface ForeignEpg {
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
}

/** A prefix that somebody names. What is left of it once more specific ones are taken out is treated alike everywhere. */
export interface NamedPrefix {
  readonly prefix: Prefix;
  readonly parent: NamedPrefix | undefined;
  /** Blocks that hold what is left of it. */
  readonly blocks: BlockSet;
  readonly foreignDn: string | undefined;
}

/** The two halves of each family's address space: a /0 on an L3Out deploys contracts nobody meant (policy.md A5). */
const ROOTS: Readonly<Record<IpFamily, readonly Prefix[]>> = {
  4: [parsePrefix('0.0.0.0/1'), parsePrefix('128.0.0.0/1')],
  6: [parsePrefix('::/1'), parsePrefix('8000::/1')],
};

/** Interns sets of blocks. */
export class BlockSets {
  readonly #sets = new Map<string, BlockSet>();
  #made = 0;
  readonly none = this.of([]);

  of(atoms: readonly AddressAtom[]): BlockSet {
    const sorted = [...atoms].sort((a, b) => a.id - b.id);
    const key = sorted.map((atom) => atom.id).join(',');
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const fresh = { id: this.#made, atoms: sorted };
    this.#made += 1;
    this.#sets.set(key, fresh);
    return fresh;
  }

  /** Forgets sets with a block that no policy names any more: nobody asks for them again. */
  forgetUnused(): void {
    for (const [key, { atoms }] of this.#sets) {
      if (atoms.some(({ users }) => users.size === 0)) this.#sets.delete(key);
    }
  }
}

/**
 * The addresses of one family, cut along every `cidr` and `except` (policy.md §3.2): each named prefix occurs once, as a
 * node below the one that holds it, and longest-prefix match does the subtraction.
 */
export class AddressForest {
  /** Sorted by first address, holders before what they hold. */
  readonly nodes: readonly NamedPrefix[];

  constructor(
    family: IpFamily,
    { blocks, foreign, sets }: { blocks: readonly AddressAtom[]; foreign: readonly ForeignEpg[]; sets: BlockSets },
  ) {
    const opened = new Map<string, AddressAtom[]>();
    const closed = new Map<string, AddressAtom[]>();
    const named = new Map<string, Prefix>();
    const name = (prefix: Prefix): readonly string[] =>
      halves(prefix).map((half) => {
        const key = formatPrefix(half);
        named.set(key, half);
        return key;
      });
    for (const root of ROOTS[family]) name(root);
    for (const block of blocks) {
      for (const cidr of block.cidrs.filter((one) => one.family === family)) {
        for (const key of name(cidr)) push(opened, key, block);
        for (const except of block.except) for (const key of name(except)) push(closed, key, block);
      }
    }
    const dns = new Map<string, string>();
    for (const { dn, prefixes } of foreign) {
      for (const prefix of prefixes.filter((one) => one.family === family)) {
        for (const key of name(prefix)) if (!dns.has(key)) dns.set(key, dn);
      }
    }
    this.nodes = nest(
      [...named].sort(([, a], [, b]) => comparePrefixes(a, b)),
      { opened, closed, dns, sets },
    );
  }

  /** The node with the longest prefix that holds the address. */
  lookup(address: IpAddress): NamedPrefix | undefined {
    let low = 0;
    let high = this.nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const node = this.nodes[middle];
      if (node !== undefined && node.prefix.first <= address.value) low = middle + 1;
      else high = middle;
    }
    let found = this.nodes[low - 1];
    while (found !== undefined && !containsAddress(found.prefix, address)) found = found.parent;
    return found;
  }
}

interface Cuts {
  /** Blocks whose CIDR the prefix is, and those that it is an exception of. */
  readonly opened: ReadonlyMap<string, readonly AddressAtom[]>;
  readonly closed: ReadonlyMap<string, readonly AddressAtom[]>;
  readonly dns: ReadonlyMap<string, string>;
  readonly sets: BlockSets;
}

function nest(sorted: readonly (readonly [string, Prefix])[], cuts: Cuts): readonly NamedPrefix[] {
  const nodes: NamedPrefix[] = [];
  let open: NamedPrefix | undefined;
  for (const [key, prefix] of sorted) {
    while (open !== undefined && !containsPrefix(open.prefix, prefix)) open = open.parent;
    const closed = new Set(cuts.closed.get(key));
    const holding = [...(open?.blocks.atoms ?? []), ...(cuts.opened.get(key) ?? [])];
    open = {
      prefix,
      parent: open,
      blocks: cuts.sets.of([...new Set(holding)].filter((block) => !closed.has(block))),
      foreignDn: cuts.dns.get(key) ?? open?.foreignDn,
    };
    nodes.push(open);
  }
  return nodes;
}

const halves = (prefix: Prefix): readonly Prefix[] => (prefix.length === 0 ? ROOTS[prefix.family] : [prefix]);

function push(map: Map<string, AddressAtom[]>, key: string, block: AddressAtom): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [block]);
  else list.push(block);
}
