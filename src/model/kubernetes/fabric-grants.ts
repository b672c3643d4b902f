import type { ConnSet, Prefix } from '../net/index.js';

/** A group of the fabric that a FabricPolicy may name, as the policy compiler knows it: by its addresses. */
export interface FabricPeer {
  /** Dn of its EPG. */
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
  /** Addresses inside of its prefixes that are another group's. */
  readonly except: readonly Prefix[];
  /** Why no policy can reach it, in words: a policy that names it opens nothing at all. */
  readonly problem?: string;
  /** Why nothing is known to be in it at the moment, in words: a policy that names it opens the rest of what it says. */
  readonly empty?: string;
}

/** What an entry of the configuration grants. */
export interface FabricGrant {
  readonly namespaces: readonly RegExp[];
  /** Of names of FabricGroups. */
  readonly groups: readonly RegExp[];
  readonly ports: ConnSet;
}

/** What FabricPolicies may ask for. */
export interface FabricGrants {
  /** By the name of the FabricGroup. */
  readonly groups: ReadonlyMap<string, FabricPeer>;
  readonly allow: readonly FabricGrant[];
}

/** Where nobody may ask for anything. */
export const NO_GRANTS: FabricGrants = { groups: new Map(), allow: [] };
