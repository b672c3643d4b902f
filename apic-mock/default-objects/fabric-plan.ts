import { InvalidInputError } from '#errors';

/** How many nodes the fabric has, each 0 to 99 and at least one controller. */
export interface TopologySize {
  /** Leaves 101, 102 …; 2 by default. */
  readonly leaves?: number;
  /** Spines 201, 202 …; 1 by default. */
  readonly spines?: number;
  /** Controllers 1, 2 …; as many as have an address by default. */
  readonly controllers?: number;
}

/** One node of the fabric. */
export interface PlannedNode {
  readonly id: number;
  readonly role: 'controller' | 'leaf' | 'spine';
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  /** Address within the fabric. */
  readonly address: string;
  /** Release that it runs. */
  readonly version: string;
}

/** What the topology and the policies of the fabric are made from. */
export interface FabricPlan {
  readonly nodes: readonly PlannedNode[];
  readonly tepPool: string;
  /** An APIC's date, before which all nodes were started. */
  readonly startedAt: string;
}

const MODELS = { controller: 'APIC-SERVER-M3', leaf: 'N9K-C93180YC-FX', spine: 'N9K-C9332C' } as const;

const FIRST_LEAF = 101;
const FIRST_SPINE = 201;
const MOST = 99;

/**
 * The nodes of a fabric of that size, which run a release. Throws {@link InvalidInputError} for a number that the node
 * numbers have no room for.
 */
export function fabricPlan(size: Required<TopologySize>, version: string, startedAt: string): FabricPlan {
  const { leaves, spines, controllers } = size;
  const nodes = [
    ...numbered(1, checked('controllers', controllers, 1)).map((id) => planned('controller', id, version)),
    ...numbered(FIRST_LEAF, checked('leaves', leaves, 0)).map((id) => planned('leaf', id, version)),
    ...numbered(FIRST_SPINE, checked('spines', spines, 0)).map((id) => planned('spine', id, version)),
  ];
  return { nodes, tepPool: '10.0.0.0/16', startedAt };
}

function checked(name: string, count: number, least: number): number {
  if (Number.isInteger(count) && count >= least && count <= MOST) return count;
  throw new InvalidInputError(`topology.${name}: expected ${least} to ${MOST}, found ${count}`);
}

const numbered = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);

const planned = (role: PlannedNode['role'], id: number, version: string): PlannedNode => ({
  id,
  role,
  name: role === 'controller' ? `apic${id}` : `${role}-${id}`,
  model: MODELS[role],
  serial: `MOCK${String(id).padStart(7, '0')}`,
  address: role === 'controller' ? `10.0.0.${id}` : `10.0.64.${id}`,
  // A switch runs its controllers' release under a number of its own: 6.0(9c) is n9000-16.0(9c).
  version: role === 'controller' ? version : `n9000-1${version}`,
});
