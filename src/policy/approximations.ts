import { type ConnSet, isAllPorts } from '#model/net';
import type { FamilyConnections, Finding } from '#model/policy';
import { APPROXIMATED, APPROXIMATED_CODES, type Approximated, isExact } from './approximated-protocols.js';
import type { PolicyCompiler } from './compiler.js';
import { FAMILIES, FAMILY_BIT } from './family-mask.js';
import { type Direction, isolating, rulesFor, type Seat, speaksOf } from './isolating.js';
import type { Party, PodParty } from './parties.js';

/** What a policy has to do with it: it forbids what the fabric permits, or it allows what makes the fabric permit that. */
type Role = 'isolates' | 'allows';

/**
 * Where the fabric permits more UDP or SCTP than the policies: one finding a policy and code. Named are the policies that
 * isolate the end that is opened too far, and those that allow the protocol, which is why it is. Groups are not paired one
 * by one: of those that no rule singles out, those that grant everyone the same are looked at once.
 */
export function approximations(compiler: PolicyCompiler): readonly Finding[] {
  const search = new Search(compiler);
  for (const party of compiler.parties.pods()) {
    for (const direction of ['ingress', 'egress'] as const) search.look(party, direction);
  }
  return search.findings();
}

/** Parties of one kind that grant everyone the same UDP and SCTP: to a party that no rule singles out they are all one. */
interface Crowd {
  readonly id: number;
  readonly members: Party[];
}

class Search {
  readonly #compiler: PolicyCompiler;
  readonly #crowds: readonly Crowd[];
  readonly #crowdOf = new Map<Party, Crowd>();
  /** Pairs of crowds and a direction of the first in which nothing is to be found. */
  readonly #exact = new Set<string>();
  readonly #found: Readonly<Record<Approximated, Map<string, Role>>> = { udp: new Map(), sctp: new Map() };

  constructor(compiler: PolicyCompiler) {
    this.#compiler = compiler;
    const crowds = new Map<string, Crowd>();
    const prints = new Prints();
    for (const party of [...compiler.parties.pods(), ...compiler.parties.outside()]) {
      const key = prints.of(party);
      const crowd = crowds.get(key) ?? { id: crowds.size, members: [] };
      crowds.set(key, crowd);
      crowd.members.push(party);
      this.#crowdOf.set(party, crowd);
    }
    this.#crowds = [...crowds.values()];
  }

