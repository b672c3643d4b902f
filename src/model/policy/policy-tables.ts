import type { ExternalGroup, ForeignGroup, GroupName, Pair, PodGroup } from './compiled-policy.js';

/** A group as the fabric sees it: without the list of its pods, which is long and no matter to an EPG. */
export type GroupFacts = Omit<PodGroup, 'members'> | ExternalGroup | ForeignGroup;

/** What a change made different. Whoever keeps something of the result looks at just this again. */
export interface CompiledChanges {
  /** Groups that are gone, by the names that they had. A name can be that of another group now: then it is in `groups` too. */
  readonly removed: ReadonlySet<GroupName>;
  /** Groups that are new or may be different: members, what they grant everyone, prefixes, VLAN. */
  readonly groups: ReadonlySet<GroupName>;
  /** Pairs whose connections or reasons may be different, besides those of groups that are gone: destinations by source. */
  readonly pairs: ReadonlyMap<GroupName, ReadonlySet<GroupName>>;
}

/** The compiled policy as tables to look things up in: what is asked for is as it is now. */
export interface PolicyTables {
  readonly group: (name: GroupName) => GroupFacts | undefined;
  /** The pair, where it is an exception from what both sides grant everyone. */
  readonly pair: (source: GroupName, destination: GroupName) => Pair | undefined;
  /** Hash of what policies see in a group of pods: the text by which it is known again. Empty for others. */
  readonly signature: (name: GroupName) => string;
}
