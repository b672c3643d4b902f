import { type FlatObject, lookupDns, type ObjectMap, parentDn, splitDn } from '#model/aci';
import { inOrder } from './change-order.js';
import type { Change } from './diff.js';

/**
 * The phases of a plan, in their order. Between any two of its batches the fabric permits what it permitted before and
 * what it shall permit (policy.md §3.8, make before break), for pods in their old groups up to `bindings`, from when on the
 * hosts may put them on the VLANs of their new groups, and for those in their new groups afterwards:
 *
 * - `access`: pool, domain, AEP. `policy`: what adds to what is permitted: groups, contracts, relations.
 * - `loosen`: relations go that deny something or keep a group's members apart.
 * - `prefixes`: outside addresses go over to groups whose contracts are complete by now, the longest prefix first: one
 *   that were cut out of a shorter one later would belong to neither its old nor its new group meanwhile.
 * - `bindings`: VLANs of the groups.
 * - `merge`: prefixes that nobody names any more, the shortest first, before the contracts of their groups go.
 * - `tighten`: what takes away by being there: relations to contracts that deny, isolation inside a group.
 * - `unbind`: relations that go. `remove`: everything else that goes.
 */
export const PHASE_NAMES = [
  'access',
  'policy',
  'loosen',
  'prefixes',
  'bindings',
  'merge',
  'tighten',
  'unbind',
  'remove',
] as const;

export type PhaseName = (typeof PHASE_NAMES)[number];

/** Both sides of a plan, canonical. */
export interface PlanSides {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
}

/** What telling the phases needs of both sides beyond single objects. */
export interface PhaseFacts {
  /** Dns of the contracts of both sides with a filter that denies. */
  readonly denying: ReadonlySet<string>;
  /** Prefixes of external EPGs that the fabric has. */
  readonly prefixes: readonly FlatObject[];
  /** Objects of ours that the fabric has below a Dn. */
  readonly below: (dn: string) => readonly FlatObject[];
  /** Whether a binding that goes has a VLAN that another group is to have in its place. */
  readonly isInTheWay: (binding: FlatObject) => boolean;
}

/** Puts every change into its phase, in the order in which it is to be made there. */
export function phasesOf(
  changes: readonly Change[],
  sides: PlanSides,
  facts: PhaseFacts,
): ReadonlyMap<PhaseName, readonly Change[]> {
  const phases = new Map<PhaseName, readonly Change[]>();
  const whole = changes.flatMap((change) => [...goingApart(change, facts), change]);
  const arriving = new Set(whole.flatMap((change) => (isPrefix(change) && !isDeletion(change) ? [ipOf(change)] : [])));
  const found = new Map<PhaseName, Change[]>(PHASE_NAMES.map((name) => [name, []]));
  const made = new Map<string, Change>();
  for (const change of whole) if (change.kind === 'create') made.set(change.object.dn, change);
  for (const change of whole) {
    const moves = isPrefix(change) && arriving.has(ipOf(change));
    const deciding = withMarks(change, made);
    found.get(moves ? 'prefixes' : phaseOf(deciding, sides, facts.denying))?.push(change);
  }
  for (const [name, some] of found) phases.set(name, ordered(name, some));
  return phases;
}

/** A mark comes with the object that it is on: a POST of the mark alone would make that object, and too early. */
function withMarks(change: Change, made: ReadonlyMap<string, Change>): Change {
  if (change.kind === 'delete' || change.object.className !== 'tagAnnotation') return change;
  return made.get(parentDn(change.object.dn) ?? '') ?? change;
}

/** Prefixes move in the order of their lengths; of the rest referents come first where it is made, and last where it goes. */
function ordered(name: PhaseName, changes: readonly Change[]): readonly Change[] {
  const some = inOrder(changes);
  if (name === 'prefixes') return some.toSorted((a, b) => lengthOf(b) - lengthOf(a) || compare(ipOf(a), ipOf(b)));
  if (name === 'merge') return some.toSorted((a, b) => lengthOf(a) - lengthOf(b) || compare(ipOf(a), ipOf(b)));
  return TAKING_AWAY.has(name) ? some.toReversed() : some;
}

/** Phases that come after the hosts have followed: what they take away is what pods had in their old groups. */
export const AFTER_HOSTS: ReadonlySet<PhaseName> = new Set<PhaseName>(['merge', 'tighten', 'unbind', 'remove']);

/** Phases in which objects only go, and nothing comes for it: what they take away can be left standing. */
export const TAKING_AWAY: ReadonlySet<PhaseName> = new Set<PhaseName>(['unbind', 'remove']);

