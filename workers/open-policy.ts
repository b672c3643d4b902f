import {
  encodePolicy,
  FabricMapper,
  type FabricMemory,
  fabricOf,
  groupPools,
  NodeSlices,
  nextRestedVlan,
  nodePolicies,
  SliceChanges,
} from '#mappers';
import { canonicalMap, flatten, type ObjectMap } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import {
  type Allocation,
  type CompiledChanges,
  type CompiledPolicy,
  EMPTY_ALLOCATION,
  type Finding,
  type PolicyTables,
} from '#model/policy';
import type { FabricSettings } from '#model/settings';
import {
  type CompileDelta,
  type CompileOptions,
  compilerTables,
  findingsOf,
  groupNamed,
  groupOfPod,
  NOTHING_JOINED,
  PolicyCompiler,
  policiesOf,
  resultOf,
  WorkloadRoom,
} from '#policy';
import { fabricPolicy } from './budget/fabric-policy.js';
import { type BudgetMemory, isWithinBudget } from './budget/fit.js';
import { forecastOf } from './budget/forecast.js';
import { plainFindings } from './budget/limit-findings.js';
import {
  type DesiredState,
  type DetailMakers,
  LazyDesiredState,
  type PolicyDetails,
  type WantedFabric,
} from './desired-state.js';
import { FabricObjects } from './fabric-objects.js';

/** What was decided so far: with it a policy that is opened anew is the same, with the same names and VLANs. */
export interface PolicyMemory {
  readonly allocation: Allocation;
  readonly budget: BudgetMemory;
  /** How the policy would be mapped if there were room for it as it is; unknown after a restart. */
  readonly plain: FabricMemory | undefined;
}

/** What an open policy needs beside the cluster. */
export interface OpenPolicyContext {
  readonly settings: FabricSettings;
  /** Groups of others as they are when it is opened. */
  readonly foreignEpgs: CompileOptions['foreignEpgs'];
  readonly nodeEpg?: CompileOptions['nodeEpg'];
  /** For how long two groups have to be alike before they become one (policy.md §3.4). */
  readonly mergeAfterMs: number;
  /** For how long VLANs and VNIs of groups that are gone rest (policy.md §3.9). */
  readonly restForMs: number;
  /** The cluster as it is now, for what needs all of it. */
  readonly snapshot: () => ClusterSnapshot;
}

/** By what it is decided whether pods may be elsewhere. */
interface Placement {
  readonly isKept: boolean;
  readonly relocations: number;
}

/**
 * A policy that is compiled, fitted into the fabric and mapped change by change (policy.md §3.8). Where it is within budget
 * and bound at the AEP, a change costs what it touches; else the fitting and mapping are done whole after it.
 */
export class OpenPolicy {
  readonly #context: OpenPolicyContext;
  readonly #compiler: PolicyCompiler;
  readonly #tables: PolicyTables;
  readonly #mapper: FabricMapper;
  readonly #room: WorkloadRoom;
  readonly #isSplit: boolean;
  /** As of the last time that the policy was not within budget; what it was opened with before that. */
  #budget: BudgetMemory;
  #spaces: Allocation['spaces'];
  /** Time of the last change that was taken in, in milliseconds. */
  #now: number;
  /** Slices of a policy that is in the fabric as it is, and what changed since somebody asked for them. */
  readonly #slices: NodeSlices;
  readonly #sliceChanges = new SliceChanges();
  /** Undefined while the policy is not within budget. */
  #kept: FabricObjects | undefined;
  #current: WantedFabric & { readonly details: DetailMakers };
  #placement: Placement;

