import { formatAddress, type IpAddress, lastOf, maxAddress, type Prefix, parseAddress, parsePrefix } from '#model/net';
import type { Endpoint, SpecificationPod } from '#policy';
import type { FabricEnd } from '../picture/fabric-picture.js';
import { cidrHolders, type Mentions, selectorMatches } from './mentions.js';
import type { Oracle } from './oracle.js';

/** One end of the flows that are checked. */
export interface Place {
  /** `namespace/name` of a pod, or the address. */
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly addresses: readonly PlaceAddress[];
}

/** An address of a place, and what the fabric takes it for there. */
export interface PlaceAddress {
  readonly ip: string;
  readonly family: 4 | 6;
  readonly end: FabricEnd;
  /** Dn of the EPG or external EPG; undefined when the fabric does not know the place. */
  readonly fabricClass: string | undefined;
}

/** Places that neither the specification nor the fabric can tell apart: one or two of them stand for all. */
export interface PlaceClass {
  readonly places: readonly Place[];
  /** How many places there are. */
  readonly size: number;
}

/** What tells where the fabric puts an end. */
export type Classifier = (end: FabricEnd) => string | undefined;

/**
 * The pods, as classes. Two pods are of one class when everything that the verdicts read of them is equal: namespace, the
 * selectors that match its labels, the ports that some policy names, for each address the CIDRs that hold it, and the class
 * that the fabric puts it in. The specification reads nothing else of a pod, and the fabric nothing but its class, so that
 * verdicts are equal for all pods of one class; two of each are kept, for the flows inside a class.
 */
export function podClasses(oracle: Oracle, mentions: Mentions, classify: Classifier): readonly PlaceClass[] {
  const matches = selectorMatches(mentions);
  const holders = cidrHolders(mentions);
  const classes = new Map<string, { places: Place[]; size: number }>();
  for (const pod of oracle.pods) {
    if (oracle.unspecified.has(pod.endpoint.namespace ?? '')) continue;
    const place = placeOfPod(pod, classify);
    const { namespace, labels = {}, ports = [] } = pod.endpoint;
    const key = JSON.stringify([
      namespace,
      matches(labels),
      ports.filter(({ name }) => name !== undefined && mentions.portNames.has(name)),
      place.addresses.map(({ ip, fabricClass }) => [holders(ip), fabricClass]),
    ]);
    add(classes, key, place);
  }
  return [...classes.values()];
}

/**
 * Addresses outside the cluster at which a verdict can change (policy.md §4.4): first, last and both neighbours of every CIDR
 * and exception of the policies and of `prefixes` (those of the fabric), and `others`. Of those that are held by the same
 * CIDRs and are of one class of the fabric one stands for all.
 */
export function outsideClasses(
  oracle: Oracle,
  mentions: Mentions,
  { prefixes, classify }: { readonly prefixes: readonly Prefix[]; readonly classify: Classifier },
): readonly PlaceClass[] {
  const holders = cidrHolders(mentions);
  const pods = new Set(oracle.pods.flatMap(({ ips }) => ips.map((ip) => formatAddress(parseAddress(ip)))));
  const candidates = new Set([
    ...[...mentions.cidrs.map(parsePrefix), ...prefixes].flatMap(edges).map(formatAddress),
    ...oracle.otherIps.map((ip) => formatAddress(parseAddress(ip))),
    ...SOMEWHERE,
  ]);
  const classes = new Map<string, { places: Place[]; size: number }>();
  for (const ip of candidates) {
    if (pods.has(ip)) continue;
    const address = parseAddress(ip);
    const end = { pod: undefined, address };
    const fabricClass = classify(end);
    const place = { name: ip, endpoint: {}, addresses: [{ ip, family: address.family, end, fabricClass }] };
    const key = JSON.stringify([address.family, holders(ip), fabricClass]);
    add(classes, key, place);
  }
  return [...classes.values()];
}

/** Addresses for policies without a CIDR: documentation addresses (RFC 5737, RFC 3849). */
const SOMEWHERE = ['192.0.2.1', '198.51.100.1', '2001:db8::1'];

function placeOfPod({ key, ips, endpoint }: SpecificationPod, classify: Classifier): Place {
  const addresses = ips.map((ip) => {
    const address = parseAddress(ip);
    const end = { pod: key, address };
    return { ip: formatAddress(address), family: address.family, end, fabricClass: classify(end) };
  });
  return { name: key, endpoint, addresses };
}

function add(classes: Map<string, { places: Place[]; size: number }>, key: string, place: Place): void {
  const known = classes.get(key);
  if (known === undefined) classes.set(key, { places: [place], size: 1 });
  else {
    known.size += 1;
    if (known.places.length < 2) known.places.push(place);
  }
}

function edges(prefix: Prefix): readonly IpAddress[] {
  const { family, first } = prefix;
  const last = lastOf(prefix);
  return [first - 1n, first, last, last + 1n]
    .filter((value) => value > 0n && value < maxAddress(family))
    .map((value) => ({ family, value }));
}
