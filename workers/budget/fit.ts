import type { CapacityUse } from '#fabric';
import type { FabricMapper, FabricMemory, PathGroups, RecoveredBudget } from '#mappers';
import type { CompiledPolicy, GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type JoinedGroups, joinedPolicy, joinGroups, NOTHING_JOINED, type PoliciesOf, withFabricVlans } from '#policy';
import { type Escalation, escalate, overBudget, type Said, type Say, sayWith } from './escalation.js';
import { forecastOf, type GroupCounts, groupCounts, groupUse } from './forecast.js';
import { joinBehindLeaves } from './join-behind-leaves.js';
import { budgetFindings, stillMissingVlans } from './limit-findings.js';
import { type Places, placesOf } from './places.js';

/** What was decided, so that the same is decided next time while it is still right. */
export interface BudgetMemory {
  /** Unknown after a restart. */
  readonly plan: FabricMemory | undefined;
  readonly escalations: ReadonlySet<Escalation>;
  /** Joined because there are too many groups. */
  readonly counted: JoinedGroups;
  /** Of those groups, joined because there are too many rules. */
  readonly coarser: JoinedGroups;
}

/** A policy that fits into the fabric, as far as it can be made to. */
export interface FittedPolicy {
  /** What the hosts enforce: every group by itself, with the VLAN of the fabric's group. Findings say what was done. */
  readonly hosts: CompiledPolicy;
  /** What the fabric enforces: never less. */
  readonly fabric: CompiledPolicy;
  readonly joined: JoinedGroups;
  /** The mapper that was given the fabric's policy. */
  readonly mapper: FabricMapper;
  /** What it takes of the fabric. */
  readonly forecast: readonly CapacityUse[];
  readonly memory: BudgetMemory;
}

/** What the step between compiling and mapping needs beside the policy. */
export interface FitContext {
  readonly settings: FabricSettings;
  /** The policies behind groups: those are named that the fabric does not keep exactly. */
  readonly policiesOf: PoliciesOf;
  readonly before?: BudgetMemory | undefined;
  /** The groups of each path, where they are bound on paths (`encoding: path`); undefined at the AEP. */
  readonly paths?: readonly PathGroups[] | undefined;
  /** One that was given the policy as it is, with these settings: then that is not mapped once more. */
  readonly mapper?: FabricMapper;
}

/**
 * Whether the policy that the mapper has fits into the fabric as it is, and nothing of before is to be taken back: then
 * {@link fitToBudget} would change nothing, and add nothing but {@link import('./limit-findings.js').plainFindings}. Takes well below a millisecond for
 * 2,000 groups; with paths, time in proportion to bindings and relations.
 */
export function isWithinBudget(
  mapper: FabricMapper,
  { settings, before, paths }: Pick<FitContext, 'settings' | 'before' | 'paths'>,
): boolean {
  const isAsItWas =
    before === undefined ||
    (before.escalations.size === 0 && before.counted.of.size === 0 && before.coarser.of.size === 0);
  const { podGroups, podGroupsWithVlan } = mapper.load;
  const haveVlans = settings.encoding === 'path' || podGroups === podGroupsWithVlan;
  return (
    isAsItWas &&
    haveVlans &&
    overBudget(forecastOf(mapper, settings, placesWith(paths, NOTHING_JOINED)), false).length === 0
  );
}

/**
 * Counts what the policy takes of the fabric before anything is mapped, and while that is over budget says it more
 * coarsely, in the order of policy.md §3.10: established TCP for the whole VRF, the vzAny plan, then groups joined
 * ({@link joinGroups}); groups that are too many, or have no VLAN, are joined at once, because nothing else helps. What is
 * in force stays until the use without it is below nine tenths of the limit. Every step has a finding. Pure.
 *
 * Where nothing is over budget it costs one mapping, which is needed anyway, and a count. Where groups are joined it costs
 * two mappings; until the right number of groups is found, about as many as the
 * logarithm of how much it is over.
 */
export function fitToBudget(compiled: CompiledPolicy, context: FitContext): FittedPolicy {
  const { settings, policiesOf, before } = context;
  const { paths } = context;
  const counted = joinToCount(compiled, { settings, paths }, before?.counted ?? NOTHING_JOINED);
  const policy = joinedPolicy(compiled, counted);
  const say = sayWith(settings, {
    memory: before?.plan,
    places: ({ groups }) => placesWith(paths, { of: partsOf(groups) }),
    plain: context.mapper && { policy: compiled, mapper: context.mapper },
  });
  const { plain, said } = escalate(policy, { say, settings, before: before?.escalations ?? NOTHING_ESCALATED });
  const fitted = joinToRules(policy, { say, said, before: before?.coarser ?? NOTHING_JOINED });
  const joined = composed(counted, fitted.coarser);
  const hosts = withFabricVlans(compiled, joined);
  const forecast = forecastOf(fitted.said.mapper, settings, placesWith(paths, joined));
  const findings = budgetFindings({
    compiled,
    joined,
    policiesOf,
    settings,
    wanted: [...groupUse(groupCounts(compiled), settings, placesWith(paths, NOTHING_JOINED)), ...plain.uses],
    forecast,
    escalations: said.escalations,
    open: fitted.said.mapper.openToAll,
  });
  return {
    hosts: { ...hosts, findings: [...stillMissingVlans(compiled.findings, joined), ...findings] },
    fabric: fitted.policy,
    joined,
    mapper: fitted.said.mapper,
    forecast,
    memory: {
      plan: fitted.said.mapper.memory,
      escalations: said.escalations,
      counted,
      coarser: fitted.coarser,
    },
  };
}

