import type { ManagedObject } from '#model/aci';
import type { CompiledPolicy, GroupName, PodKey } from '#model/policy';
import type { FabricSettings } from '#model/settings';

/** Objects by the Dn of the object that they hang below. */
export type PlacedObjects = ReadonlyMap<string, readonly ManagedObject[]>;

/**
 * How groups are told to the fabric (policy.md §3.13). EPGs and contracts are the same in all encodings, and none of their
 * attributes depends on it: what differs is how a frame comes into its EPG.
 */
export interface Encoding {
  readonly kind: FabricSettings['encoding'];
  /** VLAN that the agent of the host puts on the group's frames; undefined when it has none there. */
  vlan(group: GroupName, host: string | undefined): number | undefined;
  /** What makes frames from the host with that VLAN frames of the group; none without a VLAN. */
  bind(group: GroupName, host: string | undefined): PlacedObjects;
  /** Paths by which frames of the host reach the fabric; none where the encoding does not ask. */
  paths(host: string): readonly string[];
  /** What makes the pod a member of the group, beside the VLAN on its frames. */
  member(pod: PodKey, group: GroupName): PlacedObjects;
  /** All objects of the encoding that hang below the Dn, each once. */
  below(dn: string): readonly ManagedObject[];
}

/** A compiled policy and the way in which the fabric is told of its groups. */
export interface EncodedPolicy {
  /** With the encoding's findings, and what it remembers in the allocation. */
  readonly compiled: CompiledPolicy;
  readonly encoding: Encoding;
}

/** Nothing to place: the VLAN on the frames says it all. */
export const NO_OBJECTS: PlacedObjects = new Map();
