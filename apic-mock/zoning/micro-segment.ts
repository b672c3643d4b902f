import type { ObjectStore, StoredObject } from '../tree/index.js';
import { type Endpoint, targetOf } from './endpoint.js';
import { addressIn, prefixLength } from './prefix.js';

/** How well an endpoint fits: the better first. */
interface Fit {
  readonly group: StoredObject;
  /** An address goes before a MAC, as for physical domains and VDS (Cisco's guide on microsegmentation; from memory). */
  readonly byAddress: boolean;
  /** Bits of the prefix that holds the address; 0 without one. */
  readonly length: number;
  /** The admin's number for who goes first among equals: the higher. */
  readonly precedence: number;
}

/**
 * The uSeg EPG (`isAttrBasedEPg`) that takes an endpoint out of its EPG, by the attributes of its criterion (policy.md A3):
 * in the endpoint's bridge domain, or in its VRF where the criterion says so. Attributes of VMs and DNS names fit nothing:
 * the simulator knows neither.
 */
export function microSegmentOf(store: ObjectStore, endpoint: Endpoint): StoredObject | undefined {
  const fits: Fit[] = [];
  for (const criterion of store.ofClass('fvCrtrn')) {
    const group = criterion.parent;
    if (group?.attributes.isAttrBasedEPg !== 'yes' || !isInReach(store, group, criterion, endpoint)) continue;
    const match = matchOf(criterion, group, endpoint);
    if (match !== undefined) fits.push({ group, ...match, precedence: Number(criterion.attributes.prec) || 0 });
  }
  return fits.sort(betterFirst)[0]?.group;
}

function isInReach(store: ObjectStore, group: StoredObject, criterion: StoredObject, endpoint: Endpoint): boolean {
  const bridgeDomain = targetOf(store, group, 'fvRsBd');
  if (bridgeDomain === undefined) return false;
  if (criterion.attributes.scope !== 'scope-vrf') return bridgeDomain === endpoint.bridgeDomain;
  return targetOf(store, bridgeDomain, 'fvRsCtx') === endpoint.vrf;
}

const betterFirst = (a: Fit, b: Fit): number =>
  Number(b.byAddress) - Number(a.byAddress) ||
  b.length - a.length ||
  b.precedence - a.precedence ||
  (a.group.dn < b.group.dn ? -1 : 1);

type Match = Pick<Fit, 'byAddress' | 'length'>;

const ATTRIBUTES: ReadonlySet<string> = new Set([
  'fvIpAttr',
  'fvMacAttr',
  'fvVmAttr',
  'fvDnsAttr',
  'fvIdGroupAttr',
  'fvSCrtrn',
]);

/** Any or all of the attributes and sub-criteria, as `match` says; nothing fits a criterion without one. */
function matchOf(criterion: StoredObject, group: StoredObject, endpoint: Endpoint): Match | undefined {
  const parts = [...criterion.children.values()].filter(({ className }) => ATTRIBUTES.has(className));
  const matches = parts.map((part) => partMatch(part, group, endpoint)).filter((match) => match !== undefined);
  const isEnough = criterion.attributes.match === 'all' ? matches.length === parts.length : true;
  if (matches.length === 0 || !isEnough) return undefined;
  return {
    byAddress: matches.some(({ byAddress }) => byAddress),
    length: Math.max(...matches.map(({ length }) => length)),
  };
}

function partMatch(part: StoredObject, group: StoredObject, endpoint: Endpoint): Match | undefined {
  switch (part.className) {
    case 'fvSCrtrn':
      return matchOf(part, group, endpoint);
    case 'fvMacAttr':
      return part.attributes.mac === endpoint.mac ? { byAddress: false, length: 0 } : undefined;
    case 'fvIpAttr':
      return addressMatch(part, group, endpoint.address);
    default:
      return undefined;
  }
}

/** The address of the attribute, or with `usefvSubnet` the subnets of the uSeg EPG itself. */
function addressMatch({ attributes }: StoredObject, group: StoredObject, address: string): Match | undefined {
  const own = [...group.children.values()].filter(({ className }) => className === 'fvSubnet');
  const prefixes =
    attributes.usefvSubnet === 'yes' ? own.map((subnet) => subnet.attributes.ip ?? '') : [attributes.ip ?? ''];
  const lengths = prefixes.filter((prefix) => addressIn(prefix, address)).map(prefixLength);
  return lengths.length === 0 ? undefined : { byAddress: true, length: Math.max(...lengths) };
}
