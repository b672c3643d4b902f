import { type FlatObject, parentDn, readPathDn } from '#model/aci';
import type { ZoningClass } from './zoning-rules.js';

/** What is bound on the ports of one leaf. */
export interface LeafBindings {
  readonly leaf: string;
  /** Dns of the EPGs that are there. */
  readonly groups: ReadonlySet<string>;
  readonly vlans: number;
  /** VLANs added up over the ports. */
  readonly portVlans: number;
}

/**
 * What the bindings on paths (fvRsPathAtt) put on each leaf (encoding C2, policy.md §3.13): a bundle of a vPC pair counts
 * on both leaves. Counted from the managed objects alone. Bindings at an AEP are not here: they are on every port that has
 * it. Sorted by leaf. Pure.
 */
export function leafBindings(objects: Iterable<FlatObject>): readonly LeafBindings[] {
  const leaves = new Map<string, { groups: Set<string>; vlans: Set<string>; ports: Set<string> }>();
  for (const { className, dn, attributes } of objects) {
    const { tDn = '', encap = '' } = attributes;
    if (className !== 'fvRsPathAtt') continue;
    for (const leaf of readPathDn(tDn)?.leaves ?? []) {
      const known = leaves.get(leaf) ?? { groups: new Set(), vlans: new Set(), ports: new Set() };
      known.groups.add(parentDn(dn) ?? '');
      known.vlans.add(encap);
      known.ports.add(`${tDn} ${encap}`);
      leaves.set(leaf, known);
    }
  }
  return [...leaves]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([leaf, { groups, vlans, ports }]) => ({ leaf, groups, vlans: vlans.size, portVlans: ports.size }));
}

/** A rule, and how many entries of the policy memory it takes. */
export interface RuleCost {
  readonly source: ZoningClass;
  readonly destination: ZoningClass;
  readonly entries: number;
}

/**
 * Entries on the leaf that holds most. A leaf holds a rule when a side of it is bound there, or when it is about everyone
 * (policy.md A6): each leaf with an EPG of the VRF has members of `any`.
 */
export function entriesOnFullestLeaf(rules: Iterable<RuleCost>, leaves: readonly LeafBindings[]): number {
  const homes = new Map<ZoningClass, Set<string>>();
  for (const { leaf, groups } of leaves) {
    for (const group of groups) homes.set(group, (homes.get(group) ?? new Set()).add(leaf));
  }
  const held = new Map<string, number>(leaves.map(({ leaf }) => [leaf, 0]));
  let everywhere = 0;
  for (const { source, destination, entries } of rules) {
    if (source === 'any' || destination === 'any') everywhere += entries;
    else {
      const concerned = new Set([...(homes.get(source) ?? []), ...(homes.get(destination) ?? [])]);
      for (const leaf of concerned) held.set(leaf, (held.get(leaf) ?? 0) + entries);
    }
  }
  return everywhere + Math.max(0, ...held.values());
}
