import type { FamilyConnections, RuleReference } from '#model/policy';
import type { ConnectionTable } from './connection-table.js';
import type { NamedPeer, Party, Rule, Side } from './parties.js';
import { PrintedRows } from './printed-rows.js';
import { freeSide } from './sides.js';

/**
 * The matrix M(i,j) = egress of i ∩ ingress of j (policy.md §3.3), as exceptions: only pairs that a rule names and whose
 * connections are not what both sides grant everyone. Pairs of two outside parties are left out.
 */
export class PairTable {
  readonly #connections: ConnectionTable;
  readonly #free: Side;
  readonly #rows: PrintedRows;
  readonly #columns: PrintedRows;
  /** Who names a party in its ingress, and in its egress. */
  readonly #admitting = new Map<Party, Set<Party>>();
  readonly #reaching = new Map<Party, Set<Party>>();

  constructor(connections: ConnectionTable) {
    this.#connections = connections;
    this.#free = freeSide(connections);
    this.#rows = new PrintedRows(connections);
    this.#columns = new PrintedRows(connections);
  }

  /** Exceptions of the party as source. */
  row(source: Party): ReadonlyMap<Party, FamilyConnections> {
    return this.#rows.of(source);
  }

  /** Exceptions of the party as destination. */
  column(destination: Party): ReadonlyMap<Party, FamilyConnections> {
    return this.#columns.of(destination);
  }

  /** A fingerprint of the party's row and column: equal ones have equal prints, but not only they. */
  print(party: Party): string {
    return `${this.#rows.print(party)};${this.#columns.print(party)}`;
  }

  /** Whether the rows and the columns of two parties are equal. */
  alike(a: Party, b: Party): boolean {
    return this.#rows.same(a, b) && this.#columns.same(a, b);
  }

  /** What the source may open toward the destination. */
  between(source: Party, destination: Party): FamilyConnections {
    return this.#rows.of(source).get(destination) ?? this.#general(source, destination);
  }

  /** Rules that the pair's connections come from. */
  why(source: Party, destination: Party): readonly RuleReference[] {
    return [...reasons(source.egress, destination), ...reasons(destination.ingress, source)];
  }

