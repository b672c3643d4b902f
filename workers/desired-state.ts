import type { CapacityUse } from '#fabric';
import type { ContractPlan, Encoding } from '#mappers';
import { type ObjectMap } from '#model/aci';
import type { NodePolicy } from '#model/node';
import type { CompiledPolicy } from '#model/policy';
import type { JoinedGroups } from '#policy';

/** What one compilation says of the policy beyond the fabric's objects. */
export interface PolicyDetails {
  /** What the hosts enforce. */
  readonly compiled: CompiledPolicy;
  readonly encoding: Encoding;
  /** Groups that are one in the fabric. */
  readonly joined: JoinedGroups;
  /** What the policy takes of the fabric. */
  readonly forecast: readonly CapacityUse[];
  readonly contracts: readonly ContractPlan[];
  /** The slice of each node. */
  readonly nodes: ReadonlyMap<string, NodePolicy>;
}

/** What the fabric should hold. The same two values, by identity, as long as nothing in them is different. */
export interface WantedFabric {
  /** The fabric's objects, flat and canonical. */
  readonly objects: ObjectMap;
  /** Dns of objects that are an admin's and must be there already. */
  readonly references: readonly string[];
  /** Dns of objects that are wanted only until pods have moved: the hashes on what they belong to do not speak of them. */
  readonly bridges?: ReadonlySet<string>;
}

/** Everything that one compilation says should be. */
export interface DesiredState extends WantedFabric, PolicyDetails {
  /** Revision of the cluster that was compiled. */
  readonly revision: number;
  /** The same value, by identity, as long as every pod that is still there is in the same EPG. */
  readonly placement: object;
}

/** Makes each detail when somebody asks for it. */
export type DetailMakers = { readonly [Name in keyof PolicyDetails]: () => PolicyDetails[Name] };

/**
 * A desired state whose details are made when somebody asks for the first time, and never again: most of them the way to
 * the fabric does not need. What is asked of a state that is not the newest any more, and was never asked before, is
 * answered as of the newest.
 */
export class LazyDesiredState implements DesiredState {
  readonly revision: number;
  readonly objects: ObjectMap;
  readonly references: readonly string[];
  readonly placement: object;
  readonly #makers: DetailMakers;
  readonly #made: Partial<PolicyDetails> = {};

  constructor(
    { revision, objects, references, placement }: WantedFabric & Pick<DesiredState, 'revision' | 'placement'>,
    makers: DetailMakers,
  ) {
    this.revision = revision;
    this.objects = objects;
    this.references = references;
    this.placement = placement;
    this.#makers = makers;
  }

  get compiled(): CompiledPolicy {
    return this.#detail('compiled');
  }

  get encoding(): Encoding {
    return this.#detail('encoding');
  }

  get joined(): JoinedGroups {
    return this.#detail('joined');
  }

  get forecast(): readonly CapacityUse[] {
    return this.#detail('forecast');
  }

  get contracts(): readonly ContractPlan[] {
    return this.#detail('contracts');
  }

  get nodes(): ReadonlyMap<string, NodePolicy> {
    return this.#detail('nodes');
  }

  #detail<Name extends keyof PolicyDetails>(name: Name): PolicyDetails[Name] {
    const made: PolicyDetails[Name] | undefined = this.#made[name];
    if (made !== undefined) return made;
    const detail = this.#makers[name]();
    Object.assign(this.#made, { [name]: detail });
    return detail;
  }
}
