import { aciName, shortHash } from '#model/naming';
import type { AllocatedGroup, Allocation, Finding, PodKey } from '#model/policy';
import { BASE_LIMIT, type Part } from './grouping.js';

/** VLAN ids that may be given to groups, both ends included. */
export interface VlanPool {
  readonly from: number;
  readonly to: number;
}

/** Parts with their names and VLANs, and the table that remembers them. */
export interface Allocated {
  readonly names: ReadonlyMap<Part, string>;
  /** VLAN of every group, base groups of empty namespaces included; a group is missing when the pool is exhausted. */
  readonly vlans: ReadonlyMap<string, number>;
  readonly allocation: Allocation;
  readonly findings: readonly Finding[];
}

/**
 * Gives every part a name and a VLAN so that nothing churns (policy.md §3.9): a part keeps the name that was remembered
 * for its signature, else the name under which most of its pods were known, else it is named after its base. Every
 * namespace has a group with its own name, even without pods.
 */
export function allocate(
  parts: readonly Part[],
  namespaces: readonly string[],
  remembered: Allocation,
  pool: VlanPool,
): Allocated {
  const names = nameParts(parts, remembered);
  const signatures = new Map([...names].map(([part, name]) => [name, part.signatureHash]));
  const wanted = [...new Set([...namespaces, ...names.values()])].sort();
  const vlans = allocateVlans(wanted, remembered, pool);
  const groups = new Map<string, AllocatedGroup>();
  for (const name of wanted) {
    const vlan = vlans.get(name);
    const signature = signatures.get(name) ?? remembered.groups.get(name)?.signature ?? '';
    if (vlan !== undefined) groups.set(name, { name, vlan, signature });
  }
  const membership = new Map<PodKey, string>();
  for (const part of parts) for (const pod of part.members) membership.set(pod, names.get(part) ?? part.base);
  const exhausted = wanted.filter((name) => !vlans.has(name));
  return { names, vlans, allocation: { groups, membership }, findings: exhausted.map((name) => noVlan(name, pool)) };
}

function nameParts(parts: readonly Part[], remembered: Allocation): ReadonlyMap<Part, string> {
  const names = new Map<Part, string>();
  const byBase = new Map<string, Part[]>();
  for (const part of parts) byBase.set(part.base, [...(byBase.get(part.base) ?? []), part]);
  for (const [base, siblings] of byBase) nameSiblings(base, siblings, remembered, names);
  return names;
}

/** Names the parts of one base. The order of the three steps is the order of what must not move. */
function nameSiblings(base: string, siblings: readonly Part[], remembered: Allocation, names: Map<Part, string>): void {
  const taken = new Set<string>();
  const give = (part: Part, name: string): void => {
    names.set(part, name);
    taken.add(name);
  };
  for (const part of siblings) {
    const known = [...remembered.groups.values()].find(
      (group) => isOfBase(group.name, base) && group.signature === part.signatureHash && !taken.has(group.name),
    );
    if (known !== undefined) give(part, known.name);
  }
  for (const { part, name } of votes(base, siblings, remembered)) {
    if (!names.has(part) && !taken.has(name)) give(part, name);
  }
  const unnamed = siblings.filter((part) => !names.has(part)).sort((a, b) => b.members.length - a.members.length);
  for (const part of unnamed) {
    if (!taken.has(base)) give(part, base);
    else give(part, freeName(base, part.signatureHash, taken));
  }
}

/** Which part holds how many of the pods that a name had before, most pods first. */
function votes(
  base: string,
  siblings: readonly Part[],
  remembered: Allocation,
): readonly { part: Part; name: string; pods: number }[] {
  const counted = siblings.flatMap((part) => {
    const pods = new Map<string, number>();
    for (const member of part.members) {
      const name = remembered.membership.get(member);
      if (name !== undefined && isOfBase(name, base)) pods.set(name, (pods.get(name) ?? 0) + 1);
    }
    return [...pods].map(([name, count]) => ({ part, name, pods: count }));
  });
  return counted.sort((a, b) => b.pods - a.pods || (a.name < b.name ? -1 : 1));
}

const isOfBase = (name: string, base: string): boolean => name === base || name.startsWith(`${stemOf(base)}:`);

/** What the names of further parts begin with: the base, cut where a long namespace leaves no room. */
const stemOf = (base: string): string => aciName(base, BASE_LIMIT);

function freeName(base: string, signatureHash: string, taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${stemOf(base)}:${shortHash(`${signatureHash}${attempt === 0 ? '' : attempt}`)}`;
    if (!taken.has(name)) return name;
  }
}

/** Keeps remembered VLANs, then goes on above the highest one, so that a freed id is not given again at once. */
function allocateVlans(names: readonly string[], remembered: Allocation, pool: VlanPool): ReadonlyMap<string, number> {
  const vlans = new Map<string, number>();
  const used = new Set<number>();
  for (const name of names) {
    const vlan = remembered.groups.get(name)?.vlan;
    if (vlan === undefined || vlan < pool.from || vlan > pool.to || used.has(vlan)) continue;
    vlans.set(name, vlan);
    used.add(vlan);
  }
  const highest = Math.max(pool.from - 1, ...[...remembered.groups.values()].map((group) => group.vlan));
  const free = freeVlans(pool, Math.min(highest, pool.to), used);
  for (const name of names) {
    if (vlans.has(name)) continue;
    const { value } = free.next();
    if (value !== undefined) vlans.set(name, value);
  }
  return vlans;
}

function* freeVlans(pool: VlanPool, above: number, used: ReadonlySet<number>): Generator<number, undefined> {
  for (let vlan = above + 1; vlan <= pool.to; vlan += 1) if (!used.has(vlan)) yield vlan;
  for (let vlan = pool.from; vlan <= above; vlan += 1) if (!used.has(vlan)) yield vlan;
  return undefined;
}

function noVlan(name: string, pool: VlanPool): Finding {
  const message = `no VLAN is left in the pool ${pool.from}-${pool.to} for group '${name}'; its pods stay unreachable. Widen fabric.vlanPool`;
  return { code: 'VLANS_EXHAUSTED', severity: 'error', object: `Group/${name}`, message };
}