  findings(): readonly Finding[] {
    return APPROXIMATED.flatMap((protocol) =>
      [...this.#found[protocol]].sort(byName).map(([object, role]) => finding(protocol, object, role)),
    );
  }

  /** One direction of a party toward everybody. */
  look(party: PodParty, direction: Direction): void {
    const side = party[direction];
    if (!side.isolated && side.everyone.length === 0 && side.named.size === 0) return;
    const { pairs } = this.#compiler;
    const others = [side.named, pairs.row(party), pairs.column(party)] as const;
    for (const some of others) for (const other of some.keys()) this.#note(party, direction, other);
    if (party.members.size > 1) this.#note(party, direction, party);
    const isSpecial = (member: Party): boolean => member === party || others.some((some) => some.has(member));
    const own = this.#crowdOf.get(party)?.id;
    for (const crowd of this.#crowds) {
      const key = `${own}.${crowd.id}.${direction}`;
      if (this.#exact.has(key)) continue;
      const stranger = crowd.members.find((member) => !isSpecial(member));
      if (stranger !== undefined && !this.#note(party, direction, stranger)) this.#exact.add(key);
    }
  }

  /** Notes what there is between the two; gives whether there is anything. */
  #note(party: PodParty, direction: Direction, other: Party): boolean {
    const side = party[direction];
    const { pairs } = this.#compiler;
    const [source, destination] = direction === 'ingress' ? [other, party] : [party, other];
    const [forward, back] = [pairs.between(source, destination), pairs.between(destination, source)];
    // Most pairs may open TCP only, where the fabric is exact.
    if (isExact(forward) && isExact(back)) return false;
    const grants = side.named.get(other)?.connections ?? (other.kind === 'pods' ? side.pods : side.outside);
    const between = { grants, forward, back };
    const families = FAMILIES.filter((family) => (party.families & other.families & FAMILY_BIT[family]) !== 0);
    const seat = { party, direction, other };
    let any = false;
    for (const protocol of APPROXIMATED) {
      const seen = families.map((family) => seenOf(between, family === 4 ? 'ipv4' : 'ipv6', protocol));
      if (seen.some(isPierced)) this.#name(protocol, 'isolates', isolating(seat, protocol));
      if (seen.some(opensBack)) this.#name(protocol, 'allows', allowing(seat, protocol));
      any ||= seen.some((one) => isPierced(one) || opensBack(one));
    }
    return any;
  }

  #name(protocol: Approximated, role: Role, policies: Iterable<string>): void {
    const found = this.#found[protocol];
    for (const policy of policies) if (role === 'allows' || !found.has(policy)) found.set(policy, role);
  }
}

/** What one protocol is between two parties in one family. */
interface Seen {
  readonly protocol: Approximated;
  /** What the side that is looked at grants the other end. */
  readonly grants: ConnSet['udp'];
  readonly forward: ConnSet['udp'];
  readonly back: ConnSet['udp'];
}

const seenOf = (
  { grants, forward, back }: Readonly<Record<'grants' | 'forward' | 'back', FamilyConnections>>,
  family: 'ipv4' | 'ipv6',
  protocol: Approximated,
): Seen => ({
  protocol,
  grants: grants[family][protocol],
  forward: forward[family][protocol],
  back: back[family][protocol],
});

/** The side forbids some of it, and the fabric permits that as an answer, or as SCTP that has no ports in a filter. */
const isPierced = ({ protocol, grants, forward, back }: Seen): boolean =>
  !isAllPorts(grants) && (back.length > 0 || (protocol === 'sctp' && forward.length > 0));

/** Some of it is allowed, and makes the fabric permit what is not: back, or SCTP as a whole. */
const opensBack = ({ protocol, forward, back }: Seen): boolean =>
  forward.length > 0 && (!isAllPorts(back) || (protocol === 'sctp' && !isAllPorts(forward)));

function* allowing(seat: Seat, protocol: Approximated): Generator<string> {
  for (const rule of rulesFor(seat.party[seat.direction], seat.other)) {
    if (rule.action === 'allow' && speaksOf(rule, seat, protocol)) yield rule.policy.key;
  }
}

/** Texts of what a party grants everyone of UDP and SCTP: equal texts are equal grants. */
class Prints {
  readonly #known = new Map<FamilyConnections, string>();

  of({ kind, families, egress, ingress }: Party): string {
    const sides = [egress, ingress].flatMap(({ pods, outside }) => [this.#print(pods), this.#print(outside)]);
    return `${kind} ${families} ${sides.join(' ')}`;
  }

  #print(connections: FamilyConnections): string {
    const known = this.#known.get(connections);
    if (known !== undefined) return known;
    const { ipv4, ipv6 } = connections;
    const text = JSON.stringify([ipv4.udp, ipv4.sctp, ipv6.udp, ipv6.sctp]);
    this.#known.set(connections, text);
    return text;
  }
}

const byName = ([a]: readonly [string, Role], [b]: readonly [string, Role]): number => (a < b ? -1 : a > b ? 1 : 0);

const MESSAGES: Readonly<Record<Approximated, Readonly<Record<Role, string>>>> = {
  udp: {
    allows:
      'allows UDP: the fabric keeps no UDP state and permits anything from the allowed source ports back; the host agents track connections and are exact',
    isolates:
      'isolates pods whose UDP may go the other way: the fabric keeps no UDP state and permits to them, or from them, what looks like an answer; the host agents track connections and are exact',
  },
  sctp: {
    allows: 'allows SCTP ports: the fabric permits SCTP as a whole in both directions; the host agents are exact',
    isolates:
      'isolates pods that may use SCTP in some way: the fabric permits SCTP as a whole in both directions; the host agents are exact',
  },
};

const finding = (protocol: Approximated, object: string, role: Role): Finding => ({
  code: APPROXIMATED_CODES[protocol],
  severity: 'info',
  object,
  message: MESSAGES[protocol][role],
});
