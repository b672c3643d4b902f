import { type ObjectMap } from '#model/aci';
import type { Change } from './diff.js';
import { LiveDifference } from './live-difference.js';
import { obstacles } from './obstacles.js';
import { once } from './once.js';
import { AFTER_HOSTS, isBinding, phaseOf } from './phases.js';
import { type FabricPlan, type PlanOptions, planOf } from './plan.js';

/** Changes that are left alone though they differ. */
export interface UnmadeChanges {
  /** Dns that the configuration says an admin made: nothing is made below one that is not there. */
  readonly references: readonly string[];
  readonly isLeftOut: (change: Change) => boolean;
}

/**
 * Plans again and again between two sides that change little by little: each plan is the one that `planFabric` makes of them,
 * and costs what differs and what changed since the last time.
 */
export class LivePlan {
  readonly #clusterId: string;
  readonly #difference: LiveDifference;
  #desired: ObjectMap = new Map();
  #actual: ObjectMap = new Map();

  constructor(clusterId: string) {
    this.#clusterId = clusterId;
    this.#difference = new LiveDifference(clusterId);
  }

  /** Takes in both sides; see {@link LiveDifference.update}. */
  update(desired: ObjectMap, actual: ObjectMap, actualChanged: ReadonlySet<string> | undefined): void {
    this.#difference.update(desired, actual, actualChanged);
    this.#desired = desired;
    this.#actual = actual;
  }

  /** The plan between the sides as they were taken in last. */
  plan(options: PlanOptions): FabricPlan {
    const { difference, facts } = this.#difference;
    return planOf(difference, facts, { ...options, desired: this.#desired, actual: this.#actual });
  }

  /** Changes that a POST is about to make; see {@link LiveDifference.posting}. */
  posting(changes: readonly Change[]): () => void {
    return this.#difference.posting(changes.flatMap(({ kind, object }) => (kind === 'create' ? [object.dn] : [])));
  }

  /** Whether some POST is on its way: then the plan is not the one that anybody would make who does not know of it. */
  get isPosting(): boolean {
    return this.#difference.isPosting;
  }

  /** Counts what came into the difference or became another one there: while it is the same, no plan has anything new. */
  get news(): number {
    return this.#difference.news;
  }

  /** Whether some group is still to be bound to its VLAN, but for changes that are not or cannot be made. */
  binds(unmade: UnmadeChanges): boolean {
    const isComing = this.#comingBut(unmade);
    return this.#difference.some((change) => isBinding(change) && isComing(change));
  }

  /** Whether something is still to come that hosts are to wait for, but for changes that are not or cannot be made. */
  prepares(unmade: UnmadeChanges): boolean {
    const sides = { desired: this.#desired, actual: this.#actual };
    const { denying } = this.#difference.facts;
    const isComing = this.#comingBut(unmade);
    return this.#difference.some((change) => !AFTER_HOSTS.has(phaseOf(change, sides, denying)) && isComing(change));
  }

  /** Whether a plan would make the change. What is in the way is looked for when there is a change to ask about. */
  #comingBut({ references, isLeftOut }: UnmadeChanges): (change: Change) => boolean {
    const clusterId = this.#clusterId;
    const found = once(() =>
      obstacles(references, { ...this.#difference.facts.outside, marks: this.#actual, clusterId }),
    );
    return (change) => !isLeftOut(change) && found().isPossible(change);
  }

  /** Whether the change of an earlier plan is still to be made, and the same. */
  has(change: Change): boolean {
    return this.#difference.has(change);
  }
}