/** A binding of an EPG to its VLAN, at the AEP or on a path, and the marks on it. */
const BINDING = /\/rs(funcToEpg|pathAtt)-\[/;

/** Whether the change binds an EPG to its VLAN. */
export const isBinding = (change: Change): boolean => !isDeletion(change) && BINDING.test(change.object.dn);

const ACCESS = /^uni\/(infra|phys-)/;

/** The phase of one change by itself. */
export function phaseOf(change: Change, sides: PlanSides, denying: ReadonlySet<string>): PhaseName {
  const { dn } = change.object;
  if (isDeletion(change)) {
    if (isPrefix(change)) return 'merge';
    if (isLoosening(change, sides, denying)) return 'loosen';
    return isRelation(change.object) ? 'unbind' : 'remove';
  }
  if (BINDING.test(dn)) return 'bindings';
  if (ACCESS.test(dn)) return 'access';
  if (isPrefix(change)) return 'prefixes';
  return isTightening(change, sides, denying) ? 'tighten' : 'policy';
}

const isDeletion = (change: Change): boolean => change.kind === 'delete';

/** A relation that denies, or a contract for the inside of a group that shall be open: without it more is permitted. */
function isLoosening({ object }: Change, { desired }: PlanSides, denying: ReadonlySet<string>): boolean {
  if (object.className !== 'fvRsIntraEpg') return isDenial(object, denying);
  const group = desired.get(parentDn(object.dn) ?? '');
  return group !== undefined && !isIsolated(group);
}

/** What permits less by being there, on a group that is there already and may have members. */
function isTightening({ object }: Change, { actual }: PlanSides, denying: ReadonlySet<string>): boolean {
  if (isDenial(object, denying)) return true;
  const group = actual.get(object.className === 'fvRsIntraEpg' ? (parentDn(object.dn) ?? '') : object.dn);
  if (group?.className !== 'fvAEPg' || isIsolated(group)) return false;
  return object.className === 'fvRsIntraEpg' || isIsolated(object);
}

const isIsolated = ({ attributes }: FlatObject): boolean => attributes['pcEnfPref'] === 'enforced';

const isRelation = (object: FlatObject): boolean => object.className.includes('Rs');

/** A relation to a contract that denies: the group stands on one side of the denial, or the whole VRF does. */
const isDenial = ({ className, dn, attributes }: FlatObject, denying: ReadonlySet<string>): boolean =>
  CONTRACT_RELATION.test(className) &&
  lookupDns(dn, `brc-${attributes['tnVzBrCPName'] ?? ''}`).some((contract) => denying.has(contract));

const CONTRACT_RELATION = /^(fvRs(Prov|Cons)|vzRsAnyTo(Prov|Cons))$/;

/** Dn of the contract of a relation to a filter that denies; undefined for every other object. */
export function denyingContract({ className, dn, attributes }: FlatObject): string | undefined {
  if (className !== 'vzRsFiltAtt' && className !== 'vzRsSubjFiltAtt') return undefined;
  if (attributes['action'] !== 'deny') return undefined;
  return splitDn(dn).slice(0, 3).join('/');
}

/** Contracts of both sides with a filter that denies. */
export const denyingContracts = ({ desired, actual }: PlanSides): ReadonlySet<string> =>
  new Set(
    [desired, actual].flatMap((objects) => [...objects.values()].flatMap((object) => denyingContract(object) ?? [])),
  );

const isPrefix = ({ object }: Change): boolean => object.className === 'l3extSubnet';

const ipOf = ({ object }: Change): string => object.attributes['ip'] ?? '';

const lengthOf = (change: Change): number => Number(ipOf(change).split('/')[1] ?? 0);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What goes before the object that it is below, and is deleted by itself: the prefixes of an external EPG, before its contracts;
 * bindings of an EPG on paths that others are to have, which need not wait until the EPG may go.
 */
function goingApart({ kind, object }: Change, { prefixes, below, isInTheWay }: PhaseFacts): readonly Change[] {
  if (kind !== 'delete') return [];
  const { className, dn } = object;
  const ofPrefixes = className === 'l3extInstP' ? prefixes.filter((one) => one.dn.startsWith(`${dn}/extsubnet-`)) : [];
  const ofBindings = className === 'fvAEPg' ? below(dn).filter(isInTheWay) : [];
  return [...ofPrefixes, ...ofBindings].map((inner) => ({ kind, object: inner }));
}
