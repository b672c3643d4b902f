import { readPathDn } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import type { CompiledPolicy, GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { groupsByHost } from './host-groups.js';
import { HostPathTable } from './host-paths.js';

/** A leaf port or bundle, and the groups whose frames come in by it. */
export interface PathGroups {
  /** Leaves that it is on: two for a bundle of a vPC pair. */
  readonly leaves: readonly string[];
  /** Name of the VLAN space of its leaves. */
  readonly space: string;
  readonly groups: ReadonlySet<GroupName>;
}

/**
 * The groups that each path needs where groups are bound on paths (encoding C2, policy.md §3.13), before any has a VLAN.
 * Undefined where the settings bind them at the AEP. Nodes without a path are left out.
 */
export function pathGroups(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  { encoding, hostPaths }: FabricSettings,
): readonly PathGroups[] | undefined {
  if (encoding === 'aep') return undefined;
  const table = new HostPathTable(hostPaths);
  const byPath = new Map<string, { readonly space: string; readonly groups: Set<GroupName> }>();
  for (const [host, groups] of groupsByHost(compiled, snapshot)) {
    const place = table.placeOf(host);
    for (const path of place?.paths ?? []) {
      const known = byPath.get(path) ?? { space: place?.space ?? '', groups: new Set<GroupName>() };
      for (const group of groups) known.groups.add(group);
      byPath.set(path, known);
    }
  }
  return [...byPath].map(([path, known]) => ({ leaves: readPathDn(path)?.leaves ?? [], ...known }));
}
