import { formatConn, isEverything, isNothing } from '#model/net';
import {
  type CompiledPolicy,
  type FamilyConnections,
  type Group,
  type GroupName,
  generally,
  type Openness,
  type Permit,
  permitsOf,
} from '#model/policy';
import { isForeign } from './external-groups.js';
import { inOwnFamilies } from './foreign-families.js';

/**
 * How the policy is said with contracts (policy.md §3.6). `explicit`: every pair that may talk has a contract. `vzAny`:
 * groups that are free in both directions are open to the whole VRF by one contract, and groups that may not open
 * everything are closed toward it by another; only the remaining pairs have contracts.
 */
export interface Rendering {
  readonly kind: 'explicit' | 'vzAny';
  /** Groups that provide to the whole VRF; none in the explicit rendering. */
  readonly open: ReadonlySet<GroupName>;
  /** Groups to which the openness of others does not apply; none in the explicit rendering. */
  readonly closed: ReadonlySet<GroupName>;
  /** Pairs to be said by contracts, and every group with itself. */
  readonly permits: readonly Permit[];
}

/** What decides between the two. */
export interface RenderingChoice {
  /** Whether contracts with vzAny are used: it speaks for everyone in the VRF. */
  readonly vzAny: 'auto' | 'always' | 'never';
  /** The rendering that the fabric has now; it is left only for a clear advantage. */
  readonly before?: 'explicit' | 'vzAny';
}

/** Relations of pairs that nobody named, above which vzAny is worth its being harder to read. */
const MANY_PAIRS = 200;
/** By how much cheaper the other rendering has to be. */
const ADVANTAGE = 2;

/** Chooses the cheaper rendering and lists the permits that it says one by one. */
export function renderingOf(compiled: CompiledPolicy, choice: RenderingChoice): Rendering {
  const chosen = chooseRendering(compiled, choice);
  return { ...chosen, permits: inOwnFamilies(compiled, chosen.permits) };
}

function chooseRendering(compiled: CompiledPolicy, choice: RenderingChoice): Rendering {
  const classes = classesOf(compiled);
  const exceptions = compiled.pairs.flatMap(({ source, destination, ...pair }) => permitsOf(source, destination, pair));
  if (choice.vzAny === 'never') return explicitly(classes, compiled, exceptions);
  const open = openGroups(compiled);
  const closed = closedGroups(compiled);
  const byName = { classes: splitBy(classes, open), open };
  const pairs = count(classes, NOBODY);
  const left = count(byName.classes, open) + open.size + closed.size;
  const enough =
    choice.before === 'vzAny' ? pairs > MANY_PAIRS / ADVANTAGE : pairs > MANY_PAIRS && pairs > left * ADVANTAGE;
  if (choice.vzAny === 'auto' && !enough) return explicitly(classes, compiled, exceptions);
  const permits = [...exceptions, ...generalPermits(byName.classes, compiled, open)];
  return { kind: 'vzAny', open, closed, permits };
}

function explicitly(
  classes: readonly GroupClass[],
  compiled: CompiledPolicy,
  exceptions: readonly Permit[],
): Rendering {
  const permits = [...exceptions, ...generalPermits(classes, compiled, NOBODY)];
  return { kind: 'explicit', open: NOBODY, closed: NOBODY, permits };
}

const NOBODY: ReadonlySet<GroupName> = new Set();

/** Groups that grant everyone the same: two of them differ only in the pairs that rules name. */
interface GroupClass {
  readonly example: Group;
  readonly groups: readonly Group[];
}

function classesOf({ groups }: CompiledPolicy): readonly GroupClass[] {
  const classes = new Map<string, Group[]>();
  for (const group of groups) {
    const key = classKey(group);
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [group]);
    else known.push(group);
  }
  return [...classes.values()].flatMap((own) => (own[0] === undefined ? [] : [{ example: own[0], groups: own }]));
}

function classKey(group: Group): string {
  if (group.kind === 'external') return `outside ${group.family}`;
  if (isForeign(group)) return `outside ${[...new Set(group.prefixes.map(({ family }) => family))].join()}`;
  const side = ({ pods, outside }: Openness): string => `${familiesText(pods)}|${familiesText(outside)}`;
  return `pods ${group.families.join()} ${side(group.egress)} ${side(group.ingress)}`;
}

