import { comparePrefixes, containsPrefix, formatConn, formatPrefix, type Prefix, unionConn } from '#model/net';
import {
  type AdminOpening,
  type CompiledPolicy,
  type ExternalGroup,
  type FamilyConnections,
  type Group,
  type GroupName,
  generally,
  type Pair,
} from '#model/policy';

/** How groups of the fabric are found in the policy. */
export interface OpeningContext {
  /** Dn of the EPG or external EPG that a group of the policy is in the fabric. */
  readonly dnOf: (group: Group) => string;
  /** Prefixes of an EPG or external EPG that is no group of the policy; none where they are not known. */
  readonly prefixesOf: (dn: string) => readonly Prefix[];
}

/** Stands for every group of the VRF. */
const ANY = 'any';

/**
 * The policy with what admins have opened in the fabric added (hosts = exact ∪ admin-opened): pairs that are named keep what
 * they have and get what the contract opens, with the contract as the reason. Groups of the fabric that the policy does not
 * know get a group of their own, carved out of that which held their addresses, with everything that it had. The policy that
 * is given stays as it is. Pure.
 */
export function openedByAdmins(
  compiled: CompiledPolicy,
  openings: readonly AdminOpening[],
  context: OpeningContext,
): CompiledPolicy {
  if (openings.length === 0) return compiled;
  const widened = new WidenedPolicy(compiled, context);
  // All groups first: what one contract opens to a group is not opened to addresses that are carved out of it.
  for (const { source, destination } of openings) widened.find(source, destination);
  for (const opening of openings) widened.open(opening);
  return widened.result();
}

type OutsideGroup = Exclude<Group, { kind: 'pods' }>;

class WidenedPolicy {
  readonly #compiled: CompiledPolicy;
  readonly #prefixesOf: OpeningContext['prefixesOf'];
  readonly #groups: Map<GroupName, Group>;
  readonly #pairs: Map<string, Pair>;
  readonly #byDn = new Map<string, readonly GroupName[]>();

  constructor(compiled: CompiledPolicy, { dnOf, prefixesOf }: OpeningContext) {
    this.#compiled = compiled;
    this.#prefixesOf = prefixesOf;
    this.#groups = new Map(compiled.groups.map((group) => [group.name, group]));
    this.#pairs = new Map(compiled.pairs.map((pair) => [keyOf(pair.source, pair.destination), pair]));
    for (const group of compiled.groups) {
      const dn = dnOf(group);
      this.#byDn.set(dn, [...(this.#byDn.get(dn) ?? []), group.name]);
    }
  }

  /** Makes groups of what the policy does not know. */
  find(...dns: readonly string[]): void {
    for (const dn of dns) if (dn !== ANY) this.#groupsOf(dn);
  }

  open({ contract, source, destination, connections }: AdminOpening): void {
    for (const from of this.#groupsOf(source)) {
      for (const to of this.#groupsOf(destination)) this.#widen(from, to, connections, contract);
    }
  }

  result(): CompiledPolicy {
    const pairs = [...this.#pairs.values()].sort(
      (a, b) => compare(a.source, b.source) || compare(a.destination, b.destination),
    );
    return { ...this.#compiled, groups: [...this.#groups.values()], pairs };
  }

  #groupsOf(dn: string): readonly GroupName[] {
    if (dn === ANY) return [...this.#groups.keys()];
    const known = this.#byDn.get(dn);
    if (known !== undefined) return known;
    const carved = this.#carve(dn, this.#prefixesOf(dn));
    this.#byDn.set(dn, carved);
    return carved;
  }

  #widen(source: GroupName, destination: GroupName, opened: FamilyConnections, contract: string): void {
    const [from, to] = [this.#groups.get(source), this.#groups.get(destination)];
    if (from === undefined || to === undefined || (from.kind !== 'pods' && to.kind !== 'pods')) return;
    const before = this.#pairs.get(keyOf(source, destination)) ?? { source, destination, ...generally(from, to) };
    const connections = {
      ipv4: unionConn(before.connections.ipv4, opened.ipv4),
      ipv6: unionConn(before.connections.ipv6, opened.ipv6),
    };
    if (isSame(connections, before.connections)) return;
    const reason = { policy: `ACI/${contract}`, direction: 'ingress', rule: 0 } as const;
    const why = before.why.some(({ policy }) => policy === reason.policy) ? before.why : [...before.why, reason];
    this.#pairs.set(keyOf(source, destination), { source, destination, connections, why });
  }

  /** Groups for addresses that belong to another group of the policy, one for each that they are taken from. */
  #carve(dn: string, prefixes: readonly Prefix[]): readonly GroupName[] {
    const parts = new Map<GroupName, { base: OutsideGroup; prefixes: Prefix[] }>();
    for (const prefix of [...prefixes].sort(comparePrefixes)) {
      const base = this.#holderOf(prefix);
      if (base === undefined) continue;
      const part = parts.get(base.name) ?? { base, prefixes: [] };
      part.prefixes.push(prefix);
      parts.set(base.name, part);
    }
    return [...parts.values()].map(({ base, prefixes: own }) => this.#split(dn, base, own));
  }

  /** The outside group that holds the prefix, by the longest of its prefixes. */
  #holderOf(prefix: Prefix): OutsideGroup | undefined {
    let best: { readonly group: OutsideGroup; readonly length: number } | undefined;
    for (const group of this.#groups.values()) {
      if (group.kind === 'pods') continue;
      for (const outer of group.prefixes) {
        if (!containsPrefix(outer, prefix) || (best !== undefined && best.length >= outer.length)) continue;
        best = { group, length: outer.length };
      }
    }
    return best?.group;
  }

  #split(dn: string, base: OutsideGroup, prefixes: readonly Prefix[]): GroupName {
    const family = prefixes[0]?.family ?? 4;
    const name = `${dn} ${base.name}`;
    const group: ExternalGroup = { kind: 'external', name, family, prefixes };
    // Pairs of the new group first: they say what its addresses had where they were.
    const copies = [...this.#pairs.values()].flatMap((pair): readonly Pair[] => [
      ...(pair.source === base.name ? [{ ...pair, source: name }] : []),
      ...(pair.destination === base.name ? [{ ...pair, destination: name }] : []),
    ]);
    for (const pair of copies) this.#pairs.set(keyOf(pair.source, pair.destination), pair);
    this.#groups.set(name, group);
    this.#take(base, prefixes);
    return name;
  }

  /** Of an address that both would have, it is the fabric's group that the fabric sees. */
  #take(base: OutsideGroup, prefixes: readonly Prefix[]): void {
    const taken = new Set(prefixes.map(formatPrefix));
    const left = base.prefixes.filter((prefix) => !taken.has(formatPrefix(prefix)));
    if (left.length === base.prefixes.length) return;
    if (left.length > 0) {
      this.#groups.set(base.name, { ...base, prefixes: left });
      return;
    }
    this.#groups.delete(base.name);
    for (const [key, { source, destination }] of this.#pairs) {
      if (source === base.name || destination === base.name) this.#pairs.delete(key);
    }
  }
}

const keyOf = (source: GroupName, destination: GroupName): string => `${source}\n${destination}`;

const isSame = (a: FamilyConnections, b: FamilyConnections): boolean =>
  formatConn(a.ipv4) === formatConn(b.ipv4) && formatConn(a.ipv6) === formatConn(b.ipv6);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
