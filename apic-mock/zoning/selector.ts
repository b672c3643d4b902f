import { ancestorsOf, type ObjectStore, type StoredObject } from '../tree/index.js';
import { PARTY_RELATIONS } from './contract-parties.js';
import { type Endpoint, targetOf } from './endpoint.js';
import { addressIn, isHost, longestMatch, prefixLength } from './prefix.js';

/** A selector that fits, by its level: the lower goes first; among equals the longer prefix. */
interface Fit {
  readonly group: StoredObject;
  readonly level: number;
  readonly length: number;
}

/** Levels of selectors for routed packets: host address, subnet, MAC, EPG (policy.md A4). */
const HOST = 1;
const SUBNET = 2;
const MAC = 3;
const EPG = 4;

/**
 * The ESG that takes an endpoint, by the selectors of the ESGs of its VRF, given the EPG or uSeg EPG that it would be in
 * otherwise (policy.md A4, A19). Packets that are bridged within a bridge domain are not seen by selectors of addresses.
 * Who goes first of two selectors that are equal is a guess: the ESG whose Dn is smaller.
 */
export function selectingGroup(
  store: ObjectStore,
  endpoint: Endpoint,
  group: StoredObject,
  isRouted: boolean,
): StoredObject | undefined {
  const fits: Fit[] = [];
  for (const esg of store.ofClass('fvESg')) {
    if (targetOf(store, esg, 'fvRsScope') !== endpoint.vrf) continue;
    for (const selector of esg.children.values()) {
      const fit = fitOf(store, selector, endpoint, group);
      if (fit !== undefined && (isRouted || fit.level >= MAC)) fits.push({ group: esg, ...fit });
    }
  }
  const [best] = fits.sort((a, b) => a.level - b.level || b.length - a.length || (a.group.dn < b.group.dn ? -1 : 1));
  return best?.group;
}

type SelectorFit = Omit<Fit, 'group'>;

function fitOf(
  store: ObjectStore,
  selector: StoredObject,
  endpoint: Endpoint,
  group: StoredObject,
): SelectorFit | undefined {
  switch (selector.className) {
    case 'fvEPSelector':
      return addressFit(selectedPrefix(selector), endpoint.address);
    case 'fvTagSelector':
      return tagFit(store, selector, endpoint);
    case 'fvEPgSelector':
      return selectsGroup(selector, group) ? { level: EPG, length: 0 } : undefined;
    default:
      return undefined;
  }
}

/** `ip=='10.1.2.0/24'` → the prefix. */
const selectedPrefix = ({ attributes }: StoredObject): string =>
  /^\s*ip\s*==\s*'([^']*)'\s*$/.exec(attributes.matchExpression ?? '')?.[1] ?? '';

function addressFit(prefix: string, address: string): SelectorFit | undefined {
  if (!addressIn(prefix, address)) return undefined;
  return { level: isHost(prefix) ? HOST : SUBNET, length: prefixLength(prefix) };
}

/** An EPG that has contracts of its own cannot be taken as a whole (policy.md A19). */
const selectsGroup = ({ attributes }: StoredObject, group: StoredObject): boolean =>
  attributes.matchEpgDn === group.dn && !hasContracts(group);

const hasContracts = (group: StoredObject): boolean =>
  [...group.children.values()].some(({ className }) => PARTY_RELATIONS.has(className) || BESIDE.has(className));

/** Inheritance and taboos count as contracts here (`configIssues` of fvEPg: esg-association-contract-…). */
const BESIDE: ReadonlySet<string> = new Set(['fvRsSecInherited', 'fvRsProtBy']);

/** The ESG that takes an EPG as a whole, if one does. */
export function groupSelecting(store: ObjectStore, group: StoredObject): StoredObject | undefined {
  for (const selector of store.ofClass('fvEPgSelector')) {
    if (selectsGroup(selector, group)) return selector.parent;
  }
  return undefined;
}

/** Tags of the address, of the subnet that holds it, and of the MAC (aci-model.md §5). */
function tagFit(store: ObjectStore, selector: StoredObject, endpoint: Endpoint): SelectorFit | undefined {
  const { address, mac, vrf, bridgeDomain, group } = endpoint;
  const isTagged = (holder: StoredObject | undefined): boolean => holder !== undefined && hasTag(holder, selector);
  const byAddress = [...store.ofClass('fvEpIpTag')].filter(
    ({ attributes, parent }) => addressIn(attributes.ip ?? '', address) && isOfVrf(attributes.ctxName, parent, vrf),
  );
  if (byAddress.some(isTagged)) return { level: HOST, length: prefixLength(address) };
  const subnet = longestMatch(subnetsOf(bridgeDomain, group), ({ attributes }) => attributes.ip ?? '', address);
  if (isTagged(subnet)) return { level: SUBNET, length: prefixLength(subnet?.attributes.ip ?? '') };
  const byMac = [...store.ofClass('fvEpMacTag'), ...store.ofClass('fvStCEp')].filter(
    (holder) => holder.attributes.mac === mac && concernsMac(holder, endpoint),
  );
  return byMac.some(isTagged) ? { level: MAC, length: 0 } : undefined;
}

const subnetsOf = (...owners: readonly (StoredObject | undefined)[]): readonly StoredObject[] =>
  owners.flatMap((owner) => [...(owner?.children.values() ?? [])]).filter(({ className }) => className === 'fvSubnet');

/** A tag of an address names a VRF of its own tenant, or of the common one. */
function isOfVrf(name: string | undefined, holder: StoredObject | undefined, vrf: StoredObject | undefined): boolean {
  if (holder === undefined || vrf === undefined || vrf.attributes.name !== name) return false;
  const tenants = [...ancestorsOf(holder)].map(({ dn }) => dn);
  return [...tenants, 'uni/tn-common'].includes(vrf.parent?.dn ?? '');
}

/** A tag of a MAC names a bridge domain, or `*` for all of a VRF; a static endpoint is of its EPG. */
function concernsMac(holder: StoredObject, { bridgeDomain, vrf, group }: Endpoint): boolean {
  if (holder.className === 'fvStCEp') return holder.parent === group;
  if (holder.attributes.bdName === '*') return isOfVrf(holder.attributes.ctxName, holder.parent, vrf);
  return isOfVrf(holder.attributes.bdName, holder.parent, bridgeDomain);
}

function hasTag(holder: StoredObject, { attributes }: StoredObject): boolean {
  const { matchKey = '', matchValue = '', valueOperator } = attributes;
  const value = holder.children.get(`tagKey-${matchKey}`)?.attributes.value;
  if (value === undefined) return false;
  if (valueOperator === 'contains') return value.includes(matchValue);
  return valueOperator === 'regex' ? matchesPattern(matchValue, value) : value === matchValue;
}

/** A pattern that is none matches nothing. */
function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return false;
  }
}
