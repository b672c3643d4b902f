import { type Change, isLost, type ObjectStore, type StoredObject } from '../tree/index.js';
import {
  consumersOfInterface,
  contractBehind,
  contractDnsOf,
  heirsOf,
  partiesOf,
  reachesFar,
} from '../zoning/index.js';

/** Classes of groups that may be guests in another VRF and have a number of their VRF otherwise. */
const LOCAL_GROUPS: ReadonlySet<string> = new Set(['fvAEPg', 'l3extInstP']);

/** Back relations that make somebody party to the contract, or to the contract interface, that they are below. */
const CONTRACT_PARTS: ReadonlySet<string> = new Set([
  'vzRtProv',
  'vzRtCons',
  'vzRtAnyToCons',
  'vzRtConsIf',
  'vzRtAnyToConsIf',
  'vzRtIf',
]);

/**
 * Groups that may have become guests in another VRF by these changes, or ceased to be: the parties of the contracts
 * concerned that reach further than a VRF. Others cost one look at the contract.
 */
export function possibleGuests(changes: readonly Change[], store: ObjectStore): ReadonlySet<StoredObject> {
  const contracts = new Set<string>();
  for (const change of changes) for (const dn of contractsConcerned(change, store)) contracts.add(dn);
  const groups = new Set<StoredObject>();
  for (const dn of contracts) {
    const contract = store.get(dn);
    if (contract === undefined) continue;
    const { consumers, providers } = partiesOf(store, contract);
    for (const group of [...consumers, ...providers]) if (LOCAL_GROUPS.has(group.className)) groups.add(group);
  }
  for (const group of formerParties(changes, store)) groups.add(group);
  return groups;
}

function contractsConcerned(change: Change, store: ObjectStore): Iterable<string> {
  const { object } = change;
  if (object.className === 'vzBrCP') return hasNewScope(change) ? [object.dn] : [];
  if (CONTRACT_PARTS.has(object.className))
    return farContracts(store, [contractBehind(store, object.parent?.dn ?? '')]);
  if (object.className === 'fvRtSecInherited' && object.parent !== undefined) {
    return farContracts(store, contractDnsOf(store, object.parent));
  }
  const isMoved = GROUP_LIKE.has(object.className) && hasNewScope(change);
  return isMoved ? farContracts(store, contractDnsOf(store, object)) : [];
}

const GROUP_LIKE: ReadonlySet<string> = new Set([...LOCAL_GROUPS, 'fvESg']);

const hasNewScope = (change: Change): boolean =>
  change.kind === 'modified' && (change.changed.scope !== undefined || change.recreated);

const farContracts = (store: ObjectStore, dns: Iterable<string>): readonly string[] =>
  [...dns].filter((dn) => {
    const contract = store.get(dn);
    return contract !== undefined && reachesFar(contract);
  });

/** Groups that have lost a contract, with their heirs: the contract can no longer be asked who its parties are. */
function* formerParties(changes: readonly Change[], store: ObjectStore): Generator<StoredObject> {
  for (const change of changes) {
    if (!isLost(change) || !LOST_RELATIONS.has(change.object.className)) continue;
    const party = store.get(change.before.tDn ?? '');
    if (party === undefined) continue;
    const parties = party.className === 'vzCPIf' ? consumersOfInterface(store, party) : [party];
    for (const group of parties.flatMap((one) => [one, ...heirsOf(store, one)])) {
      if (LOCAL_GROUPS.has(group.className)) yield group;
    }
  }
}

const LOST_RELATIONS: ReadonlySet<string> = new Set([
  'vzRtProv',
  'vzRtCons',
  'vzRtConsIf',
  'vzRtIf',
  'fvRtSecInherited',
]);
