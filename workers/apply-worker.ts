import {
  AFTER_HOSTS,
  type Change,
  type Deletions,
  type FabricPlan,
  isEmptyPlan,
  LivePlan,
  type PlanOptions,
  planFabric,
  wavesOf,
} from '#fabric';
import type { Finding } from '#model/policy';
import { type ApplySettings, DEFAULT_APPLY_SETTINGS, type FabricSettings } from '#model/settings';
import type { AuditCounts, Clock, Logger } from '#ports';
import { eachAtOnce } from '#runtime';
import { approvalFinding } from './approval-finding.js';
import type { BatchPoster } from './batch-poster.js';
import { BatchSender } from './batch-sender.js';
import { DeletionApprovals, shareOf } from './deletion-approvals.js';
import type { WantedFabric } from './desired-state.js';
import type { DriftWorker } from './drift-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import type { HostBarrier } from './host-barrier.js';
import { JudgedChanges } from './judged-changes.js';
import { OvertakenPlans } from './overtaken-plans.js';
import { ParkedObjects } from './parked-objects.js';

/** What the apply worker needs. */
export interface ApplyContext {
  readonly poster: BatchPoster;
  readonly fabric: FabricMirror;
  readonly desired: () => WantedFabric | undefined;
  readonly settings: FabricSettings;
  readonly apply?: ApplySettings | undefined;
  readonly clock: Pick<Clock, 'uptime'>;
  /** Keeps hosts in step; without it nothing waits for them. */
  readonly hosts?: Pick<HostBarrier, 'follow' | 'areMovesComing' | 'movesEndInMs'>;
  /** Decides what becomes of what others changed; without it everything is put back. */
  readonly drift?: DriftWorker;
  readonly log: Logger;
}

/** What became of a plan: all of it is done; or it is not right any more, or waits for hosts, and the rest was left undone. */
export type ApplyOutcome = 'applied' | 'outdated' | 'waiting';

/** Brings the fabric to the desired state: plans against the mirror and posts the difference. */
export class ApplyWorker {
  readonly #context: ApplyContext;
  readonly #apply: ApplySettings;
  readonly #live: LivePlan;
  readonly #approvals: DeletionApprovals;
  readonly #parked = new ParkedObjects();
  readonly #judged = new JudgedChanges();
  readonly #sender: BatchSender;
  readonly #overtaken: OvertakenPlans;
  #plan: FabricPlan | undefined;
  #settled: { readonly wanted: WantedFabric; readonly version: number } | undefined;
  /** Hash of the deletions that the log said last that they wait. */
  #told: string | undefined;
  #audits: AuditCounts = { done: 0, differences: 0 };
  #hostsFollowInMs: number | undefined;

  constructor(context: ApplyContext) {
    this.#context = context;
    this.#apply = context.apply ?? DEFAULT_APPLY_SETTINGS;
    this.#live = new LivePlan(context.settings.clusterId);
    this.#approvals = new DeletionApprovals(this.#apply.approval, context.clock);
    this.#sender = new BatchSender(context, this.#parked);
    this.#overtaken = new OvertakenPlans(context.clock);
  }

