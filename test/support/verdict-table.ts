import { snapshotOf } from '#model/kubernetes';
import { type ConnSet, containsAddress, formatConn, isNothing, NOTHING, parseAddress, subtractConn } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION, everyPermit } from '#model/policy';
import { type CompileOptions, compile } from '#policy';
import type { GeneratedCluster } from './cluster-arbitrary.js';

/** API objects of a cluster, as a law takes and gives them. */
export type ClusterObjects = GeneratedCluster['objects'];

/** What may be opened, by `source > destination` in addresses; pairs that may open nothing are not in it. */
export type VerdictTable = ReadonlyMap<string, ConnSet>;

/** First, last and neighbouring addresses of the blocks of `cluster-arbitrary`, and some that no block names. */
export const OUTSIDE_ADDRESSES: readonly string[] = `
  192.0.2.0 192.0.2.127 192.0.2.128 192.0.2.200 192.0.2.255 192.0.1.255 192.0.3.0
  203.0.113.9 191.255.255.255 207.255.255.255 208.0.0.0 8.8.8.8
  10.0.0.77 9.255.255.255 11.0.0.0 127.255.255.255 128.0.0.0
  2001:db8::77 2001:db8:1::1 2001:db7:ffff::1 8000::1
`
  .trim()
  .split(/\s+/);

/** Options that lie in no way of the pods of a generated cluster. */
export const WIDE_POOL: CompileOptions = { vlanPool: { from: 100, to: 4000 }, foreignEpgs: [] };

/** Compiles the objects with nothing remembered. */
export const compileObjects = (objects: ClusterObjects, options: CompileOptions = WIDE_POOL): CompiledPolicy =>
  compile(snapshotOf(objects, 1), EMPTY_ALLOCATION, options);

/**
 * The matrix over addresses instead of groups: what each address of a policy endpoint may open toward the others and
 * toward outside addresses, and the other way round. Names of groups and pods do not occur in it, so that two tables
 * are equal exactly when the two policies mean the same for those addresses.
 */
export function verdictTable(
  objects: ClusterObjects,
  { outside = OUTSIDE_ADDRESSES, options = WIDE_POOL }: { outside?: readonly string[]; options?: CompileOptions } = {},
): VerdictTable {
  return tableOf(objects, compileObjects(objects, options), outside);
}

/** {@link verdictTable} of a policy that is compiled already. */
export function tableOf(
  objects: ClusterObjects,
  compiled: CompiledPolicy,
  outside: readonly string[] = OUTSIDE_ADDRESSES,
): VerdictTable {
  const places = [...podPlaces(objects, compiled), ...outside.flatMap((ip) => outsidePlace(compiled, ip))];
  const permits = new Map<string, ConnSet>();
  for (const { source, destination, family, connections } of everyPermit(compiled)) {
    for (const one of family === 'ip' ? ['ipv4', 'ipv6'] : [family]) {
      permits.set(`${source}>${destination} ${one}`, connections);
    }
  }
  const table = new Map<string, ConnSet>();
  for (const a of places) {
    for (const b of places) {
      if (a.ip.includes(':') !== b.ip.includes(':') || !(a.pod !== undefined || b.pod !== undefined)) continue;
      if (a.pod !== undefined && a.pod === b.pod) continue;
      const set = permits.get(`${a.group}>${b.group} ${a.ip.includes(':') ? 'ipv6' : 'ipv4'}`) ?? NOTHING;
      if (!isNothing(set)) table.set(`${a.ip} > ${b.ip}`, set);
    }
  }
  return table;
}

/** The table as text, for `deepEqual` to show what differs. */
export const tableText = (table: VerdictTable): Readonly<Record<string, string>> =>
  Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([pair, set]) => [pair, formatConn(set)]));

/** Pairs that may open something in the second table that they may not in the first. */
export const gained = (before: VerdictTable, after: VerdictTable): readonly string[] =>
  [...after].flatMap(([pair, set]) => (isNothing(subtractConn(set, before.get(pair) ?? NOTHING)) ? [] : [pair]));

interface Located {
  readonly ip: string;
  readonly group: string;
  /** Key of the pod that has the address. */
  readonly pod?: string;
}

function podPlaces({ pods }: ClusterObjects, compiled: CompiledPolicy): readonly Located[] {
  return pods.flatMap((object) => {
    const pod = `${object.metadata.namespace}/${object.metadata.name}`;
    const group = compiled.membership.get(pod);
    if (group === undefined) return [];
    const { podIPs } = object['status'] as { readonly podIPs: readonly { readonly ip: string }[] };
    return podIPs.map(({ ip }) => ({ ip, group, pod }));
  });
}

function outsidePlace(compiled: CompiledPolicy, ip: string): readonly Located[] {
  const address = parseAddress(ip);
  let best: { readonly length: number; readonly group: string } | undefined;
  for (const group of compiled.groups) {
    if (group.kind === 'pods') continue;
    for (const prefix of group.prefixes) {
      if (!containsAddress(prefix, address) || prefix.length <= (best?.length ?? -1)) continue;
      best = { length: prefix.length, group: group.name };
    }
  }
  return best === undefined ? [] : [{ ip, group: best.group }];
}
