import { childOfClass, type ObjectStore, type StoredObject } from '../tree/index.js';
import { type Term, termsBelow } from './filter-terms.js';
import { type FabricView, isEnforced, type Party, partyOf } from './party.js';
import { pairPriority } from './priority.js';
import type { Rule } from './rule.js';

/** Rules of one contract: consumers × providers × filters, there and back (policy.md A11), and within groups (A16). */
export function contractRules(view: FabricView, contract: StoredObject): readonly Rule[] {
  const consumers = consumersOf(view, contract);
  const providers = partiesBelow(view, contract, PROVIDERS);
  const directions = directionsOf(view.store, contract);
  const rules: Rule[] = [];
  for (const consumer of consumers) {
    for (const provider of providers) {
      if (!mayMeet(contract, consumer, provider)) continue;
      rules.push(...rulesBetween(contract, consumer, provider, directions.forward));
      rules.push(...rulesBetween(contract, provider, consumer, directions.backward));
    }
  }
  const terms = [...directions.forward, ...directions.backward];
  for (const group of partiesBelow(view, contract, INTRA)) rules.push(...rulesWithin(contract, group, terms));
  return rules;
}

const PROVIDERS = ['vzRtProv', 'vzRtAnyToProv'];
const CONSUMERS = ['vzRtCons', 'vzRtAnyToCons'];
const INTERFACE_CONSUMERS = ['vzRtConsIf', 'vzRtAnyToConsIf'];
const INTRA = ['vzRtIntraEpg'];

/** Parties by the back relations below an object: each names the group or `any` that the relation is of. */
function partiesBelow(view: FabricView, owner: StoredObject, classes: readonly string[]): readonly Party[] {
  const parties: Party[] = [];
  for (const back of owner.children.values()) {
    if (!classes.includes(back.className)) continue;
    const party = partyOf(view, back.attributes.tDn ?? '');
    if (party !== undefined && isEnforced(view, party.scope)) parties.push(party);
  }
  return parties;
}

/** Those who consume the contract itself, and those who consume an interface of it. */
function consumersOf(view: FabricView, contract: StoredObject): readonly Party[] {
  const direct = partiesBelow(view, contract, CONSUMERS);
  const interfaces = [...contract.children.values()].filter((child) => child.className === 'vzRtIf');
  const through = interfaces.flatMap((back) => {
    const contractInterface = view.store.get(back.attributes.tDn ?? '');
    return contractInterface === undefined ? [] : partiesBelow(view, contractInterface, INTERFACE_CONSUMERS);
  });
  return [...direct, ...through];
}

/** Contracts between VRFs are not simulated; within one, the contract's scope may ask for more than the VRF. */
function mayMeet(contract: StoredObject, consumer: Party, provider: Party): boolean {
  if (consumer.scope !== provider.scope) return false;
  const one = consumer.object.dn.split('/');
  const other = provider.object.dn.split('/');
  switch (contract.attributes.scope) {
    case 'tenant':
      return one[1] === other[1];
    case 'application-profile':
      return one[1] === other[1] && one[2] === other[2];
    default:
      return true;
  }
}

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
      terms.map(({ filter, action, direction, isWhole }) => ({
        scope: from.scope,
        source,
        destination,
        filter,
        action,
        priority: pairPriority(source, destination, isWhole),
        direction,
        contract: contractName(contract),
      })),
    ),
  );
}

function rulesWithin(contract: StoredObject, group: Party, terms: readonly Directed[]): readonly Rule[] {
  const [tag = '0'] = group.sources;
  return terms.map(({ filter, action, direction }) => ({
    scope: group.scope,
    source: tag,
    destination: tag,
    filter,
    action,
    priority: 'class-eq-filter' as const,
    direction,
    contract: contractName(contract),
  }));
}

/** `k8s:web`: how leaves name contracts. */
export const contractName = (contract: StoredObject): string =>
  `${contract.parent?.attributes.name ?? ''}:${contract.attributes.name ?? ''}`;
