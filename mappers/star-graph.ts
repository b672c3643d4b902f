import type { GroupName } from '#model/policy';
import type { Flows } from './contract-plan.js';
import { type Cover, coverKeeping, minimumCover } from './vertex-cover.js';

/** A consumer and a provider that may talk, the policies behind it, and the star that it lies in. */
export interface StarEdge {
  readonly consumer: GroupName;
  readonly provider: GroupName;
  readonly sources: readonly string[];
  star: Star | undefined;
}

/** One contract: an anchor on one side, and whoever it talks with on the other (policy.md §3.7). */
export interface Star {
  readonly flows: Flows;
  /** {@link import('./contract-plan.js').flowsName} of the flows. */
  readonly flowsName: string;
  readonly anchor: GroupName;
  readonly side: 'provider' | 'consumer';
  /** Groups on the other side. */
  readonly others: Set<GroupName>;
  /** Policies by which the anchor's own members may talk; undefined where they may not. */
  inside: readonly string[] | undefined;
  /** Policies behind the edges, with the number of edges. */
  readonly sources: Map<string, number>;
}

/** Is told when a group comes into a star or leaves it, on the side opposite to the anchor. */
export interface StarListener {
  joined(star: Star, group: GroupName): void;
  left(star: Star, group: GroupName): void;
}

/**
 * The pairs that may open the same, packed into as few stars as there can be; anchors stay while they are of use, so that
 * a new consumer adds a relation and touches no contract (policy.md §3.7, point 4). Change by change.
 */
export class StarGraph {
  readonly flows: Flows;
  readonly name: string;
  readonly #listener: StarListener;
  readonly #byProvider = new Map<GroupName, StarEdge[]>();
  readonly #byConsumer = new Map<GroupName, StarEdge[]>();
  readonly #stars = { provider: new Map<GroupName, Star>(), consumer: new Map<GroupName, Star>() };
  readonly #touched = { providers: new Set<GroupName>(), consumers: new Set<GroupName>() };
  readonly #added = new Set<StarEdge>();
  /** Stars that may be other contracts now. */
  readonly #changed = new Set<Star>();
  #cover: { readonly providers: Set<GroupName>; readonly consumers: Set<GroupName> };
  #isNew = true;

  constructor(
    flows: Flows,
    name: string,
    context: { readonly anchors: Cover<GroupName>; readonly listener: StarListener },
  ) {
    this.flows = flows;
    this.name = name;
    this.#listener = context.listener;
    this.#cover = { providers: new Set(context.anchors.providers), consumers: new Set(context.anchors.consumers) };
  }

