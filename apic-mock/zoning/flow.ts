import { isIP } from 'node:net';
import { InvalidInputError } from '#errors';
import type { StoredObject } from '../tree/index.js';
import type { LeafPacket, TcpFlag } from './entry.js';
import { classifies, DEFAULT_ROUTE_TAG, GROUP_CLASSES, isDefaultRoute } from './party.js';
import { addressIn } from './prefix.js';
import type { Rule } from './rule.js';
import { verdictOf } from './verdict.js';
import type { Zoning } from './zoning.js';

/** A question to the fabric: may this packet pass? */
export interface FlowQuestion {
  /** Dn of a group, or an address: that of a learned endpoint, or one that an external group's prefix holds. */
  readonly source: string;
  readonly destination: string;
  /** Name (`tcp`, `udp`, `sctp`, `icmp`, `icmpv6`) or number. */
  readonly protocol: string | number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Of TCP; SYN alone by default, the packet that opens a connection. */
  readonly flags?: readonly TcpFlag[];
  readonly icmpType?: number;
  readonly laterFragment?: boolean;
  /** When neither side is an address; 4 by default. */
  readonly family?: 4 | 6;
}

/** What the fabric does with the packet. */
export interface FlowVerdict {
  readonly permitted: boolean;
  /** The rule that decided, as leaves show it; undefined where members of one group talk without a rule. */
  readonly rule: FlowRule | undefined;
}

/** The deciding rule. */
export type FlowRule = Pick<Rule, 'scope' | 'source' | 'destination' | 'action' | 'priority' | 'contract'> & {
  readonly filter: string;
};

/** An ephemeral port, for questions that name none. */
const EPHEMERAL = 40_000;

/** Answers a question by the rules as they are. Throws {@link InvalidInputError} for what cannot be asked. */
export function askFlow(zoning: Zoning, question: FlowQuestion): FlowVerdict {
  const source = sideOf(zoning, question.source, 'source') ?? outside(zoning, question, 'source');
  const destination = sideOf(zoning, question.destination, 'destination') ?? outside(zoning, question, 'destination');
  if (source.scope !== destination.scope) return { permitted: false, rule: undefined };
  const { permitted, rule } = verdictOf(zoning.table, source.scope, [source.tag, destination.tag], packetOf(question));
  return { permitted, rule: rule === undefined ? undefined : { ...rule, filter: rule.filter.name } };
}

type Role = 'source' | 'destination';

interface Side {
  readonly scope: string;
  readonly tag: string;
}

/** The class of a group's Dn or of a learned endpoint's address; undefined for an address that nobody has. */
function sideOf(zoning: Zoning, text: string, role: Role): Side | undefined {
  if (isIP(text) === 0) {
    const group = zoning.store.get(text);
    if (group === undefined || !GROUP_CLASSES.includes(group.className)) {
      throw new InvalidInputError(
        `flow ${role} ${text} is neither an address nor the Dn of an EPG, ESG or external EPG that exists`,
      );
    }
    return classOf(group);
  }
  const learned = [...zoning.store.ofClass('fvIp')].find(({ attributes }) => attributes.addr === text);
  const owner = learned?.parent?.parent;
  return owner === undefined ? undefined : classOf(owner);
}

const classOf = ({ attributes }: StoredObject): Side => ({
  scope: attributes.scope ?? '0',
  tag: attributes.pcTag ?? '0',
});

/** An address outside of the fabric: the longest prefix of the VRF of the other side (policy.md A5). */
function outside(zoning: Zoning, question: FlowQuestion, role: Role): Side {
  const other = role === 'source' ? question.destination : question.source;
  const side = sideOf(zoning, other, role === 'source' ? 'destination' : 'source');
  if (side === undefined) {
    throw new InvalidInputError(
      `flow ${question.source} to ${question.destination}: neither address is a learned endpoint's`,
    );
  }
  const { scope } = side;
  const held = longestPrefix(zoning, scope, question[role]);
  if (held === undefined) return { scope, tag: UNKNOWN };
  if (!isDefaultRoute(held)) return classOf(held.parent ?? held);
  const vrfTag = zoning.vrfs.get(scope)?.attributes.pcTag ?? UNKNOWN;
  return { scope, tag: role === 'source' ? vrfTag : DEFAULT_ROUTE_TAG };
}

/** A class that no group has: only rules for any match. */
const UNKNOWN = '1';

function longestPrefix(zoning: Zoning, scope: string, address: string): StoredObject | undefined {
  const length = (subnet: StoredObject): number => Number(subnet.attributes.ip?.split('/')[1] ?? 0);
  return [...zoning.store.ofClass('l3extSubnet')]
    .filter(({ attributes, parent }) => parent?.attributes.scope === scope && classifies(attributes.scope))
    .filter(({ attributes }) => addressIn(attributes.ip ?? '', address))
    .sort((a, b) => length(b) - length(a))[0];
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['icmpv6', 58],
  ['sctp', 132],
]);

function packetOf(question: FlowQuestion): LeafPacket {
  const { source, destination, protocol, flags = ['syn'], laterFragment = false } = question;
  const number = PROTOCOLS.get(String(protocol).toLowerCase()) ?? Number(protocol);
  if (!Number.isInteger(number) || number < 0 || number > 255) {
    throw new InvalidInputError(`flow protocol ${protocol}: give tcp, udp, sctp, icmp, icmpv6 or a number up to 255`);
  }
  const hasPorts = !question.laterFragment && [6, 17, 132].includes(number);
  const isSix = [source, destination].some((side) => isIP(side) === 6);
  return {
    family: isSix ? 6 : (question.family ?? 4),
    protocol: number,
    sourcePort: question.sourcePort ?? (hasPorts ? EPHEMERAL : 0),
    destinationPort: question.destinationPort ?? 0,
    flags: new Set(number === 6 ? flags : []),
    icmpType: question.icmpType,
    laterFragment,
  };
}
