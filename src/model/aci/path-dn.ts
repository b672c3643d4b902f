/** A leaf port, or a bundle of ports, as static bindings name it. */
export interface FabricPath {
  /** Ids of the leaves that have it: one, or the two of a vPC pair, the lower first. */
  readonly leaves: readonly string[];
}

/**
 * Reads the Dn of a path (aci-model.md §2.2): `topology/pod-1/paths-101/pathep-[eth1/1]` for a port or port channel of one
 * leaf, `topology/pod-1/protpaths-101-102/pathep-[name]` for a bundle of a vPC pair, both with an `extpaths` or
 * `extprotpaths` step for ports of a fabric extender. Undefined for another text.
 */
export function readPathDn(dn: string): FabricPath | undefined {
  const match = PATH.exec(dn);
  const [, single, first, second] = match ?? [];
  if (match === null || (second !== undefined && Number(first) >= Number(second))) return undefined;
  return { leaves: [single, first, second].filter((leaf) => leaf !== undefined) };
}

const PATH =
  /^topology\/pod-\d+\/(?:paths-(\d+)(?:\/extpaths-\d+)?|protpaths-(\d+)-(\d+)(?:\/extprotpaths-\d+-\d+)?)\/pathep-\[[^[\]]+\]$/;
