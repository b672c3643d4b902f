import { type CapacityUse, canonicalMap, type ObjectMap } from '#fabric';
import {
  type DesiredFabric,
  type Encoding,
  groupVlanPool,
  nodePolicies,
  recoverAllocation,
  recoverBudget,
} from '#mappers';
import { flatten } from '#model/aci';
import type { NodePolicy } from '#model/node';
import type { Allocation, CompiledPolicy } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compileOpen, type ForeignEpg, type JoinedGroups, type NodeEpg, policiesOf } from '#policy';
import type { Logger } from '#ports';
import { fabricPolicy } from './budget/fabric-policy.js';
import { type BudgetMemory, recoveredMemory } from './budget/fit.js';
import type { ClusterMirror } from './cluster-mirror.js';
import type { FabricMirror } from './fabric-mirror.js';

/** Everything that one compilation says should be. */
export interface DesiredState {
  /** Revision of the cluster that was compiled. */
  readonly revision: number;
  /** What the hosts enforce. */
  readonly compiled: CompiledPolicy;
  readonly encoding: Encoding;
  /** Groups that are one in the fabric. */
  readonly joined: JoinedGroups;
  /** What the policy takes of the fabric. */
  readonly forecast: readonly CapacityUse[];
  readonly fabric: DesiredFabric;
  /** The fabric's objects, flat and canonical. */
  readonly objects: ObjectMap;
  readonly nodes: ReadonlyMap<string, NodePolicy>;
}

/** What the compile worker reads. */
export interface CompileContext {
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly settings: FabricSettings;
  readonly foreignEpgs: readonly ForeignEpg[];
  readonly nodeEpg?: NodeEpg | undefined;
  readonly log: Logger;
}

/** Compiles the cluster into the desired state, and remembers the allocation from one time to the next. */
export class CompileWorker {
  readonly #context: CompileContext;
  #allocation: Allocation | undefined;
  #budget: BudgetMemory | undefined;
  #desired: DesiredState | undefined;

  constructor(context: CompileContext) {
    this.#context = context;
  }

  /** The last result; undefined before both sides were listed once. */
  get desired(): DesiredState | undefined {
    return this.#desired;
  }

  /**
   * Compiles if there is something new. Nothing happens before the cluster was listed in full (an empty cache is no empty
   * cluster) and the fabric once (its EPGs say which VLANs our groups have). Returns whether the desired state is new.
   */
  run(): boolean {
    const { cluster, fabric, settings, foreignEpgs, nodeEpg, log } = this.#context;
    if (!cluster.synced || this.#desired?.revision === cluster.revision) return false;
    if (this.#allocation === undefined) {
      if (!fabric.trusted) return false;
      this.#allocation = recoverAllocation(fabric.objects, settings);
      this.#budget = recoveredMemory(recoverBudget(fabric.objects, settings));
    }
    const snapshot = cluster.snapshot();
    const { compiler, compiled } = compileOpen(snapshot, this.#allocation, {
      vlanPool: groupVlanPool(settings),
      foreignEpgs,
      nodeEpg,
    });
    const fitted = fabricPolicy(compiled, snapshot, {
      settings,
      policiesOf: policiesOf(compiler),
      before: this.#budget,
    });
    const { hosts, encoding, joined, forecast, fabric: mapped } = fitted;
    this.#allocation = hosts.allocation;
    this.#budget = fitted.memory;
    const policies = nodePolicies(hosts, snapshot, settings, encoding);
    this.#desired = {
      revision: snapshot.revision,
      compiled: hosts,
      encoding,
      joined,
      forecast,
      fabric: mapped,
      objects: canonicalMap(flatten(mapped.tree, '')),
      nodes: new Map(policies.map((policy) => [policy.node, policy])),
    };
    log.debug({ revision: snapshot.revision, groups: compiled.groups.length }, 'compiled the policies');
    return true;
  }
}