/** What a gateway remembers that starts anew, by what the fabric shows. */
export function recoveredMemory({ joined, established, vzAny }: RecoveredBudget): BudgetMemory {
  const escalations = new Set<Escalation>([
    ...(established ? (['established'] as const) : []),
    ...(vzAny ? (['vzAny'] as const) : []),
  ]);
  // The fabric does not say for which reason groups were joined: both may hold.
  const groups = { of: joined, approximate: new Set<string>() };
  return { plan: undefined, escalations, counted: groups, coarser: groups };
}

const NOTHING_ESCALATED: ReadonlySet<Escalation> = new Set();

/** What stands where, with the fabric's groups; undefined where groups are bound at the AEP. */
const placesWith = (paths: FitContext['paths'], { of }: Pick<JoinedGroups, 'of'>): Places | undefined =>
  paths === undefined ? undefined : placesOf(paths, (group) => of.get(group) ?? group);

/** The fabric's group of every group that is a part of one. */
const partsOf = (groups: CompiledPolicy['groups']): ReadonlyMap<GroupName, GroupName> =>
  new Map(groups.flatMap((group) => ('joined' in group ? (group.joined ?? []) : []).map((part) => [part, group.name])));

/** Joins groups that are too many for VLANs, EPGs or external EPGs, and those that have no VLAN. */
function joinToCount(
  compiled: CompiledPolicy,
  { settings, paths }: Pick<FitContext, 'settings' | 'paths'>,
  before: JoinedGroups,
): JoinedGroups {
  // Bound on paths no group has a VLAN of its own: its hosts have one each.
  const isWithoutVlan =
    settings.encoding === 'aep' && compiled.groups.some((group) => group.kind === 'pods' && group.vlan === undefined);
  const uses = groupUse(groupCounts(compiled), settings, placesWith(paths, NOTHING_JOINED));
  const over = overBudget(uses, before.of.size > 0);
  if (over.length === 0 && !isWithoutVlan) return NOTHING_JOINED;
  const targets = targetsOf(settings);
  if (paths === undefined) return joinGroups(compiled, targets, before);
  return joinBehindLeaves(compiled, { settings, paths, targets }, before);
}

/** How many groups the limits leave room for; one of each kind there always is. */
function targetsOf({
  encoding,
  budget: { hostPortsPerLeaf, limits },
  vlanPool: { from, to },
}: FabricSettings): GroupCounts {
  const byPorts = Math.floor(limits.portVlansPerLeaf / hostPortsPerLeaf);
  const byVlans = encoding === 'aep' ? [limits.vlansPerLeaf - 1, byPorts, to - from + 1] : [];
  return {
    podGroups: Math.max(1, Math.min(limits.endpointGroups, ...byVlans)),
    externalGroups: Math.max(1, limits.externalGroups),
  };
}

interface RuleContext {
  readonly say: Say;
  readonly said: Said;
  readonly before: JoinedGroups;
}

interface Coarser {
  readonly policy: CompiledPolicy;
  readonly said: Said;
  readonly coarser: JoinedGroups;
}

/** Joins groups while contracts, filters or rules are too many: what was joined before first, then in larger and larger steps. */
function joinToRules(policy: CompiledPolicy, { say, said, before }: RuleContext): Coarser {
  let current: Coarser = { policy, said, coarser: NOTHING_JOINED };
  if (overBudget(said.uses, before.of.size > 0).length === 0) return current;
  const joinTo = (targets: GroupCounts, known: JoinedGroups): Coarser => {
    const coarser = joinGroups(policy, targets, known);
    const fabric = joinedPolicy(policy, coarser);
    return { policy: fabric, said: say(fabric, said.escalations), coarser };
  };
  if (before.of.size > 0) current = joinTo(groupCounts(policy), before);
  for (;;) {
    const [worst] = overBudget(current.said.uses, false)
      .map(({ used, limit }) => limit / used)
      .sort((a, b) => a - b);
    const counts = groupCounts(current.policy);
    const targets = worst === undefined ? counts : fewer(counts, worst);
    if (targets.podGroups === counts.podGroups && targets.externalGroups === counts.externalGroups) return current;
    current = joinTo(targets, current.coarser);
    const left = groupCounts(current.policy);
    if (left.podGroups === counts.podGroups && left.externalGroups === counts.externalGroups) return current;
  }
}

/** Fewer groups of the kind that has more of them. `share` is what is left of the resource when it is filled. */
function fewer({ podGroups, externalGroups }: GroupCounts, share: number): GroupCounts {
  const less = (count: number): number => Math.max(1, Math.min(count - 1, Math.floor(count * Math.max(0.5, share))));
  return podGroups > 1 && podGroups >= externalGroups
    ? { podGroups: less(podGroups), externalGroups }
    : { podGroups, externalGroups: less(externalGroups) };
}

/** What was joined in two steps, as one. */
function composed(first: JoinedGroups, second: JoinedGroups): JoinedGroups {
  if (second.of.size === 0) return first;
  const of = new Map(second.of);
  for (const [group, name] of first.of) of.set(group, second.of.get(name) ?? name);
  const approximate = new Set(second.approximate);
  for (const name of first.approximate) approximate.add(second.of.get(name) ?? name);
  return { of, approximate };
}
