import { canonicalMap, type EncapBindings, encapBindings, FabricEvaluator } from '#fabric';
import { epgDn, fabricOf, recoverAllocation, recoverBudget } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { containsAddress, type IpAddress, type Prefix } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION, type PodKey } from '#model/policy';
import {
  compileOpen,
  type JoinedGroups,
  joinedPolicy,
  joinGroups,
  type PolicyCompiler,
  policiesOf,
  withFabricVlans,
} from '#policy';
import { fitToBudget } from '#workers';
import { adminObjects } from './admin-objects.js';
import { Approximation } from './approximation.js';
import type { PolicyState } from './policy-state.js';

/** Somewhere that traffic comes from or goes to: a pod that policies apply to, or any other address. */
export interface FabricEnd {
  readonly pod: PodKey | undefined;
  readonly address: IpAddress;
}

/** The compiled policy beside the managed objects that stand for it: those we would write, or those of an APIC. */
export class FabricPicture {
  readonly compiled: CompiledPolicy;
  readonly compiler: PolicyCompiler;
  readonly evaluator: FabricEvaluator;
  /** What the fabric is meant to permit beyond the policies, where groups are joined. */
  readonly approximation: Approximation;
  /** Where the objects come from, for people. */
  readonly origin: string;
  readonly #state: PolicyState;
  readonly #bindings: EncapBindings;
  readonly #vlans: ReadonlyMap<string, number | undefined>;
  readonly #joined: JoinedGroups;

  private constructor(
    state: PolicyState,
    compilation: { readonly compiler: PolicyCompiler; readonly compiled: CompiledPolicy },
    { objects, origin, joined }: { objects: Iterable<FlatObject>; origin: string; joined: JoinedGroups },
  ) {
    const all = [...objects];
    this.#state = state;
    this.compiler = compilation.compiler;
    this.compiled = compilation.compiled;
    this.origin = origin;
    this.#joined = joined;
    this.approximation = new Approximation(joinedPolicy(this.compiled, joined), joined.approximate, state.settings);
    this.evaluator = new FabricEvaluator(all);
    this.#bindings = encapBindings(all);
    this.#vlans = new Map(
      this.compiled.groups.flatMap((group) => (group.kind === 'pods' ? [[group.name, group.vlan]] : [])),
    );
  }

  /** The objects that the gateway would write to an empty fabric, with those of an admin's as the configuration names them. */
  static wanted(state: PolicyState): FabricPicture {
    const { compiler, compiled } = compiledWith(state, EMPTY_ALLOCATION);
    const { settings } = state;
    const fitted = fitToBudget(compiled, { settings, policiesOf: policiesOf(compiler) });
    const written = flatten(fabricOf(fitted.mapper, settings).tree, '');
    const objects = canonicalMap([...adminObjects(settings, state.foreignEpgs), ...written]);
    const origin = 'managed objects to be written';
    const rest = { objects: objects.values(), origin, joined: fitted.joined };
    return new FabricPicture(state, { compiler, compiled: fitted.hosts }, rest);
  }

  /** The objects that an APIC holds. Names and VLANs of the groups are read back from them. */
  static real(state: PolicyState, found: readonly FlatObject[], origin: string): FabricPicture {
    const objects = canonicalMap(found);
    const { compiler, compiled } = compiledWith(state, recoverAllocation(objects, state.settings));
    const { joined: of } = recoverBudget(objects, state.settings);
    // Nothing more is joined than what the fabric shows; what it permits beyond the policy is found anew.
    const targets = { podGroups: Number.POSITIVE_INFINITY, externalGroups: Number.POSITIVE_INFINITY };
    const joined = joinGroups(compiled, targets, { of, approximate: new Set() });
    const compilation = { compiler, compiled: withFabricVlans(compiled, joined) };
    return new FabricPicture(state, compilation, { objects: objects.values(), origin, joined });
  }

  /** VLAN of the pod's frames; undefined when its group has none. */
  vlanOf(pod: PodKey): number | undefined {
    return this.#vlans.get(this.compiled.membership.get(pod) ?? '');
  }

  /**
   * Dn of the EPG or external EPG that the fabric takes the end for: a pod by the VLAN of its frames, an address by foreign
   * EPG or by the longest prefix on the L3Out (policy.md A2, A5). Undefined when the fabric does not know it.
   */
  classOf({ pod, address }: FabricEnd): string | undefined {
    if (pod !== undefined) return this.#epgOf(pod);
    return this.foreignDnOf(address) ?? this.evaluator.externalClass(this.#vrfDn(), address);
  }

  /** Every prefix by which the fabric tells outside addresses apart. */
  outsidePrefixes(): readonly Prefix[] {
    const foreign = this.#state.foreignEpgs.flatMap(({ prefixes }) => prefixes);
    return [...this.evaluator.externalPrefixes(this.#vrfDn()), ...foreign];
  }

  #vrfDn(): string {
    const { tenant, vrf } = this.#state.settings;
    return `uni/tn-${tenant.name}/ctx-${vrf.name}`;
  }

  /** Dn of the foreign EPG whose endpoints have the address. */
  foreignDnOf(address: IpAddress): string | undefined {
    const holding = this.#state.foreignEpgs.flatMap(({ dn, prefixes }) =>
      prefixes.filter((prefix) => containsAddress(prefix, address)).map(({ length }) => ({ dn, length })),
    );
    return holding.sort((a, b) => b.length - a.length)[0]?.dn;
  }

  #epgOf(pod: PodKey): string | undefined {
    const vlan = this.vlanOf(pod);
    const bound = this.#bindings.get(`vlan-${vlan}`) ?? NO_DNS;
    const group = this.compiled.membership.get(pod) ?? '';
    const expected = epgDn(this.#state.settings, this.#joined.of.get(group) ?? group);
    if (bound.has(expected)) return expected;
    const [only] = bound;
    return bound.size === 1 ? only : undefined;
  }
}

const NO_DNS: ReadonlySet<string> = new Set();

const compiledWith = (
  { snapshot, settings, foreignEpgs }: PolicyState,
  remembered: CompiledPolicy['allocation'],
): ReturnType<typeof compileOpen> => compileOpen(snapshot, remembered, { vlanPool: settings.vlanPool, foreignEpgs });