  /** Whether the fabric is as desired, but for what is parked, held back or in somebody else's hands. */
  get settled(): boolean {
    const desired = this.#context.desired();
    if (this.#settled === undefined || desired === undefined) return false;
    const { wanted, version } = this.#settled;
    const isWanted = wanted.objects === desired.objects && wanted.references === desired.references;
    return isWanted && version === this.#context.fabric.version;
  }

  /** Whether the last plan would change something that was not done yet. */
  get hasPending(): boolean {
    return !this.settled && this.#plan !== undefined && !isEmptyPlan(this.#plan);
  }

  /** What the last plan would change and was not done yet. */
  get pending(): readonly Change[] {
    if (this.settled) return [];
    return (this.#plan?.phases ?? []).flatMap(({ batches }) => batches).flatMap(({ changes }) => changes);
  }

  /** The plan between what is wanted and what is there now; undefined while either is not known. Changes nothing. */
  planNow(): FabricPlan | undefined {
    const desired = this.#takeIn();
    return desired === undefined ? undefined : this.#planNow(desired);
  }

  /** Deletions that wait until somebody approves them. */
  get waiting(): Deletions | undefined {
    return this.#plan === undefined || this.#plan.waiting.changes.length === 0 ? undefined : this.#plan.waiting;
  }

  /** How often the plan that is kept change by change was compared with a whole one, and how often it was another. */
  get audits(): AuditCounts {
    return this.#audits;
  }

  /** Dns that the configuration says an admin made, and that are not there. */
  get missing(): readonly string[] {
    return this.#plan?.missing ?? [];
  }

  /**
   * Whether the hosts may be told what is desired: no group is still to be bound to the VLAN that they will use, and where pods
   * are to move, what they will need in their new group is there.
   */
  get mayFollow(): boolean {
    const desired = this.#takeIn();
    if (desired === undefined) return false;
    const isMoving = this.#context.hosts?.areMovesComing === true;
    const unmade = { references: desired.references, isLeftOut: this.#isLeftOut };
    return !(isMoving ? this.#live.prepares(unmade) : this.#live.binds(unmade));
  }

  readonly #isLeftOut = (change: Change): boolean =>
    this.#parked.holds(change) || this.#judged.restOf(change) === undefined;

  /** Milliseconds until the hosts have followed, for which the rest of the plan waits; undefined when nothing does. */
  get hostsFollowInMs(): number | undefined {
    return this.#hostsFollowInMs;
  }

  /** Milliseconds for which changes should not be compiled, so that a plan comes to its end; 0 when they should. */
  get holdMs(): number {
    return this.#overtaken.holdMs;
  }

  /** Whether the APIC refused something. */
  get hasParked(): boolean {
    return !this.#parked.isEmpty;
  }

  /** Forgets what the APIC refused: the next run tries it again. */
  retryParked(): void {
    this.#parked.clear();
  }

  /** What waits for approval, names and prefixes that are taken, what bypasses contracts, what the APIC refused, what others changed. */
  get findings(): readonly Finding[] {
    const { conflicts = [], notes = [] } = this.#plan ?? {};
    const { waiting } = this;
    const asked = waiting === undefined ? [] : [approvalFinding(waiting)];
    return [...asked, ...conflicts, ...notes, ...this.#parked.findings, ...(this.#context.drift?.findings ?? [])];
  }

  /**
   * Releases the deletions that wait now of those that waited under this hash: the next run makes them. Gives whether there are
   * such.
   */
  approve(hash: string): boolean {
    if (this.planNow() === undefined) return false;
    const approved = this.#approvals.approve(hash);
    if (approved === 0) return false;
    this.#settled = undefined;
    this.#context.log.info({ hash, deletions: approved }, 'deletions were approved');
    return true;
  }

  /** Plans and posts. Rejects with the error of a POST that should be tried again; refused objects are parked. */
  async run(signal: AbortSignal): Promise<void> {
    const { fabric, poster, log } = this.#context;
    const desired = this.#takeIn();
    if (desired === undefined) return;
    this.#parked.forgetChanged(desired.objects);
    const { version } = fabric;
    const plan = this.#planAnew(desired);
    this.#tellWaiting(plan);
    const movesEndInMs = this.#context.hosts?.movesEndInMs ?? 0;
    this.#hostsFollowInMs = movesEndInMs > 0 ? movesEndInMs : undefined;
    if (isEmptyPlan(plan)) {
      this.#overtaken.ended('applied');
      if (movesEndInMs > 0) return;
      this.#settled = { wanted: { objects: desired.objects, references: desired.references }, version };
      await poster.settled?.(this.#parked.dns);
      return;
    }
    const outcome = await this.#carryOut(plan, signal);
    this.#overtaken.ended(outcome);
    const fields = { ...plan.counts, hash: plan.hash };
    log.info(fields, SAID_OF[outcome]);
  }

  /** Carries out a plan if it is still the one to make: does nothing when the plan of now has another hash. */
  async apply(plan: FabricPlan, signal: AbortSignal): Promise<ApplyOutcome> {
    const desired = this.#takeIn();
    if (desired === undefined || this.#planNow(desired).hash !== plan.hash) return 'outdated';
    return this.#carryOut(plan, signal);
  }

  /**
   * Carries out the plan that was made just now, and stops as soon as it is not the one to make any more. Before each POST it
   * would be the rest of this plan that is made again, with the hash of the rest, if and only if nothing came into the
   * difference, and all that is still to be posted is in it. That is asked instead of hashing tens of thousands of changes
   * before each of a hundred batches. So an object that is wanted again is not deleted by a plan of before, and nothing is
   * taken away before what takes its place.
   */
  async #carryOut(plan: FabricPlan, signal: AbortSignal): Promise<ApplyOutcome> {
    const { news } = this.#live;
    this.#hostsFollowInMs = undefined;
    const areDue = (changes: readonly Change[]): boolean => {
      const now = this.#takeIn();
      return now !== undefined && this.#lacksNoMore(now, plan) && changes.every((change) => this.#live.has(change));
    };
    let hostsFollow = this.#context.hosts !== undefined;
    for (const phase of plan.phases) {
      if (hostsFollow && AFTER_HOSTS.has(phase.name)) {
        hostsFollow = false;
        if (await this.#mustWaitForHosts()) return 'waiting';
      }
      for (const wave of wavesOf(phase)) {
        const isDone = await eachAtOnce(wave, this.#context.poster.atOnce, async (batch) => {
          if (!areDue(this.#sender.rest(batch)) || this.#live.news !== news) return false;
          const landed = this.#live.posting(batch.changes);
          return this.#sender.post(batch, signal, areDue).finally(landed);
        });
        if (!isDone) return 'outdated';
      }
    }
    return 'applied';
  }

  /** Tells the hosts, and notes for how long the rest has to wait for them. */
  async #mustWaitForHosts(): Promise<boolean> {
    const waitMs = (await this.#context.hosts?.follow(() => this.mayFollow)) ?? 0;
    this.#hostsFollowInMs = waitMs > 0 ? waitMs : undefined;
    return waitMs > 0;
  }

  /**
   * Compares the plan that is kept change by change with a whole one: where they differ, what was kept is wrong, and it is
   * made anew. Gives whether it was wrong.
   */
  audit(): boolean {
    const desired = this.#takeIn();
    if (desired === undefined || this.#live.isPosting) return false;
    const options = this.#options(desired);
    const kept = this.#live.plan(options);
    const whole = planFabric({ ...options, desired: desired.objects, actual: this.#context.fabric.objects });
    const isWrong =
      kept.hash !== whole.hash ||
      kept.deletions.hash !== whole.deletions.hash ||
      kept.waiting.hash !== whole.waiting.hash;
    const { done, differences } = this.#audits;
    this.#audits = { done: done + 1, differences: differences + (isWrong ? 1 : 0) };
    if (!isWrong) return false;
    const { log, fabric } = this.#context;
    log.error({ kept: kept.counts, whole: whole.counts }, 'the plan differs from a whole one, which is taken instead');
    this.#live.update(desired.objects, fabric.objects, undefined);
    this.#settled = undefined;
    return true;
  }

  /** Takes in what changed on both sides; gives nothing while there is no full picture of both. */
  #takeIn(): WantedFabric | undefined {
    const { fabric } = this.#context;
    const desired = this.#context.desired();
    if (desired === undefined || !fabric.trusted) return undefined;
    this.#live.update(desired.objects, fabric.objects, fabric.takeChanged());
    return desired;
  }

  /** Plans for somebody who only looks: what others changed is judged when it is carried out. */
  #planNow(desired: WantedFabric): FabricPlan {
    const plan = this.#live.plan(this.#options(desired));
    this.#plan = plan;
    return plan;
  }

  /** Plans, after what others changed was judged. */
  #planAnew(desired: WantedFabric): FabricPlan {
    const { drift, fabric } = this.#context;
    if (drift === undefined) return this.#planNow(desired);
    const adjust = this.#judged.noting(drift.review(desired, fabric.objects));
    const plan = this.#live.plan({ ...this.#options(desired), adjust });
    drift.reviewed(plan.conflicts);
    this.#plan = plan;
    return plan;
  }

  #options({ references }: WantedFabric): PlanOptions {
    const { settings } = this.#context;
    const { batchObjects, batchBytes } = this.#apply;
    return {
      references,
      clusterId: settings.clusterId,
      limits: { objects: batchObjects, bytes: batchBytes },
      parked: this.#parked.holds,
      adjust: this.#judged.restOf,
      mayDelete: this.#approvals.mayDelete,
    };
  }

  /** Whether no object of an admin's went away since the plan was made: what would be posted below it would make it. */
  #lacksNoMore({ references }: WantedFabric, { missing }: FabricPlan): boolean {
    const { objects } = this.#context.fabric;
    return references.every((dn) => objects.has(dn) || missing.includes(dn));
  }

  /** Says once in the log that deletions wait. */
  #tellWaiting({ waiting }: FabricPlan): void {
    const { changes, objects, owned, hash } = waiting;
    const isWaiting = changes.length > 0;
    if (isWaiting && hash !== this.#told) {
      const share = Number(shareOf(waiting).toFixed(3));
      const command = `acigw approve ${hash}`;
      this.#context.log.warn({ objects, owned, share, hash, command }, 'deletions wait for approval');
    }
    this.#told = isWaiting ? hash : undefined;
  }
}

const SAID_OF: Readonly<Record<ApplyOutcome, string>> = {
  applied: 'brought the fabric up to date',
  outdated: 'something changed meanwhile: planning again',
  waiting: 'brought the fabric up to date, but for what pods still use until their hosts have followed',
};
