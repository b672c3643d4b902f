import type { EpgMove } from '#mappers';
import type { NodePolicy } from '#model/node';
import type { Clock } from '#ports';
import type { DesiredState } from './desired-state.js';

/** What {@link PodMoves} needs. */
export interface PodMovesOptions {
  /** Dn of the EPG that a group is in the fabric. */
  readonly epgOf: (group: string) => string;
  /** Another value when a group may be another EPG than before. */
  readonly joined: () => unknown;
  /** Time that agents may take to follow what the policy store tells, in milliseconds. */
  readonly followMs: number;
  readonly clock: Clock;
}

/** Where pods shall be. Slices are work: they are not asked for while pods stay where they were. */
export type PlacedPods = Pick<DesiredState, 'placement' | 'nodes'>;

/** Where a host puts a pod. */
interface Place {
  readonly epg: string;
  readonly vlan: number;
}

/** Where a host was told to put its pods, and the list that said so last. */
interface Places {
  readonly endpoints: NodePolicy['endpoints'];
  readonly joined: unknown;
  /** False while it is not known whether the host was told of the list: then a pod may be where it was before, too. */
  readonly isSure: boolean;
  readonly byPod: ReadonlyMap<string, readonly Place[]>;
}

/**
 * Knows which pods go from one EPG to another: from where their hosts were told last to put them to where they shall. A move begins
 * with the slice that wants it, and ends when the hosts that were told have surely followed.
 */
export class PodMoves {
  readonly #options: PodMovesOptions;
  /** Where hosts were told to put their pods, by node. */
  readonly #places = new Map<string, Places>();
  /** Moves that hosts were told of, by their texts: not all hosts have followed until some time after the last of them. */
  readonly #told = new Map<string, EpgMove>();
  #toldAt: number | undefined;
  /** Moves that nobody was told of, of the state that was looked at last. */
  #coming: (PlacedPods & { readonly moves: readonly EpgMove[] }) | undefined;

  constructor(options: PodMovesOptions) {
    this.#options = options;
  }

