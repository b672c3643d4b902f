import type { FabricSettings } from '#model/settings';
import type { CompileDelta, ForeignEpg, NodeEpg } from '#policy';
import type { AuditCounts, Clock, Logger } from '#ports';
import type { ClusterMirror } from './cluster-mirror.js';
import type { DesiredState } from './desired-state.js';
import type { FabricMirror } from './fabric-mirror.js';
import { firstDifference } from './first-difference.js';
import { OpenPolicy, type PolicyMemory } from './open-policy.js';
import { recoveredPolicy } from './recovered-policy.js';

/** What the compile worker reads. */
export interface CompileContext {
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly settings: FabricSettings;
  /** Groups of others with their addresses now; another value when something in it is different. */
  readonly foreignEpgs: () => readonly ForeignEpg[];
  /** Whether the addresses are still to come: until then nothing is compiled. */
  readonly awaitsAddresses?: () => boolean;
  /** Milliseconds after which to ask again whether changes of the cluster may be compiled; 0 when they may. */
  readonly holdMs?: () => number;
  readonly nodeEpg?: NodeEpg | undefined;
  /** For how long two groups have to be alike before they become one, which moves pods to another VLAN (policy.md §3.4). */
  readonly mergeAfterMs: number;
  /** For how long VLANs and VNIs of groups that are gone rest (policy.md §3.9). */
  readonly restForMs: number;
  /** Changes after which a whole compilation takes the place of what was kept change by change, though the two are equal. */
  readonly renewAfter?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tables of texts and sets that many have in common keep what nobody has any more: too little to follow each use of it, too much for
 * months of a busy cluster. They go with the compilation that they were made for.
 */
const RENEW_AFTER = 10_000;
/**
 * So many times as many changes are waited for a moment in which nothing is due. In a large cluster with few VLANs there is none: then
 * groups that wait become one before their time, which is better than to keep all that for ever.
 */
const MOST_WAITED_FOR = 2;

/** Compiles the cluster into the desired state: all of it once, then change by change. */
export class CompileWorker {
  readonly #context: CompileContext;
  /** The groups of others that the policy knows of. */
  #foreignEpgs: readonly ForeignEpg[] = [];
  #policy: OpenPolicy | undefined;
  /** What was decided before the policy was opened, or by one that has to be opened anew. */
  #memory: PolicyMemory | undefined;
  #desired: DesiredState | undefined;
  /** The desired state that an audit looked at last: it is not looked at twice. */
  #audited: DesiredState | undefined;
  #audits: AuditCounts = { done: 0, differences: 0 };
  /** Changes that were taken in since the policy was opened. */
  #updates = 0;

  constructor(context: CompileContext) {
    this.#context = context;
  }

  /** The last result; undefined before both sides were listed once. */
  get desired(): DesiredState | undefined {
    return this.#desired;
  }

  /** Whether nothing is compiled because addresses of groups of others are still to come. */
  get awaitsAddresses(): boolean {
    return this.#context.awaitsAddresses?.() === true;
  }

  /** How often the result was compared with a whole compilation, and how often it was another one. */
  get audits(): AuditCounts {
    return this.#audits;
  }

  /**
   * Milliseconds until two groups have been alike for long enough to become one, or a number has rested for long enough to go to a
   * group that waits for it; until changes have waited for long enough for what the cluster has still to tell; undefined when nothing
   * is due.
   */
  get dueInMs(): number | undefined {
    const waitMs = this.#waitMs();
    return waitMs > 0 ? waitMs : this.#dueInMs;
  }

  get #dueInMs(): number | undefined {
    const due = this.#policy?.nextDue;
    return due === undefined ? undefined : Math.max(0, due - this.#context.clock.uptime());
  }

