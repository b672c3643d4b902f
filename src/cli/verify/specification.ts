import { type NetworkPolicyObject, type SpecificationState, specificationAllows } from '#policy';
import { networkPolicyPorts, type RulePorts, tieredPorts } from './critical-ports.js';

/**
 * Asks the plain specification, handing it only the NetworkPolicies of the two ends' namespaces: it reads no others, because
 * a policy applies to pods of its own namespace alone (policy.md N8). Policies of the tiers have no namespace: it gets all.
 */
export class Specification {
  readonly state: SpecificationState;
  readonly #byNamespace = new Map<string, NetworkPolicyObject[]>();
  readonly #states = new Map<string, SpecificationState>();
  #everyPort: readonly RulePorts[] | undefined;

  constructor(state: SpecificationState) {
    this.state = state;
    for (const policy of state.policies) {
      const namespace = policy.metadata.namespace ?? 'default';
      const own = this.#byNamespace.get(namespace);
      if (own === undefined) this.#byNamespace.set(namespace, [policy]);
      else own.push(policy);
    }
  }

  /** Whether the flow may be opened. */
  allows(flow: Parameters<typeof specificationAllows>[1]): boolean {
    return specificationAllows(this.stateOf(flow.source.namespace, flow.destination.namespace), flow);
  }

  /** Ports of all rules of all policies: for questions about ends of which nobody has looked up the rules. */
  get everyPort(): readonly RulePorts[] {
    this.#everyPort ??= everyPortIn(this.state);
    return this.#everyPort;
  }

  /** The state as far as ends in the two namespaces can see it. */
  stateOf(a: string | undefined, b: string | undefined = a): SpecificationState {
    const key = `${a ?? ''}\n${b ?? ''}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state = { ...this.state, policies: [...this.#of(a), ...(a === b ? [] : this.#of(b))] };
    this.#states.set(key, state);
    return state;
  }

  #of(namespace: string | undefined): readonly NetworkPolicyObject[] {
    return this.#byNamespace.get(namespace ?? '') ?? [];
  }
}

function everyPortIn({
  policies,
  additivePolicies = [],
  tieredPolicies = [],
}: SpecificationState): readonly RulePorts[] {
  const rulesOf = <One>({
    spec,
  }: {
    readonly spec: { readonly ingress?: readonly One[] | null; readonly egress?: readonly One[] | null };
  }): readonly One[] => [...(spec.ingress ?? []), ...(spec.egress ?? [])];
  return [
    ...[...policies, ...additivePolicies].flatMap(rulesOf).flatMap(({ ports }) => networkPolicyPorts(ports)),
    ...tieredPolicies.flatMap(rulesOf).flatMap(({ protocols, ports }) => tieredPorts(protocols ?? ports ?? [])),
  ];
}
