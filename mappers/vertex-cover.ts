/** A consumer that may open something toward a provider. */
export interface Edge<Vertex> {
  readonly consumer: Vertex;
  readonly provider: Vertex;
}

/** Vertices such that every edge has one of them: the anchors of the stars that the edges are packed into. */
export interface Cover<Vertex> {
  readonly providers: ReadonlySet<Vertex>;
  readonly consumers: ReadonlySet<Vertex>;
}

/**
 * A cover that changes as little as possible: anchors of before stay while they have edges, the rest is covered by as few
 * new ones as there can be, and anchors whose edges are all covered by others go (policy.md §3.7, points 2 and 4).
 */
export function coverKeeping<Vertex>(edges: readonly Edge<Vertex>[], before: Cover<Vertex>): Cover<Vertex> {
  const providers = new Set(edges.map(({ provider }) => provider).filter((vertex) => before.providers.has(vertex)));
  const consumers = new Set(edges.map(({ consumer }) => consumer).filter((vertex) => before.consumers.has(vertex)));
  const open = edges.filter(({ consumer, provider }) => !providers.has(provider) && !consumers.has(consumer));
  const added = minimumCover(open);
  for (const vertex of added.providers) providers.add(vertex);
  for (const vertex of added.consumers) consumers.add(vertex);
  return withoutSpare(edges, { providers, consumers });
}

/**
 * The smallest cover there is: as large as a maximum matching (König), which Hopcroft and Karp's algorithm finds in
 * O(edges · √vertices). Between covers of one size, providers are preferred: an admin reads who may reach a service.
 */
export function minimumCover<Vertex>(edges: readonly Edge<Vertex>[]): Cover<Vertex> {
  const graph = new Bipartite(edges);
  graph.match();
  return graph.cover();
}

/** Takes out anchors that are not needed, consumers first. */
function withoutSpare<Vertex>(edges: readonly Edge<Vertex>[], cover: Cover<Vertex>): Cover<Vertex> {
  const [providers, consumers] = [new Set(cover.providers), new Set(cover.consumers)];
  const alone = { providers: new Set<Vertex>(), consumers: new Set<Vertex>() };
  for (const { consumer, provider } of edges) if (!providers.has(provider)) alone.consumers.add(consumer);
  for (const vertex of consumers) if (!alone.consumers.has(vertex)) consumers.delete(vertex);
  for (const { consumer, provider } of edges) if (!consumers.has(consumer)) alone.providers.add(provider);
  for (const vertex of providers) if (!alone.providers.has(vertex)) providers.delete(vertex);
  return { providers, consumers };
}

const NOBODY = -1;

/** The graph by numbers, providers on the left. */
class Bipartite<Vertex> {
  readonly #providers: readonly Vertex[];
  readonly #consumers: readonly Vertex[];
  readonly #neighbours: readonly (readonly number[])[];
  readonly #consumerOf: number[];
  readonly #providerOf: number[];

  constructor(edges: readonly Edge<Vertex>[]) {
    const left = new Map<Vertex, number>();
    const right = new Map<Vertex, number>();
    const neighbours: number[][] = [];
    for (const { consumer, provider } of edges) {
      const from = left.get(provider) ?? left.size;
      const to = right.get(consumer) ?? right.size;
      left.set(provider, from);
      right.set(consumer, to);
      (neighbours[from] ??= []).push(to);
    }
    this.#providers = [...left.keys()];
    this.#consumers = [...right.keys()];
    this.#neighbours = neighbours;
    this.#consumerOf = this.#providers.map(() => NOBODY);
    this.#providerOf = this.#consumers.map(() => NOBODY);
  }

  /** Finds a maximum matching: in rounds, shortest augmenting paths first. */
  match(): void {
    for (let levels = this.#levels(); levels !== undefined; levels = this.#levels()) {
      const next = this.#providers.map(() => 0);
      for (const provider of this.#providers.keys()) {
        if (this.#consumerOf[provider] === NOBODY) this.#augment(provider, levels, next);
      }
    }
  }

  /** König: what alternating paths from unmatched providers do not reach on the left, and what they reach on the right. */
  cover(): Cover<Vertex> {
    const reachedProviders = new Set<number>();
    const reachedConsumers = new Set<number>();
    const open = [...this.#providers.keys()].filter((provider) => this.#consumerOf[provider] === NOBODY);
    for (let provider = open.pop(); provider !== undefined; provider = open.pop()) {
      if (reachedProviders.has(provider)) continue;
      reachedProviders.add(provider);
      for (const consumer of this.#neighbours[provider] ?? []) {
        reachedConsumers.add(consumer);
        const back = this.#providerOf[consumer] ?? NOBODY;
        if (back !== NOBODY) open.push(back);
      }
    }
    return {
      providers: new Set(this.#providers.filter((_, index) => !reachedProviders.has(index))),
      consumers: new Set(this.#consumers.filter((_, index) => reachedConsumers.has(index))),
    };
  }

  /** Distance of every provider from an unmatched one along alternating paths; undefined when no path augments. */
  #levels(): readonly number[] | undefined {
    const levels: number[] = this.#providers.map((_, index) => (this.#consumerOf[index] === NOBODY ? 0 : NOBODY));
    let layer = [...levels.keys()].filter((index) => levels[index] === 0);
    let augments = false;
    for (let depth = 1; layer.length > 0 && !augments; depth += 1) {
      const following: number[] = [];
      for (const provider of layer) {
        for (const consumer of this.#neighbours[provider] ?? []) {
          const back = this.#providerOf[consumer] ?? NOBODY;
          if (back === NOBODY) augments = true;
          else if (levels[back] === NOBODY) {
            levels[back] = depth;
            following.push(back);
          }
        }
      }
      layer = following;
    }
    return augments ? levels : undefined;
  }

  /** Follows one augmenting path from a provider, without recursion: paths can be as long as the graph. */
  #augment(start: number, levels: readonly number[], next: number[]): void {
    const path: number[] = [start];
    while (path.length > 0) {
      const provider = path.at(-1) ?? start;
      const position = next[provider] ?? 0;
      const consumer = this.#neighbours[provider]?.[position];
      if (consumer === undefined) {
        path.pop();
        continue;
      }
      next[provider] = position + 1;
      const back = this.#providerOf[consumer] ?? NOBODY;
      if (back === NOBODY) {
        this.#flip(path, consumer);
        return;
      }
      if (levels[back] === (levels[provider] ?? 0) + 1) path.push(back);
    }
  }

  /** Matches the path's providers anew, from its end: each takes the consumer that the one after it leaves. */
  #flip(path: readonly number[], last: number): void {
    let consumer = last;
    for (const provider of path.toReversed()) {
      const left = this.#consumerOf[provider] ?? NOBODY;
      this.#consumerOf[provider] = consumer;
      this.#providerOf[consumer] = provider;
      consumer = left;
    }
  }
}
