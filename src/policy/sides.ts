import { type ConnSet, connOf, type Protocol, portSet, unionConn } from '#model/net';
import type { FamilyConnections } from '#model/policy';
import type { ConnectionTable } from './connection-table.js';
import type { FamilyMask } from './family-mask.js';
import type { NamedPeer, NamedPorts, Party, PodParty, PolicyEntry, Rule, Side } from './parties.js';
import { isIsolating } from './rules.js';

/** What the sides are computed with. */
export interface SideContext {
  readonly connections: ConnectionTable;
  /** Parties of pods that declare a port name. */
  readonly partiesNaming: (portName: string) => Iterable<PodParty>;
}

type Direction = 'ingress' | 'egress';

/** A rule that matches a peer, in the families in which it does. */
interface Hit {
  readonly rule: Rule;
  families: FamilyMask;
}

/** The side of a party that no policy speaks of: it grants everything to everyone. */
export const freeSide = (connections: ConnectionTable): Side => ({
  isolated: false,
  pods: connections.everything,
  outside: connections.everything,
  everyone: [],
  named: new Map(),
});

/**
 * One direction of a party (policy.md §3.3): what its policies grant everyone, and what they grant the parties that a
 * rule names. Policies of the three tiers are folded into one set of connections for each peer (policy.md K1–K3, K6).
 */
export function sideOf(party: PodParty, direction: Direction, context: SideContext): Side {
  const ordered = rulesInOrder(party.subjects, direction);
  if (ordered === undefined) return freeSide(context.connections);
  const fold = new Fold(ordered.isolated, party, direction, context.connections);
  const everyone = ordered.rules.flatMap((rule): readonly Hit[] =>
    rule.everyPod === 0 && rule.everyOutside === 0 ? [] : [{ rule, families: 0 }],
  );
  const everyPod = everyone.map(({ rule }) => ({ rule, families: rule.everyPod }));
  const everyOutside = everyone.map(({ rule }) => ({ rule, families: rule.everyOutside }));
  const named = new Map<Party, NamedPeer>();
  for (const [peer, hits] of namedHits(ordered.rules, direction, context)) {
    const general = peer.kind === 'pods' ? everyPod : everyOutside;
    const all = merged(ordered.rules, general, hits);
    named.set(peer, { connections: fold.of(all, peer), rules: hits.map(({ rule }) => rule) });
  }
  return {
    isolated: ordered.isolated,
    pods: fold.of(everyPod, undefined),
    outside: fold.of(everyOutside, undefined),
    everyone: everyone.map(({ rule }) => rule),
    named,
  };
}

/** Rules of the direction in the order in which they decide; undefined when no policy speaks of it. */
export function rulesInOrder(
  subjects: readonly PolicyEntry[],
  direction: Direction,
): { readonly rules: readonly Rule[]; readonly isolated: boolean } | undefined {
  const speaking = subjects.filter((policy) => policy[direction] !== undefined);
  if (speaking.length === 0) return undefined;
  const of = (tier: PolicyEntry['tier']): readonly PolicyEntry[] =>
    inPrecedence(speaking.filter((policy) => policy.tier === tier));
  const network = of('network');
  const rules = [...of('admin'), ...network, ...of('baseline')].flatMap((policy) => policy[direction] ?? []);
  return { rules, isolated: network.some(isIsolating) };
}

/** Sorts in place where that is needed. */
function inPrecedence(policies: PolicyEntry[]): readonly PolicyEntry[] {
  const isSorted = policies.every((policy, index) => {
    const before = policies[index - 1];
    return before === undefined || byPrecedence(before, policy) < 0;
  });
  return isSorted ? policies : policies.sort(byPrecedence);
}

/** Equal priorities are decided by name, then by kind (policy.md K2); NetworkPolicies have no order. */
export const byPrecedence = (a: PolicyEntry, b: PolicyEntry): number =>
  a.priority - b.priority || compareTexts(a.view.name, b.view.name) || compareTexts(a.key, b.key);

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Parties that some rule names, with the rules that do, in order. */
function namedHits(rules: readonly Rule[], direction: Direction, context: SideContext): Map<Party, Hit[]> {
  const found = new Map<Party, Hit[]>();
  const note = (peer: Party, rule: Rule, families: FamilyMask): void => {
    const hits = found.get(peer);
    if (hits === undefined) {
      found.set(peer, [{ rule, families }]);
      return;
    }
    const last = hits.at(-1);
    if (last?.rule === rule) last.families |= families;
    else hits.push({ rule, families });
  };
  for (const rule of rules) {
    for (const atom of rule.atoms) for (const [peer, families] of atom.parties) note(peer, rule, families);
    if (direction === 'ingress' || rule.everyPod === 0) continue;
    // A port name means another number on each destination: whoever has it is named by it.
    for (const name of rule.names) for (const peer of context.partiesNaming(name)) note(peer, rule, rule.everyPod);
  }
  return found;
}

