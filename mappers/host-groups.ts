import type { ClusterSnapshot, PodView } from '#model/kubernetes';
import type { CompiledPolicy, GroupName } from '#model/policy';

/**
 * The groups that each host needs, by the host's name, sorted: those of its pods, and those that pods which were scheduled
 * there and have no address yet will be in as far as their siblings show it: then the binding is there before the first
 * frame (policy.md §3.13, prewarmed).
 */
export function groupsByHost(
  { membership }: CompiledPolicy,
  { pods }: ClusterSnapshot,
): ReadonlyMap<string, ReadonlySet<GroupName>> {
  const byHost = new Map<string, Set<GroupName>>();
  const siblings = new Map<string, Set<GroupName>>();
  const expected: { readonly host: string; readonly pod: PodView }[] = [];
  for (const [key, pod] of pods) {
    const group = membership.get(key);
    if (group !== undefined) add(siblings, kinship(pod), group);
    if (pod.node === undefined) continue;
    if (group !== undefined) add(byHost, pod.node, group);
    else if (mayJoin(pod)) expected.push({ host: pod.node, pod });
  }
  for (const { host, pod } of expected) {
    for (const group of siblings.get(kinship(pod)) ?? []) add(byHost, host, group);
  }
  return new Map([...byHost].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether the pod only lacks an address. */
const mayJoin = (pod: PodView): boolean => !pod.hostNetwork && !pod.completed && pod.addresses.length === 0;

/** Equal for pods of one workload, and for pods made by hand with equal labels. */
const kinship = ({ namespace, workload, labels }: PodView): string =>
  workload === undefined
    ? `${namespace} ${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`
    : `${namespace} ${workload}`;

function add(sets: Map<string, Set<GroupName>>, key: string, group: GroupName): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([group]));
  else known.add(group);
}
