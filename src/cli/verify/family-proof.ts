import { FabricPrints } from './fabric-prints.js';
import { checkFlows, type EndPorts, type Ends, type FlowContext } from './flow-check.js';
import type { Mentions } from './mentions.js';
import { PeerSets } from './peer-sets.js';
import type { Place } from './places.js';
import { rulesToward, type Side, type SideRule, Sides, sideText, usualRules } from './sides.js';
import type { Spot } from './spots.js';
import { type Tally, Total } from './tally.js';

/** A spot with everything that the verdicts of its flows read of it. */
interface Party {
  readonly spot: Spot;
  readonly egress: Side;
  readonly ingress: Side;
  /** Its ports that some policy names. */
  readonly ports: string;
  /** Number of what is so of it toward all for whom it is nothing special: policies, ports and fabric. */
  readonly kind: number;
}

/**
 * The flows between the spots of one family. Of two spots the verdicts read no more than: the rules of either side that
 * hold the other, the ports that these name, and the zoning rules between their classes. Pairs that are equal in all of
 * that have equal verdicts at equal points, so that one is checked for all of them. And all pairs of two spots that are
 * nothing special to each other (no rule of one has the other as an exception, and their classes have no zoning rules of
 * their own) are equal when their ends are of equal kinds: these pairs are counted and not looked at one by one.
 */
export class FamilyProof {
  readonly #context: FlowContext;
  readonly #sets: PeerSets;
  readonly #prints: FabricPrints;
  readonly #parties: readonly Party[];
  readonly #kinds: readonly (readonly Party[])[];
  readonly #byClass = new Map<string, Spot[]>();
  readonly #byPlace = new Map<Place, Spot[]>();
  readonly #specials = new Map<Party, ReadonlySet<Party>>();
  readonly #known = new Map<string, Tally>();
  readonly #total = new Total();