  /** Milliseconds that changes of the cluster wait: until its resources are of one time again, or a plan is carried out; 0 when none do. */
  #waitMs(): number {
    const { cluster, holdMs } = this.#context;
    if (this.#desired?.revision === cluster.revision) return 0;
    return Math.max(cluster.waitMs(), this.#desired === undefined ? 0 : (holdMs?.() ?? 0));
  }

  /**
   * Takes in what changed since the last time, and does what is due. Nothing happens before the cluster was
   * listed in full (an empty cache is no empty cluster) and the fabric once (its EPGs say which VLANs our groups have), nor while
   * some of it is of before and some of after an interruption.
   * Returns whether the desired state is new. After an error the next run compiles everything.
   */
  run(): boolean {
    const { cluster, log } = this.#context;
    if (!cluster.synced || this.awaitsAddresses || !this.#hasNews() || this.#waitMs() > 0) return false;
    try {
      if (!this.#compile()) return false;
    } catch (error) {
      this.#memory = this.#policy?.memory ?? this.#memory;
      this.#policy = undefined;
      throw error;
    }
    this.#settle();
    log.debug({ revision: cluster.revision, groups: this.#policy?.podGroups }, 'compiled the policies');
    return true;
  }

  /**
   * Compiles everything anew, with the names and decisions of now, and compares (policy.md §3.8): where the two differ, what
   * was kept change by change is wrong, and the whole result is taken; so it is after many changes. Nothing is compared while something
   * is due, which a new compilation would not know; nor twice for the same result. Returns whether the desired state is new.
   */
  audit(): boolean {
    const isNew = this.run();
    const kept = this.#policy;
    // What waits is not in what was kept, and would be in a whole compilation.
    if (this.#waitMs() > 0) return isNew;
    if (kept === undefined || this.#audited === this.#desired) return isNew;
    const renewAfter = this.#context.renewAfter ?? RENEW_AFTER;
    if (kept.nextDue !== undefined) {
      if (this.#updates < MOST_WAITED_FOR * renewAfter) return isNew;
      this.#renew(this.#open(kept.memory));
      return true;
    }
    const whole = this.#open(kept.memory);
    const isTaken = this.#differ(kept, whole) || this.#updates >= renewAfter;
    if (isTaken) this.#renew(whole);
    this.#audited = this.#desired;
    return isNew || isTaken;
  }

  /** Compares, counts, and says where the two differ. */
  #differ(kept: OpenPolicy, whole: OpenPolicy): boolean {
    const { log } = this.#context;
    const difference = firstDifference(kept, whole);
    const { done, differences } = this.#audits;
    this.#audits = { done: done + 1, differences: differences + (difference === undefined ? 0 : 1) };
    if (difference === undefined) {
      log.debug({ revision: this.#desired?.revision }, 'the policies agree with a whole compilation');
      return false;
    }
    log.error({ ...difference }, 'the policies differ from a whole compilation, which is taken instead');
    return true;
  }

  /** Takes a whole compilation in the place of what was kept. */
  #renew(whole: OpenPolicy): void {
    this.#policy = whole;
    this.#updates = 0;
    this.#settle();
  }

  #hasNews(): boolean {
    return (
      this.#policy === undefined ||
      this.#desired?.revision !== this.#context.cluster.revision ||
      this.#foreignEpgs !== this.#context.foreignEpgs() ||
      this.#dueInMs === 0
    );
  }

  /** Brings the policy up to date; gives false while it cannot be opened. */
  #compile(): boolean {
    const { cluster, clock } = this.#context;
    if (this.#policy?.update(this.#takeDelta(), clock.uptime()) === true) {
      this.#updates += 1;
      return true;
    }
    const memory = this.#policy?.memory ?? this.#memory ?? this.#recovered();
    if (memory === undefined) return false;
    // The whole cluster is read now: what differs from it is told from here on.
    cluster.takeDelta();
    this.#policy = this.#open(memory);
    this.#updates = 0;
    return true;
  }

  #takeDelta(): CompileDelta {
    const { cluster, foreignEpgs } = this.#context;
    const delta = cluster.takeDelta();
    const groups = foreignEpgs();
    if (groups === this.#foreignEpgs) return delta;
    this.#foreignEpgs = groups;
    return { ...delta, foreignEpgs: groups };
  }

  #open(memory: PolicyMemory): OpenPolicy {
    const { cluster, settings, foreignEpgs, nodeEpg, mergeAfterMs, restForMs, clock } = this.#context;
    this.#foreignEpgs = foreignEpgs();
    return new OpenPolicy(
      {
        settings,
        foreignEpgs: this.#foreignEpgs,
        nodeEpg,
        mergeAfterMs,
        restForMs,
        snapshot: () => cluster.snapshot(),
      },
      memory,
      clock.uptime(),
    );
  }

  /** What the fabric shows of an earlier run; undefined while it was not listed. */
  #recovered(): PolicyMemory | undefined {
    const { fabric, settings } = this.#context;
    if (!fabric.trusted) return undefined;
    return recoveredPolicy(fabric.objects, settings);
  }

  #settle(): void {
    const policy = this.#policy;
    if (policy === undefined) return;
    this.#memory = undefined;
    this.#desired = policy.desired(this.#context.cluster.revision);
  }
}
