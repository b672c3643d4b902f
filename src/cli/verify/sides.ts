import {
  applyingPolicies,
  type Endpoint,
  type NetworkPolicyObject,
  type Peer,
  peersHold,
  type Rule,
  type SpecificationState,
  type TieredRule,
  tieredPeersHold,
  tierRules,
} from '#policy';
import { networkPolicyPorts, type RulePorts, tieredPorts } from './critical-ports.js';
import { holdsSpot, type PeerQuestion, type PeerSet, type PeerSets } from './peer-sets.js';
import type { Specification } from './specification.js';
import type { Spot } from './spots.js';

type Direction = 'Ingress' | 'Egress';

/** One rule of a side. */
export interface SideRule {
  readonly peers: PeerSet;
  /** Everything that the verdict reads of the rule beside its peers: tier, action, ports. */
  readonly text: string;
  readonly ports: readonly RulePorts[];
}

/** Everything that decides one direction of a pod: whether it is isolated, and its rules in the order of the tiers. */
export interface Side {
  readonly isolated: boolean;
  readonly rules: readonly SideRule[];
}

/** What is read of a rule whomever it is for: its peers as a text. */
type ReadRule = Pick<SideRule, 'text' | 'ports'> & { readonly peers: string };

/** An address outside the cluster has no policies: its sides allow everything. */
const FREE: Side = { isolated: false, rules: [] };

/** Reads the sides of spots of one family. It decides nothing: what the rules mean is for the specification to say. */
export class Sides {
  readonly #specification: Specification;
  readonly #sets: PeerSets;
  readonly #texts = new Map<object, ReadRule>();

  constructor(specification: Specification, sets: PeerSets) {
    this.#specification = specification;
    this.#sets = sets;
  }

  /** One direction of the spot. */
  of({ isPod, place, index }: Spot, direction: Direction): Side {
    if (!isPod) return FREE;
    const { endpoint } = place;
    const state = this.#specification.stateOf(endpoint.namespace);
    const policies = applyingPolicies(state, endpoint, direction);
    const added = applyingPolicies({ policies: state.additivePolicies ?? [] }, endpoint, direction);
    const rules = [
      ...this.#tier(state, endpoint, 'Admin', direction),
      ...added.flatMap((policy) => this.#network(state, policy, direction)).map(asAdded),
      ...policies.flatMap((policy) => this.#network(state, policy, direction)),
      ...this.#tier(state, endpoint, 'Baseline', direction),
    ];
    for (const { peers } of rules) peers.users.add(index);
    return { isolated: policies.length > 0, rules };
  }

  #tier(
    state: SpecificationState,
    endpoint: Endpoint,
    tier: 'Admin' | 'Baseline',
    direction: Direction,
  ): readonly SideRule[] {
    return tierRules(state, endpoint, tier, direction).map((rule) => {
      const peers = (direction === 'Egress' ? rule.to : rule.from) ?? [];
      const { text, ports, peers: key } = this.#read(rule, () => this.#tieredRead(rule, peers));
      const question: PeerQuestion = {
        key,
        namespace: undefined,
        holds: (spot) => tieredPeersHold(state, peers, { endpoint: spot.place.endpoint, ip: spot.address.ip }),
      };
      return { peers: this.#sets.of(question), text: `${tier} ${text}`, ports };
    });
  }

  #tieredRead({ action, ports, protocols }: TieredRule, peers: TieredRule['to']): ReadRule {
    const entries = protocols ?? ports ?? [];
    return {
      text: `${action} ${JSON.stringify(entries)}`,
      ports: tieredPorts(entries),
      peers: `tiered ${JSON.stringify(peers)}`,
    };
  }

  #network(state: SpecificationState, policy: NetworkPolicyObject, direction: Direction): readonly SideRule[] {
    const namespace = policy.metadata.namespace ?? 'default';
    return ((direction === 'Egress' ? policy.spec.egress : policy.spec.ingress) ?? []).map((rule) => {
      const peers = (direction === 'Egress' ? rule.to : rule.from) ?? [];
      const own = peers.length > 0 && peers.every(isOfNamespace);
      const { text, ports, peers: key } = this.#read(rule, () => networkRead(rule, peers, namespace));
      const question: PeerQuestion = {
        key,
        namespace: own ? namespace : undefined,
        holds: (spot) => peersHold(state, namespace, peers, { endpoint: spot.place.endpoint, ip: spot.address.ip }),
      };
      return { peers: this.#sets.of(question), text, ports };
    });
  }

  /** Rules are read once, however many pods they are for. */
  #read(rule: object, read: () => ReadRule): ReadRule {
    const known = this.#texts.get(rule);
    if (known !== undefined) return known;
    const fresh = read();
    this.#texts.set(rule, fresh);
    return fresh;
  }
}

/** A rule that allows also where nothing isolates, before the Baseline tier is asked. */
const asAdded = ({ text, ...rule }: SideRule): SideRule => ({ ...rule, text: `Added ${text}` });

/** A peer by podSelector alone means pods of the policy's namespace (policy.md N14). */
const isOfNamespace = ({ ipBlock, namespaceSelector }: Peer): boolean => !ipBlock && !namespaceSelector;

const networkRead = ({ ports }: Rule, peers: readonly Peer[], namespace: string): ReadRule => ({
  text: JSON.stringify(ports ?? []),
  ports: networkPolicyPorts(ports),
  peers: `${peers.some(isOfNamespace) ? namespace : ''} ${JSON.stringify(peers)}`,
});

/** The rules of a side that hold a spot. */
export const rulesToward = ({ rules }: Side, spot: Spot): readonly SideRule[] =>
  rules.filter(({ peers }) => holdsSpot(peers, spot));

/** What a side says of one spot, as a text: equal texts are equal verdicts for equal ports of the destination. */
export const sideText = ({ isolated }: Side, rules: readonly SideRule[]): string =>
  rules.length === 0 && !isolated ? '' : `${isolated}\n${rules.map(({ text }) => text).join('\n')}`;

/** The rules that hold whoever is no exception, among pods or outside. */
export const usualRules = ({ rules }: Side, among: 'pods' | 'outside'): readonly SideRule[] =>
  rules.filter(({ peers }) => peers.usually[among]);
