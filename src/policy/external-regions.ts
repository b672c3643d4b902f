import { comparePrefixes, containsPrefix, formatPrefix, type IpFamily, type Prefix, parsePrefix } from '#model/net';
import type { BlockAtom } from './peer-atoms.js';

/** A foreign EPG as the configuration names it: where it is and which addresses its endpoints have. */
export interface ForeignEpg {
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
}

/** Prefixes outside the cluster that the same blocks hold, less the more specific prefixes of other regions. */
export interface ExternalRegion {
  readonly family: IpFamily;
  /** Dn of the foreign EPG whose endpoints these are; undefined for the world behind the L3Out. */
  readonly foreignDn: string | undefined;
  readonly prefixes: readonly Prefix[];
  readonly blockAtoms: ReadonlySet<number>;
}

/** The two halves of each family's address space: a /0 on an L3Out deploys contracts nobody meant (policy.md A5). */
const ROOTS: Readonly<Record<IpFamily, readonly Prefix[]>> = {
  4: [parsePrefix('0.0.0.0/1'), parsePrefix('128.0.0.0/1')],
  6: [parsePrefix('::/1'), parsePrefix('8000::/1')],
};

/**
 * Cuts the addresses outside the cluster along every `cidr` and `except` (policy.md §3.2): each mentioned prefix occurs
 * once, and longest-prefix match does the subtraction. Prefixes of one kind that the same blocks hold are one region.
 */
export function externalRegions(
  blocks: readonly BlockAtom[],
  families: readonly IpFamily[],
  foreign: readonly ForeignEpg[],
): readonly ExternalRegion[] {
  const regions = new Map<string, Omit<ExternalRegion, 'prefixes'> & { prefixes: Prefix[] }>();
  for (const prefix of mentioned(blocks, families, foreign)) {
    const holding = blocks.filter((block) => holdsRegion(block, prefix)).map((block) => block.id);
    const foreignDn = foreign.find((epg) => epg.prefixes.some((own) => containsPrefix(own, prefix)))?.dn;
    const key = `${prefix.family} ${foreignDn ?? ''} ${holding.join(',')}`;
    const known = regions.get(key);
    if (known !== undefined) known.prefixes.push(prefix);
    else regions.set(key, { family: prefix.family, foreignDn, prefixes: [prefix], blockAtoms: new Set(holding) });
  }
  return [...regions.values()];
}

/** Whether the block holds what is left of the prefix once more specific mentioned prefixes are taken out. */
export const holdsRegion = (block: BlockAtom, prefix: Prefix): boolean =>
  containsPrefix(block.cidr, prefix) && !block.except.some((except) => containsPrefix(except, prefix));

/** Every prefix that is named, /0 as its two halves, and the roots; sorted, each once. */
function mentioned(
  blocks: readonly BlockAtom[],
  families: readonly IpFamily[],
  foreign: readonly ForeignEpg[],
): readonly Prefix[] {
  const named = [
    ...blocks.flatMap((block) => [block.cidr, ...block.except]),
    ...foreign.flatMap((epg) => epg.prefixes),
  ];
  const present = new Set<IpFamily>([...families, ...named.map((prefix) => prefix.family)]);
  const all = [
    ...([4, 6] as const).filter((family) => present.has(family)).flatMap((family) => ROOTS[family]),
    ...named,
  ];
  const unique = new Map<string, Prefix>();
  for (const prefix of all) {
    for (const half of prefix.length === 0 ? ROOTS[prefix.family] : [prefix]) unique.set(formatPrefix(half), half);
  }
  return [...unique.values()].sort(comparePrefixes);
}
