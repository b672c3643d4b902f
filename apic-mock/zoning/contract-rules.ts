import { childOfClass, type ObjectStore, type StoredObject } from '../tree/index.js';
import { type ContractParties, partiesOf } from './contract-parties.js';
import { isConsumerGuest, mayMeet, OTHER_VRF_TAG } from './crossing.js';
import { type Term, termsBelow } from './filter-terms.js';
import { implicit } from './group-rules.js';
import { type FabricView, guestParty, isEnforced, type Party, partyOf } from './party.js';
import { ANY, pairPriority } from './priority.js';
import type { Rule } from './rule.js';

/** Rules of one contract: consumers × providers × filters, there and back (policy.md A11), and within groups (A16). */
export function contractRules(view: FabricView, contract: StoredObject): readonly Rule[] {
  const parties = partiesOf(view.store, contract);
  const directions = directionsOf(view.store, contract);
  const terms = [...directions.forward, ...directions.backward];
  return [
    ...pairsOf(view, contract, parties).flatMap((pair) => rulesOfPair(contract, pair, directions)),
    ...placed(view, parties.inside).flatMap((group) => rulesWithin(contract, group, terms)),
  ];
}

/** A consumer and a provider in the VRF that has their rules. */
interface Pair {
  readonly consumer: Party;
  readonly provider: Party;
  /** What the presence of a guest from another VRF asks for. */
  readonly further: readonly Rule[];
}

const placed = (view: FabricView, groups: readonly StoredObject[]): readonly Party[] =>
  groups.flatMap((group) => partyOf(view, group) ?? []).filter(({ scope }) => isEnforced(view, scope));

function pairsOf(view: FabricView, contract: StoredObject, parties: ContractParties): readonly Pair[] {
  const providers = placed(view, parties.providers);
  return placed(view, parties.consumers).flatMap((consumer) =>
    providers
      .filter((provider) => mayMeet(contract, consumer.object, provider.object))
      .map((provider) =>
        consumer.scope === provider.scope ? { consumer, provider, further: [] } : crossing(consumer, provider),
      ),
  );
}

/** Two parties of different VRFs: one is a guest in the VRF of the other. */
function crossing(consumer: Party, provider: Party): Pair {
  if (isConsumerGuest(consumer.object, provider.object)) {
    const guest = guestParty(consumer, provider.scope);
    return { consumer: guest, provider, further: [...guestRules(guest, true), override(provider)] };
  }
  const guest = guestParty(provider, consumer.scope);
  return { consumer, provider: guest, further: [...guestRules(guest, false), override(provider)] };
}

/** A guest may not talk to others than the contract says, nor, if it consumes, be talked to (captured rules). */
function guestRules({ scope, sources }: Party, consumes: boolean): readonly Rule[] {
  const [tag = ANY] = sources;
  const fromGuest = implicit(scope, tag, ANY, 'deny', 'shsrc_any_any_deny');
  return consumes ? [fromGuest, implicit(scope, ANY, tag, 'deny', 'shsrc_any_any_deny')] : [fromGuest];
}

/** A provider may send to other VRFs as far as its own is concerned (captured rules; learnduty.com on shared services). */
function override({ scope, sources }: Party): Rule {
  const [tag = ANY] = sources;
  return { ...implicit(scope, tag, OTHER_VRF_TAG, 'permit', 'src_dst_any'), mark: 'override' };
}

const rulesOfPair = (contract: StoredObject, pair: Pair, { forward, backward }: Directions): readonly Rule[] => [
  ...rulesBetween(contract, pair.consumer, pair.provider, forward),
  ...rulesBetween(contract, pair.provider, pair.consumer, backward),
  ...pair.further,
];

interface Directed extends Term {
  readonly direction: Rule['direction'];
}

interface Directions {
  readonly forward: readonly Directed[];
  readonly backward: readonly Directed[];
}

/** In and out terms exclude the subject's own filters (policy.md A11). */
function directionsOf(store: ObjectStore, contract: StoredObject): Directions {
  const forward: Directed[] = [];
  const backward: Directed[] = [];
  for (const subject of contract.children.values()) {
    if (subject.className !== 'vzSubj') continue;
    const inTerm = childOfClass(subject, 'vzInTerm');
    const outTerm = childOfClass(subject, 'vzOutTerm');
    if (inTerm === undefined && outTerm === undefined) {
      const turned = subject.attributes.revFltPorts !== 'no';
      forward.push(...directed(termsBelow(store, subject, 'vzRsSubjFiltAtt', false), 'bi-dir'));
      backward.push(...directed(termsBelow(store, subject, 'vzRsSubjFiltAtt', turned), 'uni-dir-ignore'));
      continue;
    }
    if (inTerm !== undefined) forward.push(...directed(termsBelow(store, inTerm, 'vzRsFiltAtt', false), 'uni-dir'));
    if (outTerm !== undefined) backward.push(...directed(termsBelow(store, outTerm, 'vzRsFiltAtt', false), 'uni-dir'));
  }
  return { forward, backward };
}

const directed = (terms: readonly Term[], direction: Rule['direction']): readonly Directed[] =>
  terms.map((term) => ({ ...term, direction }));

function rulesBetween(contract: StoredObject, from: Party, to: Party, terms: readonly Directed[]): readonly Rule[] {
  return from.sources.flatMap((source) =>
    to.destinations.flatMap((destination) =>
      terms.map((term) => ({
        ...ruleOf(contract, term),
        scope: from.scope,
        source,
        destination,
        priority: term.effect.priority ?? pairPriority(source, destination, term.isWhole),
      })),
    ),
  );
}

function rulesWithin(contract: StoredObject, group: Party, terms: readonly Directed[]): readonly Rule[] {
  const [tag = ANY] = group.sources;
  const priority = 'class-eq-filter' as const;
  return terms.map((term) => ({
    ...ruleOf(contract, term),
    scope: group.scope,
    source: tag,
    destination: tag,
    priority,
  }));
}

type OfTerm = Pick<Rule, 'filter' | 'action' | 'mark' | 'direction' | 'contract'>;

const ruleOf = (contract: StoredObject, { filter, effect: { action, mark }, direction }: Directed): OfTerm => ({
  filter,
  action,
  mark,
  direction,
  contract: contractName(contract),
});

/** `k8s:web`: how leaves name contracts. */
export const contractName = (contract: StoredObject): string =>
  `${contract.parent?.attributes.name ?? ''}:${contract.attributes.name ?? ''}`;