  /** Takes in a slice that an earlier process left in the store: nobody knows how long ago the host was told. */
  found(slice: NodePolicy): void {
    if (this.#places.has(slice.node)) return;
    this.#note(slice);
    this.#coming = undefined;
    this.#toldAt = this.#options.clock.uptime();
  }

  /** Takes in a slice that is on its way: until {@link told} of one, the host may know any that were on their way. */
  telling(slice: NodePolicy): void {
    const known = this.#places.get(slice.node);
    if (known === undefined) return void this.#note(slice);
    const joined = this.#options.joined();
    if (isOf(known, slice, joined)) return;
    const byPod = new Map(known.byPod);
    for (const [pod, places] of this.#placesIn(slice)) byPod.set(pod, together(byPod.get(pod), places));
    this.#places.set(slice.node, { endpoints: slice.endpoints, joined, isSure: false, byPod });
    if ([...byPod.values()].some((places) => places.length > 1)) this.#coming = undefined;
  }

  /** Takes in a slice that was published. */
  told(slice: NodePolicy): void {
    const at = this.#options.clock.uptime();
    const before = this.#places.get(slice.node);
    const now = this.#note(slice);
    if (now === before) return;
    for (const [pod, places] of now.byPod) {
      for (const [from, to] of waysBetween(before?.byPod.get(pod), places)) {
        this.#toldAt = at;
        if (from !== to) this.#told.set(keyOf({ from, to }), { from, to });
      }
    }
  }

  /** Forgets a node that is gone. */
  gone(node: string): void {
    this.#places.delete(node);
    this.#lookAgain();
  }

  /** Time that agents may take to follow, in milliseconds. */
  get followMs(): number {
    return this.#options.followMs;
  }

  /** Milliseconds until the hosts that were told to put a pod elsewhere have surely followed; 0 when all have. */
  get hostsFollowInMs(): number {
    const { followMs, clock } = this.#options;
    if (this.#toldAt === undefined) return 0;
    return Math.max(0, this.#toldAt + followMs - clock.uptime());
  }

  /** Whether a pod shall go elsewhere than its host was told. */
  areComing(pods: PlacedPods): boolean {
    return this.#comingIn(pods).length > 0;
  }

  /** Moves that are not over: those that are wanted, and those of which hosts were told a moment ago. */
  underWay(pods: PlacedPods): readonly EpgMove[] {
    if (this.hostsFollowInMs === 0) this.#told.clear();
    const coming = this.#comingIn(pods);
    return this.#told.size === 0 ? coming : sorted([...coming, ...this.#told.values()]);
  }

  /** Of most changes the pods of a node are the same list as before, and so are their places. */
  #note(slice: NodePolicy): Places {
    const known = this.#places.get(slice.node);
    const joined = this.#options.joined();
    const places =
      known?.isSure === true && isOf(known, slice, joined)
        ? known
        : { endpoints: slice.endpoints, joined, isSure: true, byPod: this.#placesIn(slice) };
    this.#places.set(slice.node, places);
    this.#lookAgain();
    return places;
  }

  /** Hosts know more: what was to move may be told by now, and what was not is still not. */
  #lookAgain(): void {
    if (this.#coming?.moves.length !== 0) this.#coming = undefined;
  }

  #placesIn({ endpoints }: NodePolicy): ReadonlyMap<string, readonly [Place]> {
    const byPod = new Map<string, readonly [Place]>();
    for (const { pod, group, vlan } of endpoints) {
      if (vlan !== undefined) byPod.set(pod, [{ epg: this.#options.epgOf(group), vlan }]);
    }
    return byPod;
  }

  #comingIn(pods: PlacedPods): readonly EpgMove[] {
    if (this.#places.size === 0) return NO_MOVES;
    const { placement } = pods;
    // Of pods that stay where they are, none of which was to move, none is.
    if (this.#coming?.placement === placement && this.#coming.moves.length === 0) return NO_MOVES;
    const { nodes } = pods;
    if (this.#coming?.nodes !== nodes) this.#coming = { placement, nodes, moves: this.#movesTo(nodes) };
    return this.#coming.moves;
  }

  #movesTo(nodes: PlacedPods['nodes']): readonly EpgMove[] {
    const moves: EpgMove[] = [];
    for (const [node, { byPod }] of this.#places) {
      for (const { pod, group, vlan } of nodes.get(node)?.endpoints ?? []) {
        if (vlan === undefined) continue;
        const to = this.#options.epgOf(group);
        for (const { epg: from } of byPod.get(pod) ?? []) if (from !== to) moves.push({ from, to });
      }
    }
    return sorted(moves);
  }
}

const NO_MOVES: readonly EpgMove[] = [];

const isSame = (one: Place, other: Place): boolean => one.epg === other.epg && one.vlan === other.vlan;

const isOf = (places: Places, { endpoints }: NodePolicy, joined: unknown): boolean =>
  places.endpoints === endpoints && places.joined === joined;

/** Places of both, each once. */
function together(known: readonly Place[] = [], more: readonly Place[]): readonly Place[] {
  const others = more.filter((place) => !known.some((one) => isSame(one, place)));
  return others.length === 0 ? known : [...known, ...others];
}

/** EPGs between which a pod goes that was at one of some places and is at one of others. */
function waysBetween(
  before: readonly Place[] = [],
  after: readonly Place[],
): readonly (readonly [from: string, to: string])[] {
  return before.flatMap((from) => after.filter((to) => !isSame(from, to)).map((to) => [from.epg, to.epg] as const));
}

const keyOf = ({ from, to }: EpgMove): string => `${from} ${to}`;

/** Each move once, in an order that does not depend on who told of it. */
function sorted(moves: readonly EpgMove[]): readonly EpgMove[] {
  const byKey = new Map(moves.map((move) => [keyOf(move), move]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}
