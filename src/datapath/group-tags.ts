import type { NodePolicy } from '#model/node';
import { hash32, identify } from './identifier.js';
import { OUTSIDE_TAG } from './reserved.js';

/** Numbers of groups in the flows, by name. */
export type GroupTags = ReadonlyMap<string, number>;

/**
 * The tag of every group that the policy names: a hash of its name, whose first bit says whether the group is outside the
 * cluster, so that a flow can ask for all such groups at once. A name that is no group's counts as one of pods.
 */
export function tagGroups({ groups, addresses, endpoints, permits }: NodePolicy): GroupTags {
  const outside = new Set(groups.flatMap(({ kind, name }) => (kind === 'pods' ? [] : [name])));
  const inside = [
    ...groups.map(({ name }) => name),
    ...addresses.map(({ group }) => group),
    ...endpoints.map(({ group }) => group),
    ...permits.flatMap(({ source, destination }) => [source, destination]),
  ].filter((name) => !outside.has(name));
  return new Map([...identify(inside, podsTag), ...identify(outside, outsideTag)]);
}

const podsTag = (name: string): number => (hash32(name) & ~OUTSIDE_TAG) >>> 0;
const outsideTag = (name: string): number => (hash32(name) | OUTSIDE_TAG) >>> 0;
