import { type FlatObject, isOurs, type ObjectMap } from '#model/aci';
import type { Finding } from '#model/policy';
import { type Batch, type BatchLimits, batchesOf } from './batches.js';
import { bindingsInTheWay } from './bindings-in-the-way.js';
import { type BlastRadius, blastRadiusOf } from './blast-radius.js';
import { changesHash } from './change-hash.js';
import { type ChangeReason, reasonFinder } from './change-reason.js';
import { type DeletionGate, type Deletions, deletionsOf, waitingOf } from './deletions.js';
import { type Change, type Difference, difference } from './diff.js';
import { obstacles } from './obstacles.js';
import { once } from './once.js';
import { keptFindings, type SparedChanges, sparingOthers } from './others-below.js';
import { directSubnets, duplicateFindings } from './outside-prefixes.js';
import { PHASE_NAMES, type PhaseName, type PlanSides, phasesOf } from './phases.js';
import { type PlanFacts, planFacts } from './plan-facts.js';

/** Batches that must all be done before the next phase begins. */
export interface Phase {
  readonly name: PhaseName;
  readonly batches: readonly Batch[];
}

/** The ordered difference between desired and actual: make before break (DESIGN.md §6.5). */
export interface FabricPlan {
  readonly phases: readonly Phase[];
  readonly conflicts: readonly Finding[];
  /** What the fabric does other than policies say, and what stays in it that nobody asks for, whatever the plan does. */
  readonly notes: readonly Finding[];
  /** Dns that the configuration says an admin made, and that are not there. */
  readonly missing: readonly string[];
  readonly counts: Readonly<Record<Change['kind'], number>>;
  /** Why each change is made, by the Dn of its object; of the deletions that wait, too. Asked before the sides change. */
  readonly reasons: ReadonlyMap<string, ChangeReason>;
  /** What the changes of the phases reach. Asked before the sides change. */
  readonly blast: BlastRadius;
  /** What would be taken away for good, those that wait among it. */
  readonly deletions: Deletions;
  /** Those of the deletions that are left out, because they may not be made yet; none where all may. */
  readonly waiting: Deletions;
  /** Equal plans have equal hashes: it is that of the changes, however they are cut into batches. */
  readonly hash: string;
}

/** How a plan is made from a difference. */
export interface PlanOptions {
  /** Dns that the configuration says an admin made. */
  readonly references: readonly string[];
  readonly clusterId: string;
  readonly limits: BatchLimits;
  /** Changes that must wait, e.g. because the APIC refused them as they are. */
  readonly parked?: ((change: Change) => boolean) | undefined;
  /** Looks at every change of the difference first: gives it back as it is to be made, or undefined to leave it. */
  readonly adjust?: ((change: Change) => Change | undefined) | undefined;
  /** Whether what others configured below an object that goes may go with it; without it the object stays. */
  readonly takesOthers?: boolean | undefined;
  /** Which deletions may be made; without it all. The others stay, and the rest of the plan is made. */
  readonly mayDelete?: DeletionGate | undefined;
}

/** What a plan is made from; both sides canonical. */
export interface PlanInput extends PlanOptions {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
}

/** Plans the way from actual to desired. Referents come first, removals last and in the opposite order. */
export function planFabric(input: PlanInput): FabricPlan {
  const { desired, actual, clusterId } = input;
  const facts = planFacts({ desired, actual, clusterId });
  return planOf(difference(desired, actual, clusterId), facts, input);
}

/** Makes the plan of a difference that is known. Takes time in proportion to the difference, not to the fabric. */
export function planOf(found: Difference, facts: PlanFacts, input: PlanInput): FabricPlan {
  const { desired, actual, clusterId, limits } = input;
  const outside = { ...facts.outside, clusterId, marks: actual };
  const { missing, duplicates, isPossible } = obstacles(input.references, outside);
  const { parked } = input;
  const spared = changesToMake(found, facts, input);
  const changes = spared.changes.filter((change) => isPossible(change) && parked?.(change) !== true);
  const prefixes = [...facts.outside.actual.values()].filter(({ className }) => className === 'l3extSubnet');
  const isInTheWay = bindingsInTheWay(desired);
  const below = (dn: string): readonly FlatObject[] =>
    facts.below(dn).filter((object) => isOurs(actual, object, clusterId));
  const byPhase = phasesOf(changes, { desired, actual }, { denying: facts.denying, prefixes, below, isInTheWay });
  const deletions = deletionsOf(byPhase, facts, isInTheWay);
  const waiting = waitingOf(deletions, facts, input.mayDelete);
  const left = new Set(waiting.changes);
  const phases = PHASE_NAMES.map((name) => ({
    name,
    batches: batchesOf(
      (byPhase.get(name) ?? []).filter((change) => !left.has(change)),
      limits,
    ),
  })).filter((phase) => phase.batches.length > 0);
  const planned = changesOf({ phases });
  // Only people and the log ask for these: of a first plan they are some tenths of a second of work.
  const hash = once(() => changesHash(planned));
  const reasons = once(() => reasonsOf([...planned, ...left], { desired, actual }));
  const blast = once(() => blastRadiusOf(planned, facts));
  return {
    phases,
    conflicts: [...found.conflicts, ...duplicateFindings(duplicates)],
    notes: [...directSubnets(outside), ...keptFindings(spared.kept)],
    missing,
    counts: countsOf(planned),
    deletions,
    waiting,
    get hash() {
      return hash();
    },
    get reasons() {
      return reasons();
    },
    get blast() {
      return blast();
    },
  };
}

/** What differs, as it is to be made: what is left to others is not in it, nor what would take something of theirs away. */
function changesToMake(found: Difference, { below }: PlanFacts, input: PlanInput): SparedChanges {
  const { adjust, actual, clusterId, takesOthers } = input;
  const changes = adjust === undefined ? found.changes : found.changes.flatMap((change) => adjust(change) ?? []);
  return takesOthers === true ? { changes, kept: [] } : sparingOthers(changes, { actual, clusterId, below });
}

function reasonsOf(changes: readonly Change[], sides: PlanSides): FabricPlan['reasons'] {
  const reasonOf = reasonFinder(sides);
  return new Map(changes.map((change) => [change.object.dn, reasonOf(change)]));
}

/** Whether there is anything to post. */
export const isEmptyPlan = (plan: FabricPlan): boolean => plan.phases.length === 0;

/** All changes of a plan, or of some phases of one, in order. */
export const changesOf = ({ phases }: Pick<FabricPlan, 'phases'>): readonly Change[] =>
  phases.flatMap(({ batches }) => batches.flatMap(({ changes }) => changes));

function countsOf(changes: readonly Change[]): FabricPlan['counts'] {
  const counts = { create: 0, modify: 0, delete: 0 };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}
