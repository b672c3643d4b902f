import type { FlatObject } from '#model/aci';
import type { FilterEntry } from './filter-entry.js';
import { entriesOnFullestLeaf, leafBindings, type RuleCost } from './leaf-bindings.js';
import { zoningRules } from './zoning-rules.js';

/** Things of which a fabric holds only so many. */
export type Resource =
  | 'endpointGroups'
  | 'externalGroups'
  | 'contracts'
  | 'filters'
  | 'vlansPerLeaf'
  | 'portVlansPerLeaf'
  | 'policyEntriesPerLeaf';

export type Limits = Readonly<Record<Resource, number>>;

/**
 * What a fabric holds, by Cisco's verified scalability guides as policy.md §2.4 has them: endpoint groups, contracts and
 * filters a fabric, external EPGs an L3Out, VLANs of EPGs and bridge domains a leaf, ports × VLANs a leaf, entries of the
 * policy memory of an EX or FX leaf in the default profile. Older and other leaves hold less or more: an admin sets them.
 */
export const DEFAULT_LIMITS: Limits = {
  endpointGroups: 15_000,
  externalGroups: 250,
  contracts: 10_000,
  filters: 10_000,
  vlansPerLeaf: 3_960,
  portVlansPerLeaf: 64_000,
  policyEntriesPerLeaf: 64_000,
};

/** How much of one resource the objects take. */
export interface CapacityUse {
  readonly resource: Resource;
  readonly used: number;
  readonly limit: number;
}

/** What a forecast is made for. */
export interface CapacityContext {
  /** Ports of the fullest leaf that the attachable entity profile reaches: each of them carries every VLAN. */
  readonly hostPortsPerLeaf: number;
  readonly limits: Limits;
}

/**
 * What the objects take of a fabric, on the fullest leaf. An EPG that is bound at the AEP is on all its host ports and
 * programmed at once, so the leaf holds the rules of the whole VRF; where all are bound on paths, it holds those of what is
 * there (encodings C1 and C2, policy.md §3.13). Counted from the managed objects alone. Pure.
 */
export function capacityOf(
  objects: readonly FlatObject[],
  { hostPortsPerLeaf, limits }: CapacityContext,
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

/** Rules with the entries of the policy memory that they take: equal rules of several contracts are one (policy.md §3.7). */
function ruleCosts(objects: readonly FlatObject[]): readonly RuleCost[] {
  const known = new Map<string, RuleCost>();
  for (const { vrf, source, destination, entry, action, priority } of zoningRules(objects)) {
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
export const entriesOf = ({ sourcePorts, destinationPorts, tcpRules }: FilterEntry): number =>
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
