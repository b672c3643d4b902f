import { readPathDn } from '#model/aci';
import type { HostPaths } from '#model/settings';

/** Where a node hangs on the fabric. */
export interface HostPlace {
  /** Dns of the leaf ports or bundles that lead to it. */
  readonly paths: readonly string[];
  /** Name of the VLAN space of their leaves. */
  readonly space: string;
}

/**
 * Where the nodes hang, and which leaves share their VLANs: those of one path must agree (a vPC pair, policy.md A2), and
 * those of one node, whose agent puts one VLAN on the frames of a group whatever path they take. Leaves that share with
 * the same one share as well.
 */
export class HostPathTable {
  readonly #settings: readonly HostPaths[];
  readonly #spaces: ReadonlyMap<string, string>;
  readonly #places = new Map<string, HostPlace | undefined>();

  constructor(settings: readonly HostPaths[]) {
    this.#settings = settings;
    this.#spaces = spacesOf(settings.map(({ paths }) => paths.flatMap(leavesOf)));
  }

  /** Where the node hangs; undefined when the settings name no path for it. */
  placeOf(node: string): HostPlace | undefined {
    if (this.#places.has(node)) return this.#places.get(node);
    const templates = pathsFor(this.#settings, node) ?? [];
    const paths = templates.map((path) => path.replaceAll('{node}', node));
    const space = templates.flatMap((path) => this.spacesOf(path))[0];
    const place = space === undefined ? undefined : { paths, space };
    this.#places.set(node, place);
    return place;
  }

  /** VLAN spaces that a path touches: of a path that is no longer configured possibly more than one. */
  spacesOf(path: string): readonly string[] {
    return [...new Set(leavesOf(path).flatMap((leaf) => this.#spaces.get(leaf) ?? []))];
  }
}

/** Dns of the paths of a node, as the settings say; undefined for a node that they do not name. */
export function hostPathsOf(settings: readonly HostPaths[]): (node: string) => readonly string[] | undefined {
  const table = new HostPathTable(settings);
  return (node) => table.placeOf(node)?.paths;
}

const leavesOf = (path: string): readonly string[] => readPathDn(path)?.leaves ?? [];

/** The entry of the very name, else the first whose pattern fits. */
function pathsFor(settings: readonly HostPaths[], node: string): readonly string[] | undefined {
  const exact = settings.find(({ nodes }) => nodes === node);
  return (exact ?? settings.find(({ nodes }) => fits(nodes, node)))?.paths;
}

/** Whether a name fits a pattern in which `*` stands for any characters. */
function fits(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return false;
  const literal = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(name);
}

/** The space of every leaf, named after its leaves: leaves that occur together, or together with a common one. */
function spacesOf(together: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const members = new Map<string, Set<string>>();
  for (const leaves of together) {
    const joined = new Set(leaves.flatMap((leaf) => [leaf, ...(members.get(leaf) ?? [])]));
    for (const leaf of joined) members.set(leaf, joined);
  }
  const name = (leaves: ReadonlySet<string>): string => [...leaves].sort((a, b) => Number(a) - Number(b)).join('-');
  return new Map([...members].map(([leaf, leaves]) => [leaf, name(leaves)]));
}
