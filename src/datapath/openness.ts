import type { ConnSet } from '#model/net';
import type { NodeConnections, NodeGroup, NodeOpenness, NodePodGroup } from '#model/node';
import { connSetOf } from './connection-sets.js';
import type { GroupTags } from './group-tags.js';
import type { ConnectionSet, OpenTo, TaggedGroup } from './view.js';

/** A group of pods with what it grants everyone. Groups outside the cluster grant everything and need no entry. */
export interface OpenGroup {
  readonly name: string;
  readonly egress: OpenTo<ConnSet>;
  readonly ingress: OpenTo<ConnSet>;
}

/** The groups of pods with what each grants everyone in IPv4. */
export const openGroups = (groups: readonly NodeGroup[]): readonly OpenGroup[] =>
  groups
    .filter((group): group is NodePodGroup => group.kind === 'pods')
    .map(({ name, egress, ingress }) => ({ name, egress: openTo(egress), ingress: openTo(ingress) }));

/** All sets that the groups grant. */
export const grantedSets = (groups: readonly OpenGroup[]): readonly ConnSet[] =>
  groups.flatMap(({ egress, ingress }) => [egress.pods, egress.outside, ingress.pods, ingress.outside]);

/** The groups by tags and ids of sets, sorted by tag. */
export function tagOpenGroups(
  groups: readonly OpenGroup[],
  tags: GroupTags,
  setOf: (set: ConnSet) => ConnectionSet,
): readonly TaggedGroup[] {
  const numbered = ({ pods, outside }: OpenTo<ConnSet>): OpenTo<ConnectionSet> => ({
    pods: setOf(pods),
    outside: setOf(outside),
  });
  return groups
    .map(({ name, egress, ingress }) => ({
      tag: tags.get(name) ?? 0,
      egress: numbered(egress),
      ingress: numbered(ingress),
    }))
    .sort((a, b) => a.tag - b.tag);
}

function openTo(openness: NodeOpenness): OpenTo<ConnSet> {
  const both = (connections: NodeConnections) => ({ pods: connSetOf(connections), outside: connSetOf(connections) });
  if (typeof openness === 'string') return both(openness);
  return { pods: connSetOf(openness.pods.ipv4), outside: connSetOf(openness.outside.ipv4) };
}
