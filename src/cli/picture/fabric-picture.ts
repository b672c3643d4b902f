import {
  adminContracts,
  type EncapBindings,
  encapBindings,
  FabricEvaluator,
  type OwnGroups,
  pathBindings,
} from '#fabric';
import { type Encoding, encodePolicy, epgDn, groupPools, recoverAllocation, recoverBudget } from '#mappers';
import { canonicalMap, type FlatObject, flatten, type ObjectMap } from '#model/aci';
import { containsAddress, type IpAddress, type Prefix } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION, type PodKey } from '#model/policy';
import { type FabricSettings, profileDn, vrfDn } from '#model/settings';
import {
  compileOpen,
  type JoinedGroups,
  joinedPolicy,
  joinGroups,
  type PolicyCompiler,
  policiesOf,
  withFabricVlans,
} from '#policy';
import { fabricPolicy, ofParts } from '#workers';
import { adminObjects } from './admin-objects.js';
import { AdminOpened } from './admin-opened.js';
import { Approximation } from './approximation.js';
import { adminEpgs, type PolicyState } from './policy-state.js';

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
  readonly adminOpened: AdminOpened;
  /** Where the objects come from, for people. */
  readonly origin: string;
  readonly #state: PolicyState;
  readonly #bindings: EncapBindings;
  readonly #boundAt: ReturnType<typeof pathBindings>;
  readonly #encoding: Encoding;
  readonly #joined: JoinedGroups;

  private constructor(
    state: PolicyState,
    compilation: Compilation,
    { objects, origin }: { readonly objects: ObjectMap; readonly origin: string },
  ) {
    const all = [...objects.values()];
    this.#state = state;
    this.compiler = compilation.compiler;
    this.compiled = compilation.compiled;
    this.origin = origin;
    const { joined } = compilation;
    this.#joined = joined;
    this.approximation = new Approximation(joinedPolicy(this.compiled, joined), joined.approximate, state.settings);
    this.adminOpened = new AdminOpened(adminContracts(objects, ownGroups(state.settings)).openings);
    this.evaluator = new FabricEvaluator(all);
    this.#bindings = encapBindings(all);
    this.#boundAt = pathBindings(all);
    this.#encoding = compilation.encoding;
  }

  /** The objects that the gateway would write to an empty fabric, with those of an admin's as the configuration names them. */
  static wanted(state: PolicyState): FabricPicture {
    const { compiler, compiled } = compiledWith(state, EMPTY_ALLOCATION);
    const { settings } = state;
    const { hosts, encoding, joined, fabric } = fabricPolicy(compiled, state.snapshot, {
      settings,
      policiesOf: policiesOf(compiler),
    });
    const written = flatten(fabric.tree, '');
    const objects = canonicalMap([...adminObjects(settings, adminEpgs(state)), ...written]);
    const compilation = { compiler, compiled: hosts, encoding, joined };
    return new FabricPicture(state, compilation, {
      objects,
      origin: 'managed objects to be written',
    });
  }

  /** The objects that an APIC holds. Names and VLANs of the groups are read back from them. */
  static real(state: PolicyState, found: readonly FlatObject[], origin: string): FabricPicture {
    const objects = canonicalMap(found);
    const { compiler, compiled } = compiledWith(state, recoverAllocation(objects, state.settings));
    const { joined: of } = recoverBudget(objects, state.settings);
    // Nothing more is joined than what the fabric shows; what it permits beyond the policy is found anew.
    const targets = { podGroups: Number.POSITIVE_INFINITY, externalGroups: Number.POSITIVE_INFINITY };
    const joined = joinGroups(compiled, targets, { of, approximate: new Set() });
    const { compiled: bound, encoding } = encodePolicy(joinedPolicy(compiled, joined), state.snapshot, state.settings);
    const hosts = { ...withFabricVlans(compiled, joined), findings: bound.findings, allocation: bound.allocation };
    const compilation = { compiler, compiled: hosts, encoding: ofParts(encoding, joined), joined };
    return new FabricPicture(state, compilation, { objects, origin });
  }

  /** VLAN of the pod's frames; undefined when its group has none on its node. */
  vlanOf(pod: PodKey): number | undefined {
    return this.#encoding.vlan(this.compiled.membership.get(pod) ?? '', this.#nodeOf(pod));
  }

  /**
   * Dn of the EPG or external EPG that the fabric takes the end for: a pod by the VLAN of its frames, an address by foreign
   * EPG or by the longest prefix on the L3Out (policy.md A2, A5). Undefined when the fabric does not know it.
   */
  classOf({ pod, address }: FabricEnd): string | undefined {
    if (pod !== undefined) return this.#epgOf(pod);
    return this.foreignDnOf(address) ?? this.evaluator.externalClass(vrfDn(this.#state.settings), address);
  }

  /** Every prefix by which the fabric tells outside addresses apart. */
  outsidePrefixes(): readonly Prefix[] {
    const foreign = adminEpgs(this.#state).flatMap(({ prefixes }) => prefixes);
    return [...this.evaluator.externalPrefixes(vrfDn(this.#state.settings)), ...foreign];
  }

  /** Dn of the foreign EPG whose endpoints have the address. */
  foreignDnOf(address: IpAddress): string | undefined {
    const holding = adminEpgs(this.#state).flatMap(({ dn, prefixes }) =>
      prefixes.filter((prefix) => containsAddress(prefix, address)).map(({ length }) => ({ dn, length })),
    );
    return holding.sort((a, b) => b.length - a.length)[0]?.dn;
  }

  /** The finding about a pod without a VLAN: its node has no path, or no number was left. */
  codeWithoutVlan(pod: PodKey): 'NODE_WITHOUT_PATH' | 'VLANS_EXHAUSTED' {
    const isBound = this.#encoding.kind === 'aep' || this.#encoding.paths(this.#nodeOf(pod) ?? '').length > 0;
    return isBound ? 'VLANS_EXHAUSTED' : 'NODE_WITHOUT_PATH';
  }

  #nodeOf(pod: PodKey): string | undefined {
    return this.#state.snapshot.pods.get(pod)?.node;
  }

  /** On several paths the pod is what it is on the first that leads elsewhere than it should: a proof must see that one. */
  #epgOf(pod: PodKey): string | undefined {
    const encap = `vlan-${this.vlanOf(pod)}`;
    const group = this.compiled.membership.get(pod) ?? '';
    const expected = epgDn(this.#state.settings, this.#joined.of.get(group) ?? group);
    const paths = this.#encoding.paths(this.#nodeOf(pod) ?? '');
    if (paths.length === 0) {
      const bound = this.#bindings.get(encap) ?? NO_DNS;
      return bound.has(expected) ? expected : onlyOne(bound);
    }
    const elsewhere = paths.map((path) => this.#boundAt(path, encap)).find((bound) => onlyOne(bound) !== expected);
    return elsewhere === undefined ? expected : onlyOne(elsewhere);
  }
}

const ownGroups = (settings: FabricSettings): OwnGroups => ({
  clusterId: settings.clusterId,
  profile: profileDn(settings),
});

const onlyOne = (dns: ReadonlySet<string>): string | undefined => (dns.size === 1 ? [...dns][0] : undefined);

const NO_DNS: ReadonlySet<string> = new Set();

interface Compilation {
  readonly compiler: PolicyCompiler;
  /** What the hosts enforce. */
  readonly compiled: CompiledPolicy;
  readonly encoding: Encoding;
  readonly joined: JoinedGroups;
}

const compiledWith = (
  { snapshot, settings, foreignEpgs, nodeEpg }: PolicyState,
  remembered: CompiledPolicy['allocation'],
): ReturnType<typeof compileOpen> =>
  compileOpen(snapshot, remembered, { ...groupPools(settings), foreignEpgs, nodeEpg });
