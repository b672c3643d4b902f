import type { CapacityUse } from '#fabric';
import type { CompiledPolicy, Finding, GroupName } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { affectedPolicies, type JoinedGroups, NOTHING_JOINED, type PoliciesOf } from '#policy';
import { CALM, type Escalation } from './escalation.js';
import { groupCounts } from './forecast.js';
import { limitAdvice, mostGroupsAtProfile } from './limit-advice.js';

/** What the findings tell of. */
export interface BudgetOutcome {
  readonly compiled: CompiledPolicy;
  readonly joined: JoinedGroups;
  readonly policiesOf: PoliciesOf;
  readonly settings: FabricSettings;
  /** What would be taken if nothing were done. */
  readonly wanted: readonly CapacityUse[];
  /** What is taken. */
  readonly forecast: readonly CapacityUse[];
  readonly escalations: ReadonlySet<Escalation>;
  /** Groups of the fabric that are open to the whole VRF. */
  readonly open: ReadonlySet<GroupName>;
}

/** What was done to stay within the limits, and which policies the fabric does not keep exactly because of it. */
export function budgetFindings(outcome: BudgetOutcome): readonly Finding[] {
  return [
    ...openToAll(outcome),
    ...limitFindings(outcome),
    ...encodingAdvice(outcome),
    ...ackProbe(outcome),
    ...approximated(outcome),
  ];
}

/** Findings of groups without a VLAN, but for groups that use another one's. */
export const stillMissingVlans = (findings: readonly Finding[], { of }: JoinedGroups): readonly Finding[] =>
  findings.filter(({ code, object }) => code !== 'VLANS_EXHAUSTED' || !of.has(object.replace(/^Group\//, '')));

/** What is to be said of a policy that is in the fabric as it is, within its limits, beside the findings that it has already. */
export const plainFindings = (policy: Omit<PlanFacts, 'joined'>): readonly Finding[] => [
  ...openToAll({ ...policy, joined: NOTHING_JOINED }),
  ...encodingAdvice(policy),
];

type PlanFacts = Pick<BudgetOutcome, 'compiled' | 'joined' | 'policiesOf' | 'open' | 'settings'>;

/**
 * Policies that the fabric does not keep because of groups that are open to the whole VRF, beside those of which the compiler
 * says the same for other reasons. Takes time in proportion to groups and the peers that rules name.
 */
function openToAll({ compiled, joined, policiesOf, open }: PlanFacts): readonly Finding[] {
  const named = new Set(compiled.findings.map(({ code, object }) => `${code} ${object}`));
  return policiesOf
    .openToAll({ open, fabricGroupOf: (group) => joined.of.get(group) ?? group })
    .filter(({ code, object }) => !named.has(`${code} ${object}`));
}

function limitFindings({ wanted, forecast, escalations, joined, settings }: BudgetOutcome): readonly Finding[] {
  const isJoined = joined.of.size > 0;
  const done = [...[...escalations].map((one) => DONE[one]), ...(isJoined ? [joinedText(joined)] : [])].join('; ');
  return wanted.flatMap((want) => {
    const now = forecast.find(({ resource }) => resource === want.resource)?.used ?? want.used;
    const isRelieved = want.used > want.limit * CALM && now < want.used;
    return now > want.limit || isRelieved ? [limitFinding(want, { now, done, settings })] : [];
  });
}

interface Outcome extends Pick<BudgetOutcome, 'settings'> {
  /** How much is taken now. */
  readonly now: number;
  readonly done: string;
}

function limitFinding({ resource, used, limit }: CapacityUse, { now, done, settings }: Outcome): Finding {
  const need = `${resource}: the policies take ${used} of ${limit}`;
  const advice = limitAdvice(resource, settings.encoding);
  const object = `Limit/${resource}`;
  if (now <= limit) {
    return { code: 'LIMIT', severity: 'warning', object, message: `${need}, now ${now}: ${done}. ${advice}` };
  }
  const tried = done === '' ? 'nothing else helps' : `${done}; that is not enough`;
  return { code: 'LIMIT', severity: 'error', object, message: `${need}, now ${now}: ${tried}. ${advice}` };
}

const DONE: Readonly<Record<Escalation, string>> = {
  established: 'established TCP is permitted for the whole VRF',
  vzAny: 'groups that nothing isolates are opened by vzAny',
};

const joinedText = ({ of }: JoinedGroups): string =>
  `${of.size} groups are joined to ${new Set(of.values()).size} in the fabric`;

/** Binding at the AEP is meant for so many groups and no more: said from nine tenths of it on (policy.md §3.13). */
function encodingAdvice({ compiled, settings }: Pick<BudgetOutcome, 'compiled' | 'settings'>): readonly Finding[] {
  const { podGroups } = groupCounts(compiled);
  const most = mostGroupsAtProfile(settings.budget);
  if (settings.encoding !== 'aep' || podGroups <= most * CALM) return [];
  const message = `encoding: ${podGroups} groups are bound at the AEP, on every host port; up to ${most} are recommended with ${settings.budget.hostPortsPerLeaf} host ports a leaf. Set fabric.encoding to path, which binds a group only where its pods run`;
  return [{ code: 'LIMIT', severity: podGroups > most ? 'warning' : 'info', object: 'Limit/encoding', message }];
}

function ackProbe({ escalations, settings: { clusterId } }: BudgetOutcome): readonly Finding[] {
  if (!escalations.has('established')) return [];
  const message =
    'established TCP is permitted for the whole VRF to save rules: any host can send packets of connections that it never opened; the host agents drop them';
  return [{ code: 'ACK_PROBE', severity: 'info', object: `Fabric/${clusterId}`, message }];
}

/** One finding for each policy that the fabric keeps only approximately. */
function approximated({ compiled, joined, policiesOf }: BudgetOutcome): readonly Finding[] {
  if (joined.approximate.size === 0) return [];
  const members = new Map<GroupName, GroupName[]>();
  for (const [group, name] of joined.of) {
    const known = members.get(name);
    if (known === undefined) members.set(name, [group]);
    else known.push(group);
  }
  return [...affectedPolicies(compiled, joined, policiesOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([object, groups]) => {
      const texts = [...groups].sort().map((group) => listText(members.get(group) ?? []));
      const message = `the fabric treats ${someOf(texts, 3).join(', and ')} as one group and permits each what it permits any; the host agents are exact`;
      return { code: 'FABRIC_APPROXIMATED', severity: 'warning', object, message };
    });
}

const listText = (groups: readonly GroupName[]): string => `(${someOf([...groups].sort(), 8).join(', ')})`;

const someOf = (texts: readonly string[], most: number): readonly string[] =>
  texts.length <= most ? texts : [...texts.slice(0, most), `${texts.length - most} more`];
