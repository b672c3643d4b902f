import type { Prefix } from '../net/index.js';
import type { Fields } from './fields.js';
import { readCidr } from './read-cidr.js';
import { readSelector } from './read-selector.js';
import { asList, asRecord, describe, isGiven, type Reading } from './reading.js';
import { EVERY } from './selector.js';
import type { PeerView, Selector } from './views.js';

/**
 * What could not be read of a peer: all pods, or all addresses, could be meant by it; or anything at all, when the form
 * of the peer is not known. How a rule fails closed on it depends on its action.
 */
export type Unreadable = 'pods' | 'addresses' | 'anything';

/** A peer as far as it can be read. */
export interface TieredPeer {
  readonly peers: readonly PeerView[];
  readonly unreadable?: Unreadable;
}

/** All pods of the cluster. */
export const ALL_PODS: PeerView = { kind: 'pods', namespaces: EVERY, pods: EVERY };

/** All addresses, those of pods included. */
export const ALL_ADDRESSES: readonly PeerView[] = [
  { kind: 'block', cidr: { family: 4, first: 0n, length: 0 }, except: [] },
  { kind: 'block', cidr: { family: 6, first: 0n, length: 0 }, except: [] },
];

/** Only pods are sources to the API: where a packet from elsewhere comes from is not sure (ClusterNetworkPolicyIngressPeer). */
const FORMS = {
  ingress: ['namespaces', 'pods'],
  egress: ['namespaces', 'pods', 'networks', 'nodes', 'domainNames'],
} as const;

/**
 * Reads a peer of a rule around NetworkPolicy (policy.networking.k8s.io ClusterNetworkPolicyIngressPeer and
 * ClusterNetworkPolicyEgressPeer: exactly one of its fields is set).
 */
export function readTieredPeer(
  reading: Reading,
  { field, direction }: { readonly field: string; readonly direction: 'ingress' | 'egress' },
  value: unknown,
): TieredPeer {
  const peer = asRecord(value) ?? {};
  const given = Object.keys(peer).filter((name) => isGiven(peer[name]));
  const forms: readonly (typeof FORMS)['egress'][number][] = FORMS[direction];
  const form = forms.find((name) => given.length === 1 && name === given[0]);
  switch (form) {
    case 'namespaces':
      return podsPeer(readNamespaces(reading, `${field}.namespaces`, peer['namespaces']), EVERY);
    case 'pods': {
      const scope = readNamespacedPods(reading, `${field}.pods`, peer['pods']);
      return scope === undefined ? { peers: [], unreadable: 'pods' } : podsPeer(scope.namespaces, scope.pods);
    }
    case 'networks':
      return readNetworks(reading, `${field}.networks`, peer['networks']);
    case 'nodes':
      return readNodes(reading, `${field}.nodes`, peer['nodes']);
    case 'domainNames':
      return readDomainNames(reading, `${field}.domainNames`);
    default: {
      const found = given.length === 0 ? describe(value) : given.join(' and ');
      reading.report('INVALID_PEER', field, `expected one of ${forms.join(', ')}, found ${found}`);
      return { peers: [], unreadable: 'anything' };
    }
  }
}

/** Pods by namespace and labels: what `pods` of a peer or subject means. Undefined when it cannot be read. */
export function readNamespacedPods(
  reading: Reading,
  field: string,
  value: unknown,
): { readonly namespaces: Selector; readonly pods: Selector } | undefined {
  const given = asRecord(value);
  // The first v1alpha1 had the namespaces of `pods` in a field of their own.
  const old = isGiven(given?.['namespaces']);
  const known = old ? ['namespaces', 'podSelector'] : ['namespaceSelector', 'podSelector'];
  if (given === undefined || !hasOnly(given, known)) {
    const expected = 'expected namespaceSelector and podSelector';
    reading.report('INVALID_SELECTOR', field, `${expected}, found ${describe(value)}`);
    return undefined;
  }
  const namespaces = old
    ? readNamespaces(reading, `${field}.namespaces`, given['namespaces'])
    : readSelector(reading, `${field}.namespaceSelector`, given['namespaceSelector']);
  const pods = readSelector(reading, `${field}.podSelector`, given['podSelector']);
  return namespaces.invalid === true || pods.invalid === true ? undefined : { namespaces, pods };
}

/** The selector of `namespaces`; the first v1alpha1 had it one level deeper, in `namespaceSelector`. */
export function readNamespaces(reading: Reading, field: string, value: unknown): Selector {
  const given = asRecord(value);
  return given !== undefined && isGiven(given['namespaceSelector']) && hasOnly(given, ['namespaceSelector'])
    ? readSelector(reading, `${field}.namespaceSelector`, given['namespaceSelector'])
    : readSelector(reading, field, value);
}

const hasOnly = (given: Fields, names: readonly string[]): boolean =>
  Object.keys(given).every((name) => names.includes(name) || !isGiven(given[name]));

const podsPeer = (namespaces: Selector, pods: Selector): TieredPeer =>
  namespaces.invalid === true ? { peers: [], unreadable: 'pods' } : { peers: [{ kind: 'pods', namespaces, pods }] };

function readNetworks(reading: Reading, field: string, value: unknown): TieredPeer {
  const texts = asList(reading, field, value);
  const prefixes = texts.map((text, index) =>
    readCidr(
      reading,
      `${field}[${index}]`,
      text,
      'an Accept matches nothing there, a Deny or Pass denies all addresses',
    ),
  );
  const blocks = prefixes.filter((prefix): prefix is Prefix => prefix !== undefined).map(block);
  const readable = texts.length > 0 && blocks.length === texts.length;
  if (texts.length === 0) reading.report('INVALID_PEER', field, `expected CIDRs, found ${describe(value)}`);
  return readable ? { peers: blocks } : { peers: blocks, unreadable: 'addresses' };
}

const block = (cidr: Prefix): PeerView => ({ kind: 'block', cidr, except: [] });

/** Nodes by their labels: whoever compiles the rule knows the addresses that they have. */
function readNodes(reading: Reading, field: string, value: unknown): TieredPeer {
  const nodes = readSelector(reading, field, value);
  return nodes.invalid === true ? { peers: [], unreadable: 'addresses' } : { peers: [{ kind: 'nodes', nodes }] };
}

/** Nobody looks names up, and only an Accept may have them: the API says so (policy.md §3.11, CNP_DOMAIN). */
function readDomainNames(reading: Reading, field: string): TieredPeer {
  const message =
    'domain names are not looked up: an Accept matches nothing there, a Deny or Pass denies all addresses. Use networks';
  reading.report('CNP_DOMAIN', field, message, 'warning');
  return { peers: [], unreadable: 'addresses' };
}
