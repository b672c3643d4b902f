import { epgDn, externalDn } from '#mappers';
import { allowsConn, type ConnSet, NOTHING, type Protocol, unionConn } from '#model/net';
import {
  type CompiledPolicy,
  type Group,
  type GroupFacts,
  type GroupName,
  generally,
  type PolicyTables,
  tablesOf,
} from '#model/policy';
import type { FabricSettings } from '#model/settings';

/** A flow between two classes of the fabric. */
export interface ClassFlow {
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly family: 4 | 6;
  readonly protocol: Protocol;
  readonly port: number;
  readonly sourcePort: number;
}

/** What the fabric is meant to permit where groups are joined: more than the policies, and no more than any of the groups may. */
export class Approximation {
  readonly #tables: PolicyTables;
  readonly #groups = new Map<string, GroupFacts[]>();
  readonly #approximate = new Set<string>();

  /** `policy` is the one with joined groups, `approximate` those of its groups that permit something that one of theirs did not. */
  constructor(policy: CompiledPolicy, approximate: ReadonlySet<GroupName>, settings: FabricSettings) {
    this.#tables = tablesOf(policy);
    for (const group of policy.groups) {
      const dn = dnOf(group, settings);
      this.#groups.set(dn, [...(this.#groups.get(dn) ?? []), group]);
      if (approximate.has(group.name)) this.#approximate.add(dn);
    }
  }

  /** Whether the class stands for joined groups of which some got more. */
  isApproximate(dn: string | undefined): boolean {
    return dn !== undefined && this.#approximate.has(dn);
  }

  /** Whether the flow passes because groups are joined: finding FABRIC_APPROXIMATED. */
  explains({ source, destination, family, protocol, port, sourcePort }: ClassFlow): boolean {
    if (!this.isApproximate(source) && !this.isApproximate(destination)) return false;
    const [from, to] = [this.#groups.get(source ?? '') ?? [], this.#groups.get(destination ?? '') ?? []];
    const forward = this.#union(from, to, family);
    if (allowsConn(forward, protocol, port)) return true;
    if (protocol === 'tcp') return false;
    const back = this.#union(to, from, family);
    if (protocol === 'udp') return allowsConn(back, 'udp', sourcePort);
    return forward.sctp.length + back.sctp.length > 0;
  }

  #union(from: readonly GroupFacts[], to: readonly GroupFacts[], family: 4 | 6): ConnSet {
    const key = family === 4 ? 'ipv4' : 'ipv6';
    return from
      .flatMap((a) => to.map((b) => (this.#tables.pair(a.name, b.name) ?? generally(a, b)).connections[key]))
      .reduce(unionConn, NOTHING);
  }
}

function dnOf(group: Group, settings: FabricSettings): string {
  if (group.kind === 'pods') return epgDn(settings, group.name);
  return group.kind === 'foreign' ? group.dn : externalDn(settings, group.name);
}
