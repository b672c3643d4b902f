import { type ManagedObject, managedObject, ORCHESTRATOR } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import type { CompiledPolicy, Finding, GroupName, VlanSpace } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type EncodedPolicy, type Encoding, NO_OBJECTS } from './encoding.js';
import { epgDn } from './endpoint-groups.js';
import { groupsByHost } from './host-groups.js';
import { HostPathTable } from './host-paths.js';
import { allocateSpace, EMPTY_SPACE } from './vlan-space.js';

/**
 * Encoding C2 (policy.md §3.13): a group is bound on the paths of the hosts that run pods of it, with VLANs that are local
 * to the leaves, so that only what runs behind a leaf counts there. A node without a path is a finding, as is a group for
 * which its leaves have no VLAN left; nothing else stops for either.
 */
export function pathEncoding(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  settings: FabricSettings,
): EncodedPolicy {
  const table = new HostPathTable(settings.hostPaths);
  const hosts = groupsByHost(compiled, snapshot);
  const { spaces, findings } = allocateSpaces(compiled, { table, hosts, settings });
  return {
    compiled: {
      ...compiled,
      findings: [...compiled.findings, ...withoutPath(hosts, table), ...findings],
      allocation: { ...compiled.allocation, spaces },
    },
    encoding: encodingOf(hosts, { table, spaces, settings }),
  };
}

type HostGroups = ReturnType<typeof groupsByHost>;

function allocateSpaces(
  { allocation }: CompiledPolicy,
  { table, hosts, settings }: { table: HostPathTable; hosts: HostGroups; settings: FabricSettings },
): { readonly spaces: ReadonlyMap<string, VlanSpace>; readonly findings: readonly Finding[] } {
  const wanted = new Map<string, Set<GroupName>>([...allocation.spaces.keys()].map((name) => [name, new Set()]));
  for (const [host, groups] of hosts) {
    const space = table.placeOf(host)?.space;
    if (space === undefined) continue;
    const known = wanted.get(space) ?? new Set();
    for (const group of groups) known.add(group);
    wanted.set(space, known);
  }
  const atProfile = new Map(
    [...allocation.groups.values()].flatMap(({ name, vlan }) => (vlan === undefined ? [] : [[name, vlan] as const])),
  );
  const findings: Finding[] = [];
  const spaces = new Map<string, VlanSpace>();
  for (const [name, groups] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = allocation.spaces.get(name) ?? EMPTY_SPACE;
    const { space, without } = allocateSpace(groups, before, {
      pool: settings.vlanPool,
      atProfile,
      time: allocation.time,
    });
    spaces.set(name, space);
    findings.push(...without.map((group) => noVlan(group, name, settings)));
  }
  return { spaces, findings };
}

function encodingOf(
  hosts: HostGroups,
  {
    table,
    spaces,
    settings,
  }: { table: HostPathTable; spaces: ReadonlyMap<string, VlanSpace>; settings: FabricSettings },
): Encoding {
  const below = new Map<string, Map<string, ManagedObject>>();
  const placeOf = (host: string | undefined) => (host === undefined ? undefined : table.placeOf(host));
  const vlanOf: Encoding['vlan'] = (group, host) => spaces.get(placeOf(host)?.space ?? '')?.bound.get(group);
  const bind: Encoding['bind'] = (group, host) => {
    const vlan = vlanOf(group, host);
    if (vlan === undefined) return NO_OBJECTS;
    const objects = (placeOf(host)?.paths ?? []).map((path) => bindingObject(path, vlan));
    return new Map([[epgDn(settings, group), objects]]);
  };
  for (const [host, groups] of hosts) {
    for (const group of groups) {
      for (const [dn, objects] of bind(group, host)) {
        const known = below.get(dn) ?? new Map<string, ManagedObject>();
        for (const object of objects) known.set(object.attributes['tDn'] ?? '', object);
        below.set(dn, known);
      }
    }
  }
  const sorted = new Map([...below].map(([dn, objects]) => [dn, byPath(objects)]));
  return {
    kind: 'path',
    vlan: vlanOf,
    bind,
    paths: (host) => table.placeOf(host)?.paths ?? [],
    member: () => NO_OBJECTS,
    below: (dn) => sorted.get(dn) ?? [],
  };
}

const byPath = (objects: ReadonlyMap<string, ManagedObject>): readonly ManagedObject[] =>
  [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);

/** Part of the EPG as a whole (decision 1): with the annotation, and without marks of its own. */
const bindingObject = (tDn: string, vlan: number): ManagedObject =>
  managedObject('fvRsPathAtt', {
    tDn,
    encap: `vlan-${vlan}`,
    mode: 'regular',
    instrImedcy: 'immediate',
    annotation: ORCHESTRATOR,
  });

const withoutPath = (hosts: HostGroups, table: HostPathTable): readonly Finding[] =>
  [...hosts.keys()]
    .filter((host) => table.placeOf(host) === undefined)
    .map((host) => ({
      code: 'NODE_WITHOUT_PATH',
      severity: 'warning',
      object: `Node/${host}`,
      message: `fabric.hostPaths: no entry fits node '${host}', which runs pods; they have no VLAN and reach nothing beyond their node. Add the leaf ports that lead to it`,
    }));

const noVlan = (group: GroupName, space: string, { vlanPool: { from, to } }: FabricSettings): Finding => ({
  code: 'VLANS_EXHAUSTED',
  severity: 'error',
  object: `Group/${group}`,
  message: `leaf ${space}: no VLAN is left in the pool ${from}-${to} for group '${group}'; its pods behind it stay unreachable. Widen fabric.vlanPool`,
});