  /**
   * Puts new sides on a party and computes the pairs that they may change. Gives the other ends of pairs that differ, in
   * what they allow or in the rules behind it, the party as source and as destination.
   */
  setSides(party: Party, sides: { readonly egress: Side; readonly ingress: Side }): ChangedPairs {
    const before = { egress: party.egress, ingress: party.ingress };
    renote(this.#reaching, party, before.egress.named, sides.egress.named);
    renote(this.#admitting, party, before.ingress.named, sides.ingress.named);
    party.egress = sides.egress;
    party.ingress = sides.ingress;
    const asSource = new Set([...before.egress.named.keys(), ...sides.egress.named.keys()]);
    const asDestination = new Set([...before.ingress.named.keys(), ...sides.ingress.named.keys()]);
    if (!sameGeneral(before.egress, sides.egress)) addAll(asSource, this.#admitting.get(party));
    if (!sameGeneral(before.ingress, sides.ingress)) addAll(asDestination, this.#reaching.get(party));
    const anew = {
      egress: differentEveryone(before.egress, sides.egress),
      ingress: differentEveryone(before.ingress, sides.ingress),
    };
    if (anew.egress.size > 0) addAll(asSource, this.row(party).keys());
    if (anew.ingress.size > 0) addAll(asDestination, this.column(party).keys());
    const isDifferent = (other: Party, direction: 'egress' | 'ingress'): boolean => {
      const [source, destination] = direction === 'egress' ? [party, other] : [other, party];
      const computed = this.#compute(source, destination);
      if (computed || anew[direction].has(other.kind)) return true;
      return !sameReasons(before[direction].named.get(other)?.rules, sides[direction].named.get(other)?.rules);
    };
    return {
      destinations: [...asSource].filter((other) => isDifferent(other, 'egress')),
      sources: [...asDestination].filter((other) => isDifferent(other, 'ingress')),
    };
  }

  /**
   * Takes a party out with all its pairs; gives the parties at their other ends. Sides of others that still name it are
   * to be set anew.
   */
  remove(party: Party): readonly Party[] {
    const others = [...this.row(party).keys(), ...this.column(party).keys()];
    renote(this.#reaching, party, party.egress.named, NOBODY);
    renote(this.#admitting, party, party.ingress.named, NOBODY);
    party.egress = this.#free;
    party.ingress = this.#free;
    for (const other of this.row(party).keys()) this.#columns.set(other, party, undefined);
    for (const other of this.column(party).keys()) this.#rows.set(other, party, undefined);
    this.#rows.delete(party);
    this.#columns.delete(party);
    this.#reaching.delete(party);
    this.#admitting.delete(party);
    return others;
  }

  #general(source: Party, destination: Party): FamilyConnections {
    return this.#common(generally(source.egress, destination), generally(destination.ingress, source), [
      source,
      destination,
    ]);
  }

  /** Computes one pair; gives whether it differs from before. */
  #compute(source: Party, destination: Party): boolean {
    if (source.kind === 'outside' && destination.kind === 'outside') return false;
    const out = source.egress.named.get(destination)?.connections ?? generally(source.egress, destination);
    const into = destination.ingress.named.get(source)?.connections ?? generally(destination.ingress, source);
    const whole = this.#common(out, into, [source, destination]);
    const exception = whole === this.#general(source, destination) ? undefined : whole;
    if (this.row(source).get(destination) === exception) return false;
    this.#rows.set(source, destination, exception);
    this.#columns.set(destination, source, exception);
    return true;
  }

  #common(a: FamilyConnections, b: FamilyConnections, [source, destination]: [Party, Party]): FamilyConnections {
    return this.#connections.within(this.#connections.intersect(a, b), source.families & destination.families);
  }
}

/** The other ends of pairs that changed. */
export interface ChangedPairs {
  readonly destinations: readonly Party[];
  readonly sources: readonly Party[];
}

const NOBODY: ReadonlyMap<Party, NamedPeer> = new Map();

const generally = (side: Side, peer: Party): FamilyConnections => (peer.kind === 'pods' ? side.pods : side.outside);

const sameGeneral = (a: Side, b: Side): boolean => a.pods === b.pods && a.outside === b.outside;

const NO_RULES: readonly Rule[] = [];

const sameReasons = (a: readonly Rule[] = NO_RULES, b: readonly Rule[] = NO_RULES): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every(({ reference: { policy, rule } }, index) => {
      const other = b[index]?.reference;
      return policy === other?.policy && rule === other.rule;
    }));

/** Kinds of peers that other rules for everyone hold for than before. */
function differentEveryone(a: Side, b: Side): ReadonlySet<Party['kind']> {
  if (a.everyone.length === 0 && b.everyone.length === 0) return NO_KINDS;
  return new Set((['pods', 'outside'] as const).filter((kind) => !sameReasons(rulesFor(a, kind), rulesFor(b, kind))));
}

const NO_KINDS: ReadonlySet<Party['kind']> = new Set();

/** Rules of the side for everyone of the kind. */
const rulesFor = ({ everyone }: Side, kind: Party['kind']): readonly Rule[] =>
  everyone.filter((rule) => (kind === 'pods' ? rule.everyPod : rule.everyOutside) !== 0);

const reasons = (side: Side, peer: Party): readonly RuleReference[] =>
  [...rulesFor(side, peer.kind), ...(side.named.get(peer)?.rules ?? NO_RULES)].map((rule) => rule.reference);

/** Moves the notes of who names whom from the peers of before to those of now. */
function renote(
  notes: Map<Party, Set<Party>>,
  party: Party,
  before: ReadonlyMap<Party, NamedPeer>,
  now: ReadonlyMap<Party, NamedPeer>,
): void {
  for (const peer of before.keys()) if (!now.has(peer)) notes.get(peer)?.delete(party);
  for (const peer of now.keys()) {
    if (before.has(peer)) continue;
    const namers = notes.get(peer);
    if (namers === undefined) notes.set(peer, new Set([party]));
    else namers.add(party);
  }
}

function addAll(set: Set<Party>, more: Iterable<Party> | undefined): void {
  for (const item of more ?? []) set.add(item);
}
