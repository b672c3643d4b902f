import { ALL_ADDRESSES, ALL_PODS, readTieredPeer, type TieredPeer, type Unreadable } from './read-tiered-peer.js';
import { readTieredPort } from './read-tiered-port.js';
import { asList, asRecord, describe, isAbsent, type Reading } from './reading.js';
import type { PeerView, PortView, TieredPolicyView, TieredRuleView } from './views.js';

/** Where a rule stands. */
export interface TieredRulePlace {
  readonly kind: TieredPolicyView['kind'];
  readonly direction: 'ingress' | 'egress';
  readonly index: number;
}

type Action = TieredRuleView['action'];

const ACTIONS: ReadonlyMap<unknown, Action> = new Map([
  ['Allow', 'allow'],
  ['Accept', 'allow'],
  ['Deny', 'deny'],
  ['Pass', 'pass'],
]);

/**
 * Reads a rule of a policy around NetworkPolicy. What cannot be read of it fails closed (policy.md K5; the API's text on
 * peers: an Accept then matches no traffic, a Deny or Pass is a Deny): an unknown action denies; a peer or port of an
 * Accept that cannot be read matches nothing; a Deny or Pass denies all that it could have meant.
 */
export function readTieredRule(reading: Reading, place: TieredRulePlace, given: unknown): TieredRuleView {
  const field = `spec.${place.direction}[${place.index}]`;
  const rule = asRecord(given) ?? {};
  const action = readAction(reading, `${field}.action`, place.kind, rule['action']);
  const peerField = place.direction === 'ingress' ? 'from' : 'to';
  const peers = readPeers(reading, { field: `${field}.${peerField}`, direction: place.direction }, rule[peerField]);
  const portField = isAbsent(rule['protocols']) ? 'ports' : 'protocols';
  const ports = readPorts(reading, `${field}.${portField}`, rule[portField]);
  return action === 'allow' ? accepting(peers, ports) : deciding(action, peers, ports);
}

/** A BaselineAdminNetworkPolicy has nothing after it that it could pass on to. */
function readAction(reading: Reading, field: string, kind: TieredPolicyView['kind'], value: unknown): Action {
  const action = ACTIONS.get(value);
  if (action !== undefined && (action !== 'pass' || kind !== 'BaselineAdminNetworkPolicy')) return action;
  const allow = kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
  const expected = kind === 'BaselineAdminNetworkPolicy' ? `${allow} or Deny` : `${allow}, Deny or Pass`;
  reading.report('INVALID_OBJECT', field, `expected ${expected}, found ${describe(value)}; the rule denies`);
  return 'deny';
}

/** A rule must say whom it is about: the API wants at least one peer. */
function readPeers(
  reading: Reading,
  { field, direction }: { readonly field: string; readonly direction: 'ingress' | 'egress' },
  value: unknown,
): readonly TieredPeer[] {
  const list = asList(reading, field, value);
  if (list.length > 0)
    return list.map((peer, index) => readTieredPeer(reading, { field: `${field}[${index}]`, direction }, peer));
  reading.report('INVALID_PEER', field, `expected at least one peer, found ${describe(value)}`);
  return [{ peers: [], unreadable: 'anything' }];
}

/** One item for each entry, undefined where it cannot be read; `any` without entries. */
function readPorts(
  reading: Reading,
  field: string,
  value: unknown,
): readonly (readonly PortView[] | undefined)[] | 'any' {
  if (isAbsent(value)) return 'any';
  const list = asList(reading, field, value);
  if (list.length === 0) return [undefined];
  return list.map((port, index) => readTieredPort(reading, `${field}[${index}]`, port));
}

type Ports = ReturnType<typeof readPorts>;

function accepting(read: readonly TieredPeer[], ports: Ports): TieredRuleView {
  const unknown = read.some(({ unreadable }) => unreadable === 'anything');
  return {
    action: 'allow',
    peers: unknown ? [] : read.flatMap(({ peers }) => peers),
    ports: ports === 'any' ? 'any' : ports.flatMap((entry) => entry ?? []),
  };
}

function deciding(action: 'deny' | 'pass', read: readonly TieredPeer[], ports: Ports): TieredRuleView {
  const unreadable = new Set(read.flatMap((peer) => peer.unreadable ?? []));
  const unknown = unreadable.has('anything');
  const whole = unknown || ports === 'any' || ports.includes(undefined);
  const closed = unreadable.size > 0 || (ports !== 'any' && whole);
  return {
    action: closed ? 'deny' : action,
    peers: unknown ? 'any' : [...read.flatMap(({ peers }) => peers), ...[...unreadable].flatMap(widest)],
    ports: whole ? 'any' : ports.flatMap((entry) => entry ?? []),
  };
}

/** Everything that a peer of the kind could have meant. */
const widest = (unreadable: Unreadable): readonly PeerView[] => (unreadable === 'pods' ? [ALL_PODS] : ALL_ADDRESSES);
