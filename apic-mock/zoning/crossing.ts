import type { ObjectStore, StoredObject } from '../tree/index.js';
import { contractDnsOf, partiesOf } from './contract-parties.js';

/** Class that stands for every group of other VRFs, in the VRF of who provides to them (learnduty.com on shared services). */
export const OTHER_VRF_TAG = '14';

/** VNID of the VRF that a group or `any` belongs to; `0` for none. */
export const scopeOf = ({ className, parent, attributes }: StoredObject): string =>
  (className === 'vzAny' ? parent?.attributes.scope : attributes.scope) ?? '0';

/**
 * Whether a contract's scope lets two parties meet: within one VRF, one tenant, one application profile, or anywhere.
 * Two notes: `any` of a VRF provides to no other VRF (policy.md A14), and an ESG and an EPG have no contract (A19; that
 * the fabric then makes no rules is a guess).
 */
export function mayMeet(contract: StoredObject, consumer: StoredObject, provider: StoredObject): boolean {
  const isWithin = scopeOf(consumer) === scopeOf(provider);
  if (!isWithin && provider.className === 'vzAny') return false;
  if (isEsgWithEpg(consumer, provider) || isEsgWithEpg(provider, consumer)) return false;
  const one = consumer.dn.split('/');
  const other = provider.dn.split('/');
  switch (contract.attributes.scope) {
    case 'global':
      return true;
    case 'tenant':
      return one[1] === other[1];
    case 'application-profile':
      return one[1] === other[1] && one[2] === other[2];
    default:
      return isWithin;
  }
}

const isEsgWithEpg = (one: StoredObject, other: StoredObject): boolean =>
  one.className === 'fvESg' && other.className === 'fvAEPg';

/**
 * Which of two parties of different VRFs is the guest in the other's VRF, where the rules are: the provider, except that
 * an external EPG is the guest of a provider that is none (captured rules of an external EPG that consumes from an ESG).
 */
export const isConsumerGuest = (consumer: StoredObject, provider: StoredObject): boolean =>
  consumer.className === 'l3extInstP' && provider.className !== 'l3extInstP';

/**
 * Whether a group is a guest in another VRF by one of its contracts: it then has a number that all VRFs share (policy.md
 * A1). Asks only contracts that reach further than a VRF.
 */
export function isGuest(store: ObjectStore, group: StoredObject): boolean {
  for (const dn of contractDnsOf(store, group)) {
    const contract = store.get(dn);
    if (contract !== undefined && reachesFar(contract) && isGuestBy(store, contract, group)) return true;
  }
  return false;
}

/** Whether a contract can be between VRFs at all. */
export const reachesFar = ({ attributes }: StoredObject): boolean => attributes.scope !== 'context';

function isGuestBy(store: ObjectStore, contract: StoredObject, group: StoredObject): boolean {
  const { consumers, providers } = partiesOf(store, contract);
  const crosses = (consumer: StoredObject, provider: StoredObject): boolean =>
    isPlaced(consumer) &&
    isPlaced(provider) &&
    scopeOf(consumer) !== scopeOf(provider) &&
    mayMeet(contract, consumer, provider);
  const asProvider = (): boolean =>
    consumers.some((consumer) => crosses(consumer, group) && !isConsumerGuest(consumer, group));
  const asConsumer = (): boolean =>
    providers.some((provider) => crosses(group, provider) && isConsumerGuest(group, provider));
  return (providers.includes(group) && asProvider()) || (consumers.includes(group) && asConsumer());
}

const isPlaced = (party: StoredObject): boolean => !['', '0'].includes(scopeOf(party));