  /** Compiles all of the cluster. `now` is the time in milliseconds. */
  constructor(context: OpenPolicyContext, memory: PolicyMemory, now: number) {
    const { settings, foreignEpgs, nodeEpg, mergeAfterMs, restForMs } = context;
    const pools = groupPools(settings);
    const snapshot = context.snapshot();
    this.#context = context;
    this.#budget = memory.budget;
    this.#spaces = memory.allocation.spaces;
    this.#now = now;
    this.#room = new WorkloadRoom(pools.vlanPool, memory.allocation.preSplit);
    this.#isSplit = this.#room.update(snapshot);
    this.#compiler = new PolicyCompiler(memory.allocation, {
      ...pools,
      foreignEpgs,
      nodeEpg,
      preSplit: this.#isSplit,
      mergeAfter: mergeAfterMs,
      restFor: restForMs,
    });
    this.#tables = compilerTables(this.#compiler);
    this.#mapper = new FabricMapper(settings, { before: memory.plain });
    this.#slices = new NodeSlices(settings);
    this.#current = this.#take(snapshot, this.#compiler.apply(snapshot, now));
    this.#placement = this.#placementNow();
  }

  /**
   * When two groups become one, or a number that rests goes to a group that waits for one, if nothing changes until then, in
   * milliseconds; undefined when neither is about to.
   */
  get nextDue(): number | undefined {
    const allocation = {
      ...EMPTY_ALLOCATION,
      spaces: this.#spaces,
      time: { now: this.#now, restFor: this.#context.restForMs },
    };
    const times = [this.#compiler.nextDue, nextRestedVlan(allocation, this.#context.settings.vlanPool)];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** How many groups of pods there are. */
  get podGroups(): number {
    return this.#mapper.load.podGroups;
  }

  /** What a policy that is opened anew needs to be the same. */
  get memory(): PolicyMemory {
    const allocation = { ...this.#compiler.allocator.allocation(), spaces: this.#spaces };
    return { allocation, budget: this.#budgetNow(this.#kept !== undefined), plain: this.#mapper.memory };
  }

  /** What the fabric should hold. */
  get wanted(): WantedFabric {
    return this.#current;
  }

  /** Everything that the policy says should be, for a cluster of this revision. */
  desired(revision: number): DesiredState {
    const { objects, references } = this.#current;
    return new LazyDesiredState({ revision, objects, references, placement: this.#placement }, this.details);
  }

  /**
   * What else can be said of the policy as it is when somebody asks. Addresses in the slices are those that the cluster has
   * then: where they are newer than the groups, a change is waiting that will bring both together.
   */
  get details(): DetailMakers {
    return makersOf(() => this.#current.details);
  }

  /** Whether the policy is in the fabric as it is, and its objects are kept change by change. */
  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  /**
   * What has to be equal for a policy that is opened with the memory of this one: the fabric's objects, as they would be with
   * room for them. What is made of a policy that has to be fitted is made whole after each change, and depends on how it was
   * fitted before.
   */
  get plainObjects(): ObjectMap {
    return this.#kept?.objects ?? canonicalMap(flatten(fabricOf(this.#mapper, this.#context.settings).tree, ''));
  }

  /** Group of every pod that has one. */
  get membership(): CompiledPolicy['membership'] {
    return resultOf(this.#compiler).membership;
  }

  /**
   * Takes in a change of the cluster or of the groups of others. Gives false, and has done nothing, when the change ends or begins
   * the splitting by workloads: then the policy has to be opened anew.
   */
  update(delta: CompileDelta, now: number): boolean {
    if (this.#room.update(delta) !== this.#isSplit) return false;
    this.#now = now;
    this.#current = this.#take(delta, this.#compiler.apply(delta, now));
    const { isKept, relocations } = this.#placement;
    // How groups are fitted into a small fabric decides on their EPGs, too.
    const isSame = isKept && this.isKept && relocations === this.#compiler.relocations;
    if (!isSame) this.#placement = this.#placementNow();
    return true;
  }

  #placementNow(): Placement {
    return { isKept: this.isKept, relocations: this.#compiler.relocations };
  }

  #take(delta: CompileDelta, changes: CompiledChanges): WantedFabric & { readonly details: DetailMakers } {
    const { settings } = this.#context;
    this.#sliceChanges.note(delta, changes);
    const parts = this.#mapper.update(this.#tables, changes);
    // Where no part of the fabric differs, it takes what it took.
    const isAsBefore = this.#kept !== undefined && parts.size === 0;
    const isFitting = isAsBefore || isWithinBudget(this.#mapper, { settings, before: this.#budget });
    if (settings.encoding !== 'aep' || !isFitting) return this.#fit();
    if (this.#kept === undefined) this.#kept = new FabricObjects(this.#mapper, settings);
    else this.#kept.update(parts);
    const { objects, references } = this.#kept;
    return { objects, references, details: this.#plainDetails() };
  }

  /** What was decided about the fabric; within budget it is the mapper that knows. */
  #budgetNow(isKept: boolean): BudgetMemory {
    return isKept ? { ...this.#budget, plan: this.#mapper.memory } : this.#budget;
  }

  /** Details of a policy that is in the fabric as it is. */
  #plainDetails(): DetailMakers {
    const { settings, snapshot } = this.#context;
    let bare: CompiledPolicy | undefined;
    const policy = (): CompiledPolicy => {
      bare ??= { ...resultOf(this.#compiler), findings: [] };
      return bare;
    };
    const encoding = (): PolicyDetails['encoding'] => encodePolicy(policy(), snapshot(), settings).encoding;
    return {
      compiled: () => ({ ...policy(), findings: this.#plainFindings(policy()) }),
      encoding,
      joined: () => NOTHING_JOINED,
      forecast: () => forecastOf(this.#mapper, settings),
      contracts: () => this.#mapper.contracts,
      nodes: () => this.#slicesNow(),
    };
  }

  /** The slices as they are now; what changed since the last time is looked at. */
  #slicesNow(): PolicyDetails['nodes'] {
    const { pods, nodes } = this.#context.snapshot();
    const slices = this.#slices.update(this.#sliceChanges, {
      group: (name) => groupNamed(this.#compiler, name),
      pair: this.#tables.pair,
      groupOfPod: (pod) => groupOfPod(this.#compiler, pod),
      pods,
      nodes,
    });
    this.#sliceChanges.clear();
    return slices;
  }

  /** What there is to say of the policy, and of the plan by which the fabric has it. */
  #plainFindings(compiled: CompiledPolicy): readonly Finding[] {
    const { settings, snapshot } = this.#context;
    const compiler = this.#compiler;
    const findings = findingsOf(compiler, snapshot(), groupPools(settings));
    const plan = { settings, policiesOf: policiesOf(compiler), open: this.#mapper.openToAll };
    return [...findings, ...plainFindings({ ...plan, compiled: { ...compiled, findings } })];
  }

  /** Fits and maps all of the policy. */
  #fit(): WantedFabric & { readonly details: DetailMakers } {
    const { settings } = this.#context;
    const before = this.#budgetNow(this.#kept !== undefined);
    this.#kept = undefined;
    const snapshot = this.#context.snapshot();
    const result = resultOf(this.#compiler);
    const compiled = {
      ...result,
      allocation: { ...result.allocation, spaces: this.#spaces },
      findings: findingsOf(this.#compiler, snapshot, groupPools(settings)),
    };
    const { hosts, encoding, joined, forecast, fabric, memory } = fabricPolicy(compiled, snapshot, {
      settings,
      policiesOf: policiesOf(this.#compiler),
      before,
      mapper: this.#mapper,
    });
    this.#budget = memory;
    this.#spaces = hosts.allocation.spaces;
    return {
      objects: canonicalMap(flatten(fabric.tree, '')),
      references: fabric.references,
      details: {
        compiled: () => hosts,
        encoding: () => encoding,
        joined: () => joined,
        forecast: () => forecast,
        contracts: () => fabric.contracts,
        nodes: () => slicesOf(hosts, { ...this.#context, snapshot: () => snapshot }, encoding),
      },
    };
  }
}

const slicesOf = (
  compiled: CompiledPolicy,
  { snapshot, settings }: OpenPolicyContext,
  encoding: PolicyDetails['encoding'],
): PolicyDetails['nodes'] =>
  new Map(nodePolicies(compiled, snapshot(), settings, encoding).map((policy) => [policy.node, policy]));

/** Makers that ask for the newest ones when they are called. */
const makersOf = (newest: () => DetailMakers): DetailMakers => ({
  compiled: () => newest().compiled(),
  encoding: () => newest().encoding(),
  joined: () => newest().joined(),
  forecast: () => newest().forecast(),
  contracts: () => newest().contracts(),
  nodes: () => newest().nodes(),
});
