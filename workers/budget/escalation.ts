import type { CapacityUse } from '#fabric';
import { FabricMapper, type FabricMemory } from '#mappers';
import { type CompiledPolicy, everythingIn, tablesOf } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { contractUse } from './forecast.js';
import type { Places } from './places.js';

/** Share of a limit below which an escalation is taken back: between it and the limit everything stays as it is. */
export const CALM = 0.9;

/** Ways to say the same policy with fewer rules, in the order in which they are tried (policy.md §3.10). */
export type Escalation = 'established' | 'vzAny';

/** Resources that are over their limits; or, where something was done about it already, not yet well below. */
export const overBudget = (uses: readonly CapacityUse[], escalated: boolean): readonly CapacityUse[] =>
  uses.filter(({ used, limit }) => used > limit * (escalated ? CALM : 1));

/** A policy as it would be said with contracts, and what these take. */
export interface Said {
  readonly mapper: FabricMapper;
  /** What contracts take. */
  readonly uses: readonly CapacityUse[];
  readonly escalations: ReadonlySet<Escalation>;
}

/** Maps a policy with the escalations. */
export type Say = (policy: CompiledPolicy, escalations: ReadonlySet<Escalation>) => Said;

/** What {@link sayWith} goes on from. */
export interface SaidBefore {
  readonly memory: FabricMemory | undefined;
  /** What stands where under a policy; undefined where groups are bound at the AEP. */
  readonly places: (policy: CompiledPolicy) => Places | undefined;
  /** A mapper that has the policy already, without escalations. */
  readonly plain?: { readonly policy: CompiledPolicy; readonly mapper: FabricMapper } | undefined;
}

/** {@link Say} for these settings. */
export const sayWith =
  (settings: FabricSettings, { memory, plain, places }: SaidBefore): Say =>
  (policy, escalations) => {
    if (plain?.policy === policy && escalations.size === 0) {
      return { mapper: plain.mapper, uses: contractUse(plain.mapper.load, settings, places(policy)), escalations };
    }
    const how = escalations.has('vzAny') ? { ...settings, vzAnyContracts: 'always' as const } : settings;
    const mapper = new FabricMapper(how, {
      before: memory,
      established: escalations.has('established') ? 'vrf' : 'pairs',
    });
    mapper.update(tablesOf(policy), everythingIn(policy));
    return { mapper, uses: contractUse(mapper.load, settings, places(policy)), escalations };
  };

/**
 * Says the policy as it is, and while that is over budget with one escalation more, as far as the admin lets vzAny be used
 * and the escalation helps. One of before stays until the use without it is well below the limit. Costs one mapping where
 * nothing is over budget, and one more for each escalation that is tried.
 */
export function escalate(
  policy: CompiledPolicy,
  {
    say,
    settings,
    before,
  }: { readonly say: Say; readonly settings: FabricSettings; readonly before: Said['escalations'] },
): { readonly plain: Said; readonly said: Said } {
  const plain = say(policy, new Set());
  let said = plain;
  for (const { escalation, relieves, isPermitted } of ESCALATIONS) {
    if (!isPermitted(settings)) continue;
    const over = overBudget(said.uses, before.has(escalation)).filter(({ resource }) => relieves.has(resource));
    if (over.length === 0) continue;
    const candidate = say(policy, new Set([...said.escalations, escalation]));
    if (over.some(({ resource, used }) => usedOf(candidate, resource) < used)) said = candidate;
  }
  return { plain, said };
}

const usedOf = ({ uses }: Said, wanted: CapacityUse['resource']): number =>
  uses.find(({ resource }) => resource === wanted)?.used ?? 0;

interface EscalationStep {
  readonly escalation: Escalation;
  readonly relieves: ReadonlySet<CapacityUse['resource']>;
  readonly isPermitted: (settings: FabricSettings) => boolean;
}

const ESCALATIONS: readonly EscalationStep[] = [
  {
    escalation: 'established',
    relieves: new Set(['filters', 'policyEntriesPerLeaf']),
    isPermitted: ({ vzAnyContracts }) => vzAnyContracts !== 'never',
  },
  {
    escalation: 'vzAny',
    relieves: new Set(['contracts', 'filters', 'policyEntriesPerLeaf']),
    isPermitted: ({ vzAnyContracts }) => vzAnyContracts === 'auto',
  },
];