/** Hits of both lists in the order of the rules; a rule in both counts once, in the families of either. */
function merged(rules: readonly Rule[], general: readonly Hit[], named: readonly Hit[]): readonly Hit[] {
  if (general.length === 0) return named;
  const families = new Map<Rule, FamilyMask>();
  for (const hit of [...general, ...named]) families.set(hit.rule, (families.get(hit.rule) ?? 0) | hit.families);
  return rules.flatMap((rule) => {
    const found = families.get(rule);
    return found === undefined ? [] : [{ rule, families: found }];
  });
}

/** Folds matching rules into connections. */
class Fold {
  readonly #isolated: boolean;
  readonly #party: PodParty;
  readonly #direction: Direction;
  readonly #connections: ConnectionTable;

  constructor(isolated: boolean, party: PodParty, direction: Direction, connections: ConnectionTable) {
    this.#isolated = isolated;
    this.#party = party;
    this.#direction = direction;
    this.#connections = connections;
  }

  /** What the hits grant toward a peer; without a peer, toward those that no rule names. */
  of(hits: readonly Hit[], peer: Party | undefined): FamilyConnections {
    const destination = this.#direction === 'ingress' ? this.#party : peer;
    const ports = destination?.kind === 'pods' ? destination.ports : NO_PORTS;
    return this.#fold(hits, ports);
  }

  #fold(hits: readonly Hit[], ports: NamedPorts): FamilyConnections {
    const table = this.#connections;
    const grant = ({ rule, families }: Hit): FamilyConnections => table.only(this.#whole(rule, ports), families);
    let allowed = table.nothing;
    let open = table.everything;
    const decide = (hit: Hit, onPass: (passed: FamilyConnections) => void): void => {
      const decided = table.intersect(grant(hit), open);
      if (hit.rule.action === 'allow') allowed = table.union(allowed, decided);
      else if (hit.rule.action === 'pass') onPass(decided);
      open = table.subtract(open, decided);
    };
    let toNext = table.nothing;
    for (const hit of hits) {
      if (hit.rule.policy.tier !== 'admin') continue;
      decide(hit, (passed) => {
        toNext = table.union(toNext, passed);
      });
    }
    open = table.union(open, toNext);
    // Where nothing isolates, only additive policies are in this tier: what they allow, the next one is not asked about.
    let union = table.nothing;
    for (const hit of hits) if (hit.rule.policy.tier === 'network') union = table.union(union, grant(hit));
    allowed = table.union(allowed, table.intersect(open, union));
    if (this.#isolated) return allowed;
    open = table.subtract(open, union);
    // Behind the last tier nothing decides: what it passes on is allowed, as is what it does not decide.
    for (const hit of hits) {
      if (hit.rule.policy.tier !== 'baseline') continue;
      decide(hit, (passed) => {
        allowed = table.union(allowed, passed);
      });
    }
    return table.union(allowed, open);
  }

  /** What a rule grants where it matches. By number that is the same everywhere, and worked out once. */
  #whole(rule: Rule, ports: NamedPorts): FamilyConnections {
    if (rule.names.length > 0 && ports.size > 0) {
      const set = unionConn(rule.ports, namedPorts(rule.names, ports));
      return this.#connections.of(set, set);
    }
    rule.list.granted ??= this.#connections.of(rule.ports, rule.ports);
    return rule.list.granted;
  }
}

const NO_PORTS: NamedPorts = new Map();

/** Numbers that the names have on the destination. */
function namedPorts(names: readonly string[], ports: NamedPorts): ConnSet {
  const sets = names.map((name) => {
    const protocol = name.slice(0, name.indexOf(' ')) as Protocol;
    return connOf(protocol, portSet((ports.get(name) ?? []).map((number) => [number, number])));
  });
  return sets.reduce(unionConn, connOf('tcp', []));
}
