import type { Attributes, FlatObject } from '#model/aci';
import { DEFAULT_LIMITS, type FabricBudget, type Limits, type Resource } from '#model/settings';
import { type FilterEntry, readEntry } from './filter-entry.js';
import { entriesOnFullestLeaf, leafBindings, type RuleCost } from './leaf-bindings.js';
import { PRIORITY, zoningRules } from './zoning-rules.js';

/** How much of one resource the objects take. */
export interface CapacityUse {
  /** `vlanPool` is the pool of VLANs that groups are given, which the cluster has to itself. */
  readonly resource: Resource | 'vlanPool';
  readonly used: number;
  readonly limit: number;
}

/**
 * What the objects take of a fabric, on the fullest leaf. An EPG that is bound at the AEP is on all its host ports and
 * programmed at once, so the leaf holds the rules of the whole VRF; where all are bound on paths, it holds those of what is
 * there (encodings C1 and C2, policy.md §3.13). Counted from the managed objects alone. Pure.
 */
export function capacityOf(
  objects: readonly FlatObject[],
  { hostPortsPerLeaf, limits }: FabricBudget,
): readonly CapacityUse[] {
  const count = (className: string): number => objects.filter((object) => object.className === className).length;
  const vlans = new Set(
    objects.filter(({ className }) => className === 'infraRsFuncToEpg').map(({ attributes }) => attributes['encap']),
  ).size;
  const leaves = leafBindings(objects);
  const fullest = (of: 'vlans' | 'portVlans'): number => Math.max(0, ...leaves.map((leaf) => leaf[of]));
  const rules = ruleCosts(objects);
  const used: Limits = {
    endpointGroups: count('fvAEPg'),
    externalGroups: count('l3extInstP'),
    contracts: count('vzBrCP'),
    filters: count('vzFilter'),
    vlansPerLeaf: vlans + fullest('vlans') + count('fvBD'),
    portVlansPerLeaf: vlans * hostPortsPerLeaf + fullest('portVlans'),
    policyEntriesPerLeaf:
      vlans === 0 && leaves.length > 0
        ? entriesOnFullestLeaf(rules, leaves)
        : rules.reduce((sum, { entries }) => sum + entries, 0),
  };
  return RESOURCES.map((resource) => ({ resource, used: used[resource], limit: limits[resource] }));
}

const RESOURCES = Object.keys(DEFAULT_LIMITS) as readonly Resource[];

/** Entries that a vzEntry with these attributes takes in each rule that it is in. */
export function entryCost(attributes: Attributes): number {
  const known = COSTS.get(attributes);
  if (known !== undefined) return known;
  const cost = entriesOf(readEntry('', attributes));
  COSTS.set(attributes, cost);
  return cost;
}

/** Asked for all filters after each change, of which nearly all are those of before. */
const COSTS = new WeakMap<Attributes, number>();

/** Rules with the entries of the policy memory that they take: equal rules of several contracts are one (policy.md §3.7). */
function ruleCosts(objects: readonly FlatObject[]): readonly RuleCost[] {
  const known = new Map<string, RuleCost>();
  for (const { vrf, source, destination, entry, action, priority } of zoningRules(objects)) {
    // Members of one class talk without a rule where nothing isolates them (policy.md A10).
    if (priority === PRIORITY.classEqAllow) continue;
    const key = JSON.stringify([vrf, source, destination, entry && { ...entry, filter: '' }, action, priority]);
    if (known.has(key)) continue;
    known.set(key, { source, destination, entries: entry === undefined ? 1 : entriesOf(entry) });
  }
  return [...known.values()];
}

/**
 * Entries that one filter entry takes: a range of ports is cut into aligned blocks of a power of two, and `est` is two
 * matches, ACK and RST (policy.md §2.4; whether a leaf joins the two is open, §6).
 */
const entriesOf = ({ sourcePorts, destinationPorts, tcpRules }: FilterEntry): number =>
  blocksIn(sourcePorts) * blocksIn(destinationPorts) * (tcpRules.includes('est') ? 2 : 1);

function blocksIn(ports: readonly [number, number] | undefined): number {
  if (ports === undefined) return 1;
  const [from, to] = ports;
  let blocks = 0;
  for (let start = from; start <= to; blocks += 1) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= to) size *= 2;
    start += size;
  }
  return blocks;
}
