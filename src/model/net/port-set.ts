/** Inclusive range of ports, 1 to 65535. */
export type PortRange = readonly [from: number, to: number];

/** A set of ports as sorted, disjoint, non-adjacent ranges: equal sets have equal representations. */
export type PortSet = readonly PortRange[];

/** Lowest and highest port that a rule can name. */
export const FIRST_PORT = 1;
export const LAST_PORT = 65_535;

export const NO_PORTS: PortSet = [];
export const ALL_PORTS: PortSet = [[FIRST_PORT, LAST_PORT]];

/** The canonical set of any ranges, in any order, overlapping or not. */
export function portSet(ranges: readonly PortRange[]): PortSet {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export const unionPorts = (a: PortSet, b: PortSet): PortSet => portSet([...a, ...b]);

/** Ports in both sets. */
export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  const both: PortRange[] = [];
  for (const [aFrom, aTo] of a) {
    for (const [bFrom, bTo] of b) {
      const from = Math.max(aFrom, bFrom);
      const to = Math.min(aTo, bTo);
      if (from <= to) both.push([from, to]);
    }
  }
  return portSet(both);
}

/** Whether the set holds the port. */
export const hasPort = (ports: PortSet, port: number): boolean =>
  ports.some(([from, to]) => from <= port && port <= to);

/** Whether the set is every port. */
export const isAllPorts = (ports: PortSet): boolean => {
  const [only] = ports;
  return ports.length === 1 && only !== undefined && only[0] === FIRST_PORT && only[1] === LAST_PORT;
};

/** Ports of `a` that are not in `b`. */
export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  let left: readonly PortRange[] = a;
  for (const [from, to] of b) {
    left = left.flatMap(([low, high]): readonly PortRange[] => {
      if (to < low || high < from) return [[low, high]];
      const below: readonly PortRange[] = low < from ? [[low, from - 1]] : [];
      const above: readonly PortRange[] = to < high ? [[to + 1, high]] : [];
      return [...below, ...above];
    });
  }
  return left;
}
