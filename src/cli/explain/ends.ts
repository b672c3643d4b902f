import { InvalidInputError } from '#errors';
import { addressTexts, type ClusterSnapshot, type PodView, viewKey } from '#model/kubernetes';
import { formatAddress, type IpAddress, type IpFamily, type Protocol, parseAddress } from '#model/net';
import { adminEpgs, type PolicyState } from '../picture/policy-state.js';

/** One end of a flow as the command line names it. */
export interface NamedEnd {
  /** How messages name it: the pod, the address, the Dn. */
  readonly name: string;
  /** `namespace/name` of a pod that policies apply to; undefined for any other address. */
  readonly pod: string | undefined;
  readonly addresses: readonly IpAddress[];
  /** Node on which the end is, or whose address it has. */
  readonly node: string | undefined;
  /** Whether the address is a node's own. */
  readonly isNode: boolean;
  /** What is to be said about how it was read. */
  readonly notes: readonly string[];
}

/**
 * Reads SRC or DST: `namespace/pod`, an IP address, or the Dn of a foreign EPG. An address of a pod stands for the pod.
 * Throws {@link InvalidInputError} that names what is unknown.
 */
export function endOf(text: string, argument: 'SRC' | 'DST', state: PolicyState): NamedEnd {
  if (text.startsWith('uni/')) return foreignEnd(text, argument, state);
  const [namespace, name, ...rest] = text.split('/');
  if (namespace !== undefined && name !== undefined && rest.length === 0) {
    return podEnd(text, argument, state.snapshot);
  }
  return addressEnd(text, argument, state.snapshot);
}

function podEnd(key: string, argument: string, { pods, nodes }: ClusterSnapshot): NamedEnd {
  const pod = pods.get(key);
  if (pod === undefined) {
    const near = [...pods.keys()].filter((known) => known.startsWith(key)).slice(0, 3);
    const advice =
      near.length === 0 ? 'expected namespace/name of a pod in the input' : `did you mean ${near.join(', ')}?`;
    throw new InvalidInputError(`${argument}: no pod '${key}'; ${advice}`);
  }
  if (pod.completed) throw new InvalidInputError(`${argument}: pod '${key}' has ended; no traffic is its own any more`);
  if (pod.hostNetwork) return hostNetworkEnd(pod, argument, nodes.get(pod.node ?? '')?.addresses ?? []);
  if (pod.addresses.length === 0) throw new InvalidInputError(`${argument}: pod '${key}' has no address yet`);
  return { name: key, pod: key, addresses: pod.addresses, node: pod.node, isNode: false, notes: [] };
}

/** A hostNetwork pod is the node to every policy (policy.md N3). */
function hostNetworkEnd(pod: PodView, argument: string, ofNode: readonly IpAddress[]): NamedEnd {
  const addresses = pod.addresses.length > 0 ? pod.addresses : ofNode;
  const key = viewKey(pod);
  if (addresses.length === 0) {
    throw new InvalidInputError(`${argument}: hostNetwork pod '${key}' has no address, and its node has none either`);
  }
  const notes = [
    `${key} uses its node's network: to policies it is the address ${addresses.map(formatAddress).join(', ')}`,
  ];
  return { name: key, pod: undefined, addresses, node: pod.node, isNode: true, notes };
}

function addressEnd(text: string, argument: string, { pods, nodes }: ClusterSnapshot): NamedEnd {
  let address: IpAddress;
  try {
    address = parseAddress(text);
  } catch (error) {
    throw new InvalidInputError(
      `${argument}: '${text}' is neither namespace/pod, an IP address, nor the Dn of an EPG (uni/tn-…/ap-…/epg-…)`,
      { cause: error },
    );
  }
  const canonical = formatAddress(address);
  const owner = [...pods.values()].find(
    (pod) => !pod.hostNetwork && !pod.completed && addressTexts(pod).includes(canonical),
  );
  if (owner !== undefined) {
    const key = viewKey(owner);
    const notes = [`${canonical} is the address of pod ${key}`];
    return { name: key, pod: key, addresses: [address], node: owner.node, isNode: false, notes };
  }
  const node = [...nodes.values()].find(({ addresses }) => addresses.some((own) => formatAddress(own) === canonical));
  const notes = node === undefined ? [] : [`${canonical} is an address of node ${node.name}`];
  return { name: canonical, pod: undefined, addresses: [address], node: node?.name, isNode: node !== undefined, notes };
}

/** A foreign EPG stands for the first address of each of its prefixes. */
function foreignEnd(dn: string, argument: string, state: PolicyState): NamedEnd {
  const epgs = adminEpgs(state);
  const epg = epgs.find((one) => one.dn === dn);
  if (epg === undefined) {
    const known = epgs.map((one) => one.dn);
    const advice = known.length === 0 ? 'none is configured' : `configured are ${known.join(', ')}`;
    throw new InvalidInputError(`${argument}: no foreign EPG '${dn}' in fabric.foreignEpgs; ${advice}`);
  }
  if (epg.prefixes.length === 0) {
    throw new InvalidInputError(
      `${argument}: the addresses of '${dn}' are those that the fabric knows, which is not asked here; name an address`,
    );
  }
  const addresses = epg.prefixes.map(({ family, first }) => ({ family, value: first }));
  return { name: dn, pod: undefined, addresses, node: undefined, isNode: false, notes: [] };
}

/** Reads PROTO/PORT. Throws {@link InvalidInputError} when it is no protocol of a NetworkPolicy or no port. */
export function protocolAndPort(text: string): { readonly protocol: Protocol; readonly port: number } {
  const [, name = '', digits = ''] = /^([A-Za-z]+)\/(\d{1,5})$/.exec(text) ?? [];
  const protocol = PROTOCOLS.get(name.toLowerCase());
  const port = Number(digits);
  if (protocol === undefined || port < 1 || port > 65_535) {
    throw new InvalidInputError(
      `PROTO/PORT: expected TCP, UDP or SCTP and 1 to 65535 such as TCP/443, found '${text}'`,
    );
  }
  return { protocol, port };
}

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'tcp'],
  ['udp', 'udp'],
  ['sctp', 'sctp'],
]);

/** The addresses between which a flow of two ends runs: of the first family that both have (policy.md N5). */
export interface Route {
  readonly family: IpFamily;
  readonly from: IpAddress;
  readonly to: IpAddress;
}

/** One route a family that both ends have. Throws {@link InvalidInputError} when there is none. */
export function routesBetween(source: NamedEnd, destination: NamedEnd): readonly Route[] {
  const routes = ([4, 6] as const).flatMap((family): readonly Route[] => {
    const from = source.addresses.find((address) => address.family === family);
    const to = destination.addresses.find((address) => address.family === family);
    return from === undefined || to === undefined ? [] : [{ family, from, to }];
  });
  if (routes.length > 0) return routes;
  throw new InvalidInputError(`SRC ${source.name} and DST ${destination.name} have no IP family in common`);
}
