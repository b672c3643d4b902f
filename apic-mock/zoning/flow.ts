import { isIP } from 'node:net';
import { InvalidInputError } from '#errors';
import type { LeafPacket, TcpFlag } from './entry.js';
import { ANY } from './priority.js';
import type { Rule } from './rule.js';
import { type Role, type Side, sideInside, sideOutside } from './side.js';
import { type TableVerdict, verdictOf } from './verdict.js';
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
  /** Dn of the VRF that the source's address is of, and where the destination's is looked for first; else any. */
  readonly vrf?: string;
  /** The packet stays within its bridge domain: selectors of addresses do not see it (policy.md A4). */
  readonly bridged?: boolean;
}

/** What the fabric does with the packet. */
export interface FlowVerdict {
  readonly permitted: boolean;
  /** The rule that decided, as leaves show it; undefined where members of one group talk without a rule. */
  readonly rule: FlowRule | undefined;
  readonly source: FlowSide;
  readonly destination: FlowSide;
}

/** What a side was taken for. */
export interface FlowSide {
  /** Dn of the group; undefined for an address that nobody has and no prefix holds. */
  readonly group: string | undefined;
  readonly pcTag: string;
}

/** The deciding rule. */
export type FlowRule = Pick<Rule, 'scope' | 'source' | 'destination' | 'action' | 'priority' | 'contract'> & {
  readonly filter: string;
};

/** An ephemeral port, for questions that name none. */
const EPHEMERAL = 40_000;

/**
 * Answers a question by the rules as they are. Between VRFs the rules are in the VRF where the other side is a guest; a
 * packet that neither lets pass is lost, as is one to an address that is not leaked. Throws {@link InvalidInputError} for
 * what cannot be asked.
 */
export function askFlow(zoning: Zoning, question: FlowQuestion): FlowVerdict {
  const packet = packetOf(question);
  const [source, destination] = sidesOf(zoning, question);
  const { permitted, rule } =
    source.scope === destination.scope
      ? verdictOf(zoning.table, source.scope, [source.tag, destination.tag], packet)
      : verdictBetween(zoning, source, destination, packet);
  return {
    permitted,
    rule: rule === undefined ? undefined : shown(rule),
    source: { group: source.group, pcTag: source.tag },
    destination: { group: destination.group, pcTag: destination.tag },
  };
}

const shown = ({ scope, source, destination, action, priority, contract, filter }: Rule): FlowRule => ({
  scope,
  source,
  destination,
  action,
  priority,
  contract,
  filter: filter.name,
});

function verdictBetween(zoning: Zoning, source: Side, destination: Side, packet: LeafPacket): TableVerdict {
  const lost: TableVerdict = { permitted: false, rule: undefined };
  if (!source.isLeaked || !destination.isLeaked) return lost;
  const scopes = [
    ...(isGuestIn(zoning, source.scope, destination.tag) ? [source.scope] : []),
    ...(isGuestIn(zoning, destination.scope, source.tag) ? [destination.scope] : []),
  ];
  const verdicts = scopes.map((scope) => verdictOf(zoning.table, scope, [source.tag, destination.tag], packet));
  return verdicts.find(({ permitted }) => permitted) ?? verdicts[0] ?? lost;
}

/** Whether a VRF has rules for a class of another VRF: then it denies it what no contract allows. */
const isGuestIn = (zoning: Zoning, scope: string, tag: string): boolean =>
  zoning.table.between(scope, tag, ANY).some(({ priority }) => priority === 'shsrc_any_any_deny');

function sidesOf(zoning: Zoning, question: FlowQuestion): readonly [Side, Side] {
  const vrf = question.vrf;
  const isRouted = question.bridged !== true;
  const source = sideInside(zoning, question.source, { role: 'source', vrf, isRouted });
  const toward = { role: 'destination', isRouted } as const;
  const destination =
    sideInside(zoning, question.destination, { ...toward, vrf }) ??
    sideInside(zoning, question.destination, { ...toward, vrf: undefined });
  const scope = vrf === undefined ? (source ?? destination)?.scope : scopeOfVrf(zoning, vrf);
  if (scope === undefined) {
    throw new InvalidInputError(
      `flow ${question.source} to ${question.destination}: neither address is a learned endpoint's; name the vrf`,
    );
  }
  const outside = (role: Role): Side => sideOutside(zoning, scope, question[role], role);
  return [source ?? outside('source'), destination ?? outside('destination')];
}

function scopeOfVrf(zoning: Zoning, dn: string): string {
  const vrf = zoning.store.get(dn);
  if (vrf?.className !== 'fvCtx') throw new InvalidInputError(`flow vrf ${dn} is not the Dn of a VRF that exists`);
  return vrf.attributes.scope ?? '0';
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
