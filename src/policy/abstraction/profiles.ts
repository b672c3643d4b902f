import { type ConnSet, formatConn, isEverything, PROTOCOLS } from '#model/net';
import { type CompiledPolicy, type Group, type GroupName, generally, type Openness, type Pair } from '#model/policy';

/**
 * What a group may open and what may be opened toward it, as numbered features: equal features are one number, so that
 * rows and columns of two groups are compared by looking numbers up. The weight of a feature is what it permits.
 */
export interface Profiles {
  readonly of: ReadonlyMap<GroupName, ReadonlySet<number>>;
  /** Weights by feature. */
  readonly weights: readonly number[];
  /** In how many groups a feature occurs, by feature. */
  readonly frequencies: readonly number[];
}

/**
 * Profiles of all groups of pods and of all outside ones. What a group grants everyone counts once for each other group;
 * a pair that a rule names counts once. Takes time in proportion to groups and pairs.
 */
export function profilesOf({ groups, pairs }: CompiledPolicy): Profiles {
  const table = new FeatureTable(groups);
  for (const group of groups) if (group.kind === 'pods') table.addOpenness(group.name, group);
  for (const pair of pairs) table.addPair(pair);
  return table;
}

class FeatureTable implements Profiles {
  readonly of = new Map<GroupName, Set<number>>();
  readonly weights: number[] = [];
  readonly frequencies: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Map<ConnSet, string>();
  readonly #groups: ReadonlyMap<GroupName, Group>;

  constructor(groups: readonly Group[]) {
    this.#groups = new Map(groups.map((group) => [group.name, group]));
    for (const { name } of groups) this.of.set(name, new Set());
  }

  addOpenness(name: GroupName, { families, egress, ingress }: Extract<Group, { kind: 'pods' }>): void {
    for (const family of families) {
      const key = family === 4 ? 'ipv4' : 'ipv6';
      const side = (direction: string, { pods, outside }: Openness): void => {
        for (const [toward, set] of Object.entries({ pods: pods[key], outside: outside[key] })) {
          const weight = breadth(set) * this.#groups.size;
          if (weight > 0) this.#add(name, `${direction} ${toward} ${key} ${this.#text(set)}`, weight);
        }
      };
      side('out', egress);
      side('in', ingress);
    }
  }

  addPair({ source, destination, connections: { ipv4, ipv6 } }: Pair): void {
    const [from, to] = [this.#groups.get(source), this.#groups.get(destination)];
    if (from === undefined || to === undefined) return;
    const text = `${this.#text(ipv4)} ${this.#text(ipv6)}`;
    // Groups that lose a pair by being joined get what they grant everyone instead: the difference is what is added.
    const general = generally(from, to).connections;
    const weight =
      1 + Math.abs(breadth(ipv4) - breadth(general.ipv4)) + Math.abs(breadth(ipv6) - breadth(general.ipv6));
    this.#add(source, `> ${destination} ${text}`, weight);
    this.#add(destination, `< ${source} ${text}`, weight);
  }

  #add(name: GroupName, key: string, weight: number): void {
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    this.weights[number] = weight;
    this.frequencies[number] = (this.frequencies[number] ?? 0) + 1;
    this.of.get(name)?.add(number);
  }

  /** The set as text, formatted once for each object: equal sets are mostly one. */
  #text(set: ConnSet): string {
    const known = this.#texts.get(set);
    if (known !== undefined) return known;
    const text = formatConn(set);
    this.#texts.set(set, text);
    return text;
  }
}

/** How much a set permits, as a logarithm: a port is little beside a protocol, and a protocol beside everything. */
function breadth(set: ConnSet): number {
  if (isEverything(set)) return 64;
  let sum = 0;
  for (const protocol of PROTOCOLS) {
    const ports = set[protocol].reduce((count, [from, to]) => count + to - from + 1, 0);
    sum += Math.ceil(Math.log2(1 + ports));
  }
  return sum;
}
