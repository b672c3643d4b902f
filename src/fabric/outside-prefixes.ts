import { type FlatObject, isOurs, lookupDns, type ObjectMap, parentDn, splitDn } from '#model/aci';
import { formatPrefix, parsePrefix } from '#model/net';
import type { Finding } from '#model/policy';

/** What a plan is made from, as far as prefixes outside the cluster are concerned. */
interface Sides {
  readonly desired: ObjectMap;
  readonly actual: ObjectMap;
  readonly clusterId: string;
  /** Where the other two hold {@link isOutsideObject outside objects} only: all that the fabric has, marks among it. */
  readonly marks?: ObjectMap;
}

/** Whether what this file says depends on the object, beside the marks that say whose it is. */
export const isOutsideObject = ({ className, dn }: FlatObject): boolean =>
  className === 'l3extSubnet' ||
  className === 'l3extRsEctx' ||
  className === 'fvCtx' ||
  INTERFACES.has(className) ||
  ((className === 'fvRsProv' || className === 'fvRsCons') && isExternal(dn));

/**
 * Prefixes that we want in an external EPG and that somebody else's external EPG of the same VRF has already, with the Dn
 * of that one's. The fabric takes a prefix once in a VRF (policy.md A5, fault F0467). Those that we have are left out:
 * who came second has the fault. Only the L3Outs of mirrored tenants are known here.
 */
export function duplicatePrefixes({ desired, actual, clusterId, marks = actual }: Sides): ReadonlyMap<string, string> {
  const vrfs = new Vrfs([desired, actual]);
  const wanted = new Map<string, string>();
  for (const object of desired.values()) {
    const place = isClassifying(object) ? placeOf(object, vrfs) : undefined;
    if (place !== undefined) wanted.set(object.dn, place);
  }
  const places = new Set(wanted.values());
  const held = new Map<string, string>();
  for (const object of places.size === 0 ? [] : actual.values()) {
    if (!isClassifying(object) || desired.has(object.dn)) continue;
    const place = placeOf(object, vrfs);
    if (place === undefined || !places.has(place) || isOurs(marks, object, clusterId)) continue;
    const other = held.get(place);
    if (other === undefined || object.dn < other) held.set(place, object.dn);
  }
  return new Map([...wanted].flatMap(([dn, place]) => pairWith(dn, held.get(place))));
}

const pairWith = (dn: string, other: string | undefined): readonly (readonly [string, string])[] =>
  other === undefined ? [] : [[dn, other]];

/** One finding for each prefix that another external EPG has (policy.md §3.11, EXT_DUP). */
export const duplicateFindings = (duplicates: ReadonlyMap<string, string>): readonly Finding[] =>
  [...duplicates].sort(byDn).map(([dn, other]) => ({
    code: 'EXT_DUP',
    severity: 'error',
    object: `ACI/${dn}`,
    message: `the prefix is already in ${other}, and a VRF takes it in one external EPG only (F0467); it is not made. The contracts of ${parentDn(dn) ?? ''} do not hold for these addresses: traffic with them passes only as far as those of the other external EPG let it`,
  }));

const byDn = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

/**
 * Subnets of the L3Out's own interfaces: the fabric lets their addresses bypass all contracts, unless the subnet itself is
 * in an external EPG (policy.md A5, EXT_DIRECT). Only where an external EPG of ours has a contract that they would bypass.
 */
