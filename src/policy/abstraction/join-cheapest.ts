import type { Cluster } from './cluster.js';
import { CostQueue } from './cost-queue.js';
import type { Profiles } from './profiles.js';

/** How many of the next clusters each is compared with. */
const WINDOW = 4;

/**
 * Clusters of one namespace (or of all), sorted so that those with much in common are near each other: by what most groups
 * have first. A linked list, from which joined clusters are taken out.
 */
export class Chain {
  readonly #next = new Map<Cluster, Cluster>();
  readonly #previous = new Map<Cluster, Cluster>();
  readonly sorted: readonly Cluster[];

  constructor(clusters: readonly Cluster[], profiles: Profiles) {
    const keys = new Map(clusters.map((cluster) => [cluster, sortKey(cluster, profiles)]));
    this.sorted = [...clusters].sort((a, b) => compareKeys(keys.get(a) ?? [], keys.get(b) ?? []) || compareNames(a, b));
    for (const [index, cluster] of this.sorted.entries()) {
      const next = this.sorted[index + 1];
      if (next === undefined) continue;
      this.#next.set(cluster, next);
      this.#previous.set(next, cluster);
    }
  }

  /** The clusters that follow, up to the window. */
  *after(cluster: Cluster): Generator<Cluster> {
    yield* steps(this.#next, cluster);
  }

  /** The clusters that precede, up to the window. */
  *before(cluster: Cluster): Generator<Cluster> {
    yield* steps(this.#previous, cluster);
  }

  /** Takes a cluster out; gives the two that are neighbours now. */
  remove(cluster: Cluster): readonly [Cluster, Cluster] | undefined {
    const [previous, next] = [this.#previous.get(cluster), this.#next.get(cluster)];
    link(this.#next, previous, next);
    link(this.#previous, next, previous);
    return previous === undefined || next === undefined ? undefined : [previous, next];
  }
}

function* steps(links: ReadonlyMap<Cluster, Cluster>, from: Cluster): Generator<Cluster> {
  let current = links.get(from);
  for (let step = 0; step < WINDOW && current !== undefined; step += 1) {
    yield current;
    current = links.get(current);
  }
}

function link(links: Map<Cluster, Cluster>, from: Cluster | undefined, to: Cluster | undefined): void {
  if (from === undefined) return;
  if (to === undefined) links.delete(from);
  else links.set(from, to);
}

/** Features, those that most groups have first. */
const sortKey = ({ features }: Cluster, { frequencies }: Profiles): readonly number[] =>
  [...features].sort((a, b) => (frequencies[b] ?? 0) - (frequencies[a] ?? 0) || a - b);

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const compareNames = (a: Cluster, b: Cluster): number =>
  (a.groups[0]?.name ?? '') < (b.groups[0]?.name ?? '') ? -1 : 1;

/** What is joined, and how far. */
export interface JoinTask {
  readonly profiles: Profiles;
  /** Clusters that there are, kept up to date. */
  readonly count: { clusters: number; withoutVlan: number };
  readonly until: () => boolean;
  /** Where it is given, one of the two must be so. */
  readonly only?: (cluster: Cluster) => boolean;
  /** Highest cost of a join. */
  readonly most?: number;
}

/** Joins the cheapest two neighbours of all chains, again and again, until it is enough or nothing is left to join. */
export function joinCheapest(chains: readonly Chain[], task: JoinTask): void {
  const joining = new Joining(task);
  for (const chain of chains) joining.offerAll(chain);
  joining.run();
}

interface Offer {
  readonly chain: Chain;
  readonly first: Cluster;
  readonly second: Cluster;
  readonly versions: number;
}

class Joining {
  readonly #task: JoinTask;
  readonly #queue = new CostQueue<Offer>();

  constructor(task: JoinTask) {
    this.#task = task;
  }

  offerAll(chain: Chain): void {
    for (const cluster of chain.sorted) for (const next of chain.after(cluster)) this.#offer(chain, cluster, next);
  }

  run(): void {
    while (!this.#task.until()) {
      const offer = this.#queue.take()?.item;
      if (offer === undefined) return;
      const { first, second, versions } = offer;
      if (first.alive && second.alive && first.version + second.version === versions) this.#join(offer);
    }
  }

  #offer(chain: Chain, first: Cluster, second: Cluster): void {
    const { profiles, only, most = Number.POSITIVE_INFINITY } = this.#task;
    if (only !== undefined && !only(first) && !only(second)) return;
    const cost = first.costWith(second, profiles.weights);
    if (cost <= most) this.#queue.add(cost, { chain, first, second, versions: first.version + second.version });
  }

  #join({ chain, first, second }: Offer): void {
    const { count, profiles } = this.#task;
    const withoutVlan = Number(!first.hasVlan) + Number(!second.hasVlan);
    first.join(second, profiles.weights);
    count.clusters -= 1;
    count.withoutVlan += Number(!first.hasVlan) - withoutVlan;
    const met = chain.remove(second);
    if (met !== undefined) this.#offer(chain, ...met);
    for (const next of chain.after(first)) this.#offer(chain, first, next);
    for (const previous of chain.before(first)) this.#offer(chain, previous, first);
  }
}