  /** The anchors as they are now. */
  get anchors(): Cover<GroupName> {
    return { providers: new Set(this.#cover.providers), consumers: new Set(this.#cover.consumers) };
  }

  get isEmpty(): boolean {
    return this.#stars.provider.size === 0 && this.#stars.consumer.size === 0 && this.#added.size === 0;
  }

  stars(): readonly Star[] {
    return [...this.#stars.provider.values(), ...this.#stars.consumer.values()];
  }

  /** Adds a pair that may talk. */
  add(edge: StarEdge): void {
    insert(this.#byProvider, edge.provider, edge);
    insert(this.#byConsumer, edge.consumer, edge);
    this.#added.add(edge);
    this.#touch(edge);
  }

  /** Takes out a pair. */
  remove(edge: StarEdge): void {
    extract(this.#byProvider, edge.provider, edge);
    extract(this.#byConsumer, edge.consumer, edge);
    this.#added.delete(edge);
    this.#touch(edge);
    this.#detach(edge);
  }

  /** Says by which policies the members of a group may talk among themselves; undefined: by none. */
  setInside(group: GroupName, sources: readonly string[] | undefined): void {
    const star = sources === undefined ? this.#stars.provider.get(group) : this.#star('provider', group);
    if (star === undefined) return;
    star.inside = sources;
    this.#changed.add(star);
  }

  /** Packs what changed; gives the stars that may be other contracts now, those that are none any more included. */
  settle(): ReadonlySet<Star> {
    const moved = this.#isNew ? this.#coverAnew() : this.#keepCover();
    this.#isNew = false;
    for (const edge of moved) this.#attach(edge);
    this.#touched.providers.clear();
    this.#touched.consumers.clear();
    this.#added.clear();
    const changed = new Set(this.#changed);
    this.#changed.clear();
    for (const star of changed) {
      if (isNoStar(star)) this.#stars[star.side].delete(star.anchor);
    }
    return changed;
  }

  #coverAnew(): Iterable<StarEdge> {
    const edges = [...this.#byProvider.values()].flat();
    const { providers, consumers } = coverKeeping(edges, this.#cover);
    this.#cover = { providers: new Set(providers), consumers: new Set(consumers) };
    return edges;
  }

  /** As {@link coverKeeping}, looking only at what changed: the cover of before had no anchor to spare. */
  #keepCover(): Iterable<StarEdge> {
    const { providers, consumers } = this.#cover;
    const open = [...this.#added].filter((edge) => !providers.has(edge.provider) && !consumers.has(edge.consumer));
    const more = minimumCover(open);
    const moved = new Set(this.#added);
    const ofProvider = (provider: GroupName): readonly StarEdge[] => this.#byProvider.get(provider) ?? [];
    const ofConsumer = (consumer: GroupName): readonly StarEdge[] => this.#byConsumer.get(consumer) ?? [];
    const doubtful = {
      providers: new Set([...this.#touched.providers, ...more.providers]),
      consumers: new Set([...this.#touched.consumers, ...more.consumers]),
    };
    for (const provider of more.providers) {
      providers.add(provider);
      for (const edge of ofProvider(provider)) {
        moved.add(edge);
        doubtful.consumers.add(edge.consumer);
      }
    }
    for (const consumer of more.consumers) {
      consumers.add(consumer);
      for (const edge of ofConsumer(consumer)) doubtful.providers.add(edge.provider);
    }
    for (const consumer of doubtful.consumers) {
      if (ofConsumer(consumer).every(({ provider }) => providers.has(provider))) consumers.delete(consumer);
    }
    for (const provider of doubtful.providers) {
      if (!providers.has(provider) || !ofProvider(provider).every((edge) => consumers.has(edge.consumer))) continue;
      providers.delete(provider);
      for (const edge of ofProvider(provider)) moved.add(edge);
    }
    return moved;
  }

  #touch({ provider, consumer }: StarEdge): void {
    this.#touched.providers.add(provider);
    this.#touched.consumers.add(consumer);
  }

  /** Puts the edge into the star that the cover says. */
  #attach(edge: StarEdge): void {
    const provided = this.#cover.providers.has(edge.provider);
    const star = provided ? this.#star('provider', edge.provider) : this.#star('consumer', edge.consumer);
    if (edge.star === star) return;
    this.#detach(edge);
    edge.star = star;
    const other = provided ? edge.consumer : edge.provider;
    star.others.add(other);
    for (const source of edge.sources) star.sources.set(source, (star.sources.get(source) ?? 0) + 1);
    this.#changed.add(star);
    this.#listener.joined(star, other);
  }

  #detach(edge: StarEdge): void {
    const { star } = edge;
    if (star === undefined) return;
    edge.star = undefined;
    const other = star.side === 'provider' ? edge.consumer : edge.provider;
    star.others.delete(other);
    for (const source of edge.sources) {
      const left = (star.sources.get(source) ?? 1) - 1;
      if (left === 0) star.sources.delete(source);
      else star.sources.set(source, left);
    }
    this.#changed.add(star);
    this.#listener.left(star, other);
  }

  #star(side: Star['side'], anchor: GroupName): Star {
    const known = this.#stars[side].get(anchor);
    if (known !== undefined) return known;
    const { flows, name: flowsName } = this;
    const fresh = {
      flows,
      flowsName,
      anchor,
      side,
      others: new Set<GroupName>(),
      inside: undefined,
      sources: new Map(),
    };
    this.#stars[side].set(anchor, fresh);
    return fresh;
  }
}

/** Whether nothing is left of a star. */
export const isNoStar = ({ others, inside }: Star): boolean => others.size === 0 && inside === undefined;

function insert(index: Map<GroupName, StarEdge[]>, group: GroupName, edge: StarEdge): void {
  const edges = index.get(group);
  if (edges === undefined) index.set(group, [edge]);
  else edges.push(edge);
}

function extract(index: Map<GroupName, StarEdge[]>, group: GroupName, edge: StarEdge): void {
  const edges = index.get(group);
  const position = edges?.indexOf(edge) ?? -1;
  if (edges === undefined || position < 0) return;
  // The order of a group's edges is no matter: the last one takes the place.
  const last = edges.pop();
  if (last !== undefined && last !== edge) edges[position] = last;
  if (edges.length === 0) index.delete(group);
}