const familiesText = ({ ipv4, ipv6 }: FamilyConnections): string => `${formatConn(ipv4)}/${formatConn(ipv6)}`;

/** Cuts the classes so that each lies inside the set or outside of it. */
const splitBy = (classes: readonly GroupClass[], set: ReadonlySet<GroupName>): readonly GroupClass[] =>
  classes.flatMap(({ groups }) =>
    [groups.filter(({ name }) => set.has(name)), groups.filter(({ name }) => !set.has(name))].flatMap((own) =>
      own[0] === undefined ? [] : [{ example: own[0], groups: own }],
    ),
  );

/** Pairs of classes that grant each other something without being named, and that the open groups do not cover. */
function* generalPairs(
  classes: readonly GroupClass[],
  open: ReadonlySet<GroupName>,
): Generator<{ readonly from: GroupClass; readonly to: GroupClass }> {
  for (const from of classes) {
    for (const to of classes) {
      if (from.example.kind !== 'pods' && to.example.kind !== 'pods') continue;
      const { ipv4, ipv6 } = generally(from.example, to.example).connections;
      if (isNothing(ipv4) && isNothing(ipv6)) continue;
      const covered = open.has(to.example.name) && isFree(from.example, 'egress');
      if (!covered) yield { from, to };
    }
  }
}

/** How many pairs the classes stand for. */
function count(classes: readonly GroupClass[], open: ReadonlySet<GroupName>): number {
  let pairs = 0;
  for (const { from, to } of generalPairs(classes, open)) pairs += from.groups.length * to.groups.length;
  return pairs;
}

function generalPermits(
  classes: readonly GroupClass[],
  compiled: CompiledPolicy,
  open: ReadonlySet<GroupName>,
): readonly Permit[] {
  const named = namedPairs(compiled);
  const permits: Permit[] = [];
  const add = (source: Group, destination: Group): void => {
    if (named.get(source.name)?.has(destination.name) === true) return;
    permits.push(...permitsOf(source.name, destination.name, generally(source, destination)));
  };
  for (const { from, to } of generalPairs(classes, open)) {
    for (const source of from.groups) for (const destination of to.groups) add(source, destination);
  }
  // What a group may do with itself is said by its EPG, whatever the whole VRF may.
  for (const group of compiled.groups) if (group.kind === 'pods' && open.has(group.name)) add(group, group);
  return permits;
}

function namedPairs({ pairs }: CompiledPolicy): ReadonlyMap<GroupName, ReadonlySet<GroupName>> {
  const named = new Map<GroupName, Set<GroupName>>();
  for (const { source, destination } of pairs) {
    const known = named.get(source);
    if (known === undefined) named.set(source, new Set([destination]));
    else known.add(destination);
  }
  return named;
}

/**
 * Groups that everyone may reach and that may reach everyone, unless somebody who may open everything is denied just them:
 * a permit toward the whole VRF cannot be taken back for one.
 */
function openGroups(compiled: CompiledPolicy): ReadonlySet<GroupName> {
  const free = new Map(compiled.groups.map((group) => [group.name, isFree(group, 'egress')]));
  const foreign = compiled.groups.some(isForeign);
  const open = new Set<GroupName>();
  for (const group of compiled.groups) {
    // An EPG of VMs would be opened to the outside as well: an admin decides that.
    if (isForeign(group) || (group.kind === 'external' && foreign)) continue;
    if (isFree(group, 'ingress') && isFree(group, 'egress') && !isEmpty(group)) open.add(group.name);
  }
  for (const { source, destination } of compiled.pairs) if (free.get(source) === true) open.delete(destination);
  return open;
}

/** Groups that may not open everything: what others grant the whole VRF is denied them, and said pair by pair. */
const closedGroups = ({ groups }: CompiledPolicy): ReadonlySet<GroupName> =>
  new Set(groups.filter((group) => !isFree(group, 'egress') && !isEmpty(group)).map(({ name }) => name));

const isEmpty = (group: Group): boolean => group.kind === 'pods' && group.families.length === 0;

const isFree = (group: Group, direction: 'ingress' | 'egress'): boolean =>
  group.kind !== 'pods' ||
  [group[direction].pods, group[direction].outside].every(({ ipv4, ipv6 }) => isEverything(ipv4) && isEverything(ipv6));