  constructor(context: FlowContext, mentions: Mentions, spots: readonly Spot[]) {
    this.#context = context;
    this.#sets = new PeerSets(spots);
    this.#prints = new FabricPrints(context.evaluator);
    const sides = new Sides(context.specification, this.#sets);
    const kinds = new Map<string, Party[]>();
    this.#parties = spots
      .map((spot) => {
        const [egress, ingress] = [sides.of(spot, 'Egress'), sides.of(spot, 'Ingress')];
        const named = (spot.place.endpoint.ports ?? []).filter(({ name }) => mentions.portNames.has(name ?? ''));
        return { spot, egress, ingress, ports: named.length === 0 ? '' : JSON.stringify(named) };
      })
      .map((half) => {
        const key = this.#kindOf(half);
        const members = kinds.get(key) ?? [];
        const kind = members[0]?.kind ?? kinds.size;
        kinds.set(key, members);
        const party = { ...half, kind };
        members.push(party);
        return party;
      });
    this.#kinds = [...kinds.values()];
    for (const spot of spots) {
      put(this.#byClass, spot.address.fabricClass ?? '', spot);
      put(this.#byPlace, spot.place, spot);
    }
  }

  /** Checks every pair; tells how many spots are done. */
  prove(onProgress: (done: number, of: number) => void): Tally {
    const special = new Map<number, number>();
    for (const [index, party] of this.#parties.entries()) {
      onProgress(index, this.#parties.length);
      for (const other of this.#specialTo(party)) {
        if (other.spot.index < party.spot.index) continue;
        const at = this.#cell(party, other);
        special.set(at, (special.get(at) ?? 0) + 1);
        this.#total.add(this.#pair(party, other), 1);
      }
    }
    for (const [index, some] of this.#kinds.entries()) {
      for (const others of this.#kinds.slice(index)) this.#generally(some, others, special);
    }
    return this.#total;
  }

  #kindOf(half: Omit<Party, 'kind'>): string {
    const { spot, egress, ingress, ports } = half;
    const usual = [egress, ingress].flatMap((side) =>
      (['pods', 'outside'] as const).map((among) => sideText(side, usualRules(side, among))),
    );
    // What explains an excess of joined groups is read by the names of both classes.
    const { fabricClass } = spot.address;
    const joined = this.#context.approximation.isApproximate(fabricClass) ? fabricClass : '';
    return JSON.stringify([spot.isPod, ...usual, ports, this.#prints.general(spot), joined]);
  }

  /** Those with whom something else may hold than generally: each once, with the spot itself and its place's others. */
  #specialTo({ spot, egress, ingress }: Party): readonly Party[] {
    const found = new Set<number>();
    for (const side of [egress, ingress]) {
      for (const { peers } of side.rules) for (const index of peers.exceptions) found.add(index);
    }
    for (const set of this.#sets.excepting(spot)) for (const index of set.users) found.add(index);
    for (const other of this.#partnersOf(spot)) found.add(other.index);
    return [...found]
      .sort((a, b) => a - b)
      .flatMap((index) => this.#parties[index] ?? [])
      .filter((other) => spot.isPod || other.spot.isPod);
  }

  /** Spots of classes with zoning rules of their own toward the spot's; everybody where an ipBlock cuts its EPG. */
  #partnersOf(spot: Spot): readonly Spot[] {
    const { evaluator, splitEpgs } = this.#context;
    const own = spot.address.fabricClass;
    const split = [...splitEpgs.keys()].flatMap((dn) => this.#byClass.get(dn) ?? []);
    const same = this.#byPlace.get(spot.place) ?? [];
    if (own === undefined) return [...same, ...split];
    if (splitEpgs.has(own)) return this.#parties.map((other) => other.spot);
    return [...same, ...split, ...[...evaluator.partnersOf(own)].flatMap((dn) => this.#byClass.get(dn) ?? [])];
  }

  #cell(a: Party, b: Party): number {
    return Math.min(a.kind, b.kind) * this.#kinds.length + Math.max(a.kind, b.kind);
  }

  /** All pairs of two kinds that are nothing special, by one of them. */
  #generally(some: readonly Party[], others: readonly Party[], special: ReadonlyMap<number, number>): void {
    const [one, other] = [some[0], others[0]];
    if (one === undefined || other === undefined || !(one.spot.isPod || other.spot.isPod)) return;
    const all = some === others ? (some.length * (some.length + 1)) / 2 : some.length * others.length;
    const left = all - (special.get(this.#cell(one, other)) ?? 0);
    if (left === 0) return;
    for (const party of some) {
      const not = this.#specials.get(party) ?? new Set(this.#specialTo(party));
      this.#specials.set(party, not);
      const found = others.find((candidate) => !not.has(candidate));
      if (found === undefined) continue;
      this.#total.add(this.#pair(party, found), left);
      return;
    }
  }

  /** The flows of one pair, both ways. */
  #pair(a: Party, b: Party): Tally {
    const there = [...rulesToward(a.egress, b.spot), ...rulesToward(b.ingress, a.spot)];
    const back = [...rulesToward(b.egress, a.spot), ...rulesToward(a.ingress, b.spot)];
    const key = this.#keyOf(a, b);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const total = new Total();
    for (const { ends, ports } of directions(a, b, { there: portsOf(there), back: portsOf(back) })) {
      total.add(checkFlows(this.#context, ends, ports), 1);
    }
    if (key !== undefined) this.#known.set(key, total);
    return total;
  }

  /** Undefined where the verdicts read more than the two: other addresses of an EPG that an ipBlock cuts. */
  #keyOf(a: Party, b: Party): string | undefined {
    const { splitEpgs, approximation } = this.#context;
    const classes = [a, b].map(({ spot }) => spot.address.fabricClass ?? '');
    if (classes.some((dn) => splitEpgs.has(dn))) return undefined;
    const joined = classes.some((dn) => approximation.isApproximate(dn)) ? classes : [];
    const says = (side: Side, other: Party): string => sideText(side, rulesToward(side, other.spot));
    // Inside a class there are flows between two members, if there are two.
    const inside = a.spot.place === b.spot.place ? [a === b, a.spot.twin === undefined] : [];
    const policies = [says(a.egress, b), says(b.ingress, a), says(b.egress, a), says(a.ingress, b)];
    const fabric = [this.#prints.between(a.spot, b.spot), this.#prints.between(b.spot, a.spot)];
    return [...policies, a.ports, b.ports, ...fabric, ...inside, ...joined].join('\u0000');
  }
}

function put<Key>(map: Map<Key, Spot[]>, key: Key, spot: Spot): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [spot]);
  else list.push(spot);
}

const portsOf = (rules: readonly SideRule[]): EndPorts['there'] => rules.flatMap(({ ports }) => ports);

/** The ways in which flows of a pair run: both, and inside a class from one member to the other, if there are two. */
function directions(
  { spot: a }: Party,
  { spot: b }: Party,
  ports: EndPorts,
): readonly { readonly ends: Ends; readonly ports: EndPorts }[] {
  const turned = { there: ports.back, back: ports.there };
  const inside = a.place === b.place;
  const way = (from: Spot, to: Spot): readonly Ends[] => {
    const last = inside ? to.twin : to;
    return last === undefined
      ? []
      : [{ source: from.place, from: from.address, destination: last.place, to: last.address }];
  };
  return [
    ...way(a, b).map((ends) => ({ ends, ports })),
    ...(a === b ? [] : way(b, a).map((ends) => ({ ends, ports: turned }))),
  ];
}