export function directSubnets({ desired, actual }: Sides): readonly Finding[] {
  const vrfs = new Vrfs([desired, actual]);
  const direct = new Map<string, { readonly dn: string; readonly finding: Finding }>();
  for (const object of actual.values()) {
    const prefix = INTERFACES.has(object.className) ? maskedText(object.attributes['addr']) : undefined;
    const vrf = prefix === undefined ? undefined : vrfs.of(object.dn);
    if (prefix === undefined || vrf === undefined) continue;
    const place = `${vrf} ${prefix}`;
    const known = direct.get(place)?.dn;
    if (known === undefined || object.dn < known)
      direct.set(place, { dn: object.dn, finding: bypass(object.dn, prefix) });
  }
  if (direct.size === 0) return [];
  for (const side of [desired, actual]) {
    for (const object of side.values()) {
      const place = isClassifying(object) ? placeOf(object, vrfs) : undefined;
      if (place !== undefined) direct.delete(place);
    }
  }
  const contracted = contractedVrfs(desired, vrfs);
  return [...direct]
    .sort(byDnOfValue)
    .flatMap(([place, { finding }]) => (contracted.has(place.slice(0, place.indexOf(' '))) ? [finding] : []));
}

const byDnOfValue = (
  [, a]: readonly [string, { readonly dn: string }],
  [, b]: readonly [string, { readonly dn: string }],
): number => (a.dn < b.dn ? -1 : 1);

/** VRFs in which an external EPG of ours has a contract. */
function contractedVrfs(desired: ObjectMap, vrfs: Vrfs): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { className, dn } of desired.values()) {
    if ((className !== 'fvRsProv' && className !== 'fvRsCons') || !isExternal(dn)) continue;
    const name = vrfs.of(dn);
    if (name !== undefined) names.add(name);
  }
  return names;
}

const bypass = (dn: string, prefix: string): Finding => ({
  code: 'EXT_DIRECT',
  severity: 'warning',
  object: `ACI/${dn}`,
  message: `${prefix} is directly connected: the fabric lets its addresses bypass all contracts, only the host agents enforce policies for them. Name exactly ${prefix} in an ipBlock, or add it to an external EPG`,
});

/** Classes whose `addr` is an address with a length on an interface of an L3Out. */
const INTERFACES: ReadonlySet<string> = new Set(['l3extRsPathL3OutAtt', 'l3extMember', 'l3extIp']);

const isExternal = (dn: string): boolean => splitDn(dn)[2]?.startsWith('out-') === true;

/** Whether the subnet decides which outside addresses belong to its external EPG; others are about routes. */
export const isClassifying = ({ className, attributes }: FlatObject): boolean =>
  className === 'l3extSubnet' && (attributes['scope'] ?? '').split(',').includes('import-security');

/** VRF and prefix: what can be there only once. */
function placeOf(object: FlatObject, vrfs: Vrfs): string | undefined {
  const prefix = maskedText(object.attributes['ip']);
  const vrf = vrfs.of(object.dn);
  return prefix === undefined || vrf === undefined ? undefined : `${vrf} ${prefix}`;
}

/**
 * Dns of the VRFs of L3Outs. A name is looked up in the tenant of the L3Out, then in `common` (apic-protocol.md §6.3). Each L3Out is
 * looked up once.
 */
class Vrfs {
  readonly #sides: readonly ObjectMap[];
  readonly #known = new Map<string, string | undefined>();

  constructor(sides: readonly ObjectMap[]) {
    this.#sides = sides;
  }

  /** VRF of the L3Out that the object is below. */
  of(dn: string): string | undefined {
    const out = splitDn(dn).slice(0, 3).join('/');
    if (!this.#known.has(out)) this.#known.set(out, this.#find(`${out}/rsectx`));
    return this.#known.get(out);
  }

  #find(relation: string): string | undefined {
    const names = this.#sides.map((side) => side.get(relation)?.attributes['tnFvCtxName']);
    const name = names.find((one) => one !== undefined && one !== '');
    if (name === undefined) return undefined;
    const dns = lookupDns(relation, `ctx-${name}`);
    return dns.find((dn) => this.#sides.some((side) => side.has(dn))) ?? dns[0];
  }
}

/** The prefix without host bits; undefined for what is none, and for the address 0.0.0.0 of an interface without one. */
function maskedText(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('/')) return undefined;
  try {
    return formatPrefix(parsePrefix(text));
  } catch {
    return undefined;
  }
}
