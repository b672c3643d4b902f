import { isAllPorts } from '#model/net';
import type { FamilyConnections, Finding, GroupName } from '#model/policy';
import { APPROXIMATED, APPROXIMATED_CODES, type Approximated } from './approximated-protocols.js';
import type { PolicyCompiler } from './compiler.js';
import { FAMILIES, FAMILY_BIT } from './family-mask.js';
import { type Direction, isolating } from './isolating.js';
import type { Party, PodParty } from './parties.js';

/** How the fabric has the groups. */
export interface OpenGroups {
  /** Groups of the fabric that are open to the whole VRF. */
  readonly open: ReadonlySet<GroupName>;
  /** The fabric's group that a group is in. */
  readonly fabricGroupOf: (group: GroupName) => GroupName;
}

/**
 * Policies that the fabric does not keep because groups are open to the whole VRF (policy.md §3.6, vzAny): what looks like
 * answers of theirs passes to everyone, which is all UDP and all SCTP. Named are the policies by which somebody forbids an
 * open group some of that, or an open group itself. One finding a policy and code. What a direction grants everyone is
 * looked at once, and the peers that its rules name: never all pairs.
 */
export function openToAll(compiler: PolicyCompiler, groups: OpenGroups): readonly Finding[] {
  if (groups.open.size === 0) return [];
  const search = new Search(compiler, groups);
  for (const party of compiler.parties.pods()) search.look(party);
  return search.findings();
}

class Search {
  readonly #compiler: PolicyCompiler;
  readonly #groups: OpenGroups;
  /** Parties of open groups. */
  readonly #open: readonly Party[];
  readonly #isOpen: ReadonlySet<Party>;
  readonly #found: Readonly<Record<Approximated, Set<string>>> = { udp: new Set(), sctp: new Set() };

  constructor(compiler: PolicyCompiler, groups: OpenGroups) {
    this.#compiler = compiler;
    this.#groups = groups;
    const parties = [...compiler.parties.pods(), ...compiler.parties.outside()];
    this.#open = parties.filter((party) => groups.open.has(this.#fabricGroupOf(party)));
    this.#isOpen = new Set(this.#open);
  }

  findings(): readonly Finding[] {
    return APPROXIMATED.flatMap((protocol) =>
      [...this.#found[protocol]].sort().map((object) => ({
        code: APPROXIMATED_CODES[protocol],
        severity: 'info' as const,
        object,
        message: MESSAGES[protocol],
      })),
    );
  }

  /** What open groups reach of the party, and the party others if it is open. */
  look(party: PodParty): void {
    for (const other of this.#openNamed(party.ingress.named)) this.#note(party, 'ingress', other);
    for (const other of this.#strangers(party)) this.#note(party, 'ingress', other);
    if (!this.#isOpen.has(party)) return;
    for (const other of party.egress.named.keys()) this.#note(party, 'egress', other);
  }

  /** Open parties among the named: the shorter of the two lists is gone through. */
  #openNamed(named: ReadonlyMap<Party, unknown>): readonly Party[] {
    return named.size < this.#open.length
      ? [...named.keys()].filter((other) => this.#isOpen.has(other))
      : this.#open.filter((other) => named.has(other));
  }

  /** Open parties that no rule of the party names, one for all that it grants the same and not everything. */
  *#strangers(party: PodParty): Generator<Party> {
    const { named, pods, outside } = party.ingress;
    for (const [kind, general] of [['pods', pods] as const, ['outside', outside] as const]) {
      for (const family of FAMILIES) {
        const families = party.families & FAMILY_BIT[family];
        if (families === 0 || APPROXIMATED.every((protocol) => isWhole(general, family, protocol))) continue;
        const stranger = this.#open.find(
          (other) =>
            other.kind === kind &&
            (other.families & families) !== 0 &&
            !named.has(other) &&
            this.#isApart(party, other),
        );
        if (stranger !== undefined) yield stranger;
      }
    }
  }

  #note(party: PodParty, direction: Direction, other: Party): void {
    if (!this.#isApart(party, other)) return;
    const side = party[direction];
    const grants = side.named.get(other)?.connections ?? (other.kind === 'pods' ? side.pods : side.outside);
    const families = FAMILIES.filter((family) => (party.families & other.families & FAMILY_BIT[family]) !== 0);
    for (const protocol of APPROXIMATED) {
      if (families.every((family) => isWhole(grants, family, protocol))) continue;
      for (const policy of isolating({ party, direction, other }, protocol)) this.#found[protocol].add(policy);
    }
  }

  /** What holds for the whole VRF does not hold inside a group of the fabric. */
  #isApart(party: Party, other: Party): boolean {
    return this.#fabricGroupOf(party) !== this.#fabricGroupOf(other);
  }

  #fabricGroupOf(party: Party): GroupName {
    return this.#groups.fabricGroupOf(this.#compiler.groups.of(party)?.name ?? '');
  }
}

const isWhole = (connections: FamilyConnections, family: 4 | 6, protocol: Approximated): boolean =>
  isAllPorts(connections[family === 4 ? 'ipv4' : 'ipv6'][protocol]);

const MESSAGES: Readonly<Record<Approximated, string>> = {
  udp: 'isolates pods that UDP of open groups reaches all the same, or forbids such a group some UDP: groups that nothing isolates are open to the whole VRF (vzAny), and the fabric keeps no UDP state and permits to everyone what looks like their answers; the host agents track connections and are exact',
  sctp: 'isolates pods that SCTP of open groups reaches all the same, or forbids such a group some SCTP: groups that nothing isolates are open to the whole VRF (vzAny), and the fabric permits their SCTP to everyone; the host agents are exact',
};
