import type { PolicyView, PortView, RuleView } from '#model/kubernetes';
import {
  type ConnSet,
  connOf,
  EVERYTHING,
  formatConn,
  type IpFamily,
  intersectConn,
  isNothing,
  NOTHING,
  portSet,
  unionConn,
} from '#model/net';
import type { RuleReference } from '#model/policy';
import type { ExternalRegion } from './external-regions.js';
import type { PeerAtoms } from './peer-atoms.js';
import { namedPortKey, policyName, type Signature } from './signature.js';

/** Something that stands in a row or column of the matrix: pods with one signature, or addresses outside. */
export type Party =
  | { readonly kind: 'pods'; readonly name: string; readonly signature: Signature }
  | { readonly kind: 'outside'; readonly name: string; readonly region: ExternalRegion };

/** One entry of the matrix: what `source` may open toward `destination`, as indices into the parties. */
export interface Cell {
  readonly source: number;
  readonly destination: number;
  readonly family: 'ip' | 'ipv4' | 'ipv6';
  readonly connections: ConnSet;
  readonly why: readonly RuleReference[];
}

/** What the matrix is computed from. */
export interface MatrixInput {
  readonly parties: readonly Party[];
  readonly policies: readonly PolicyView[];
  readonly atoms: PeerAtoms;
}

interface Allowed {
  readonly connections: ConnSet;
  readonly why: readonly RuleReference[];
}

type PerFamily = Readonly<Record<IpFamily, Allowed>>;

/** One direction of one party: not isolated, or what the other parties get by their index. */
type Side = 'free' | ReadonlyMap<number, PerFamily>;

const DENIED: Allowed = { connections: NOTHING, why: [] };
const FREE: Allowed = { connections: EVERYTHING, why: [] };

/**
 * The matrix M(i,j) = egress of i ∩ ingress of j (policy.md §3.3): only cells that allow something, in order of source
 * and destination. Pairs of two outside parties are left out; a party of pods with itself is a cell as well.
 */
export function matrix(input: MatrixInput): readonly Cell[] {
  const index = peerIndex(input);
  const egress = input.parties.map((party) => sideOf(input, index, party, 'egress'));
  const ingress = input.parties.map((party) => sideOf(input, index, party, 'ingress'));
  const admitted = admittedBy(ingress);
  const cells: Cell[] = [];
  for (const [source, from] of input.parties.entries()) {
    for (const destination of reachable(source, egress, admitted)) {
      const to = input.parties[destination];
      if (to === undefined || (from.kind === 'outside' && to.kind === 'outside')) continue;
      const pair = { source, destination, families: familiesOf(from).filter((one) => familiesOf(to).includes(one)) };
      cells.push(...cellsOf(pair, egress[source] ?? 'free', ingress[destination] ?? 'free'));
    }
  }
  return cells;
}

/** IP families in which a party has addresses. */
export const familiesOf = (party: Party): readonly IpFamily[] =>
  party.kind === 'pods' ? party.signature.families : [party.region.family];

/** Destinations that admit everyone, and by source those that admit it among others. */
interface Admitted {
  readonly everyone: readonly number[];
  readonly bySource: ReadonlyMap<number, readonly number[]>;
}

function admittedBy(ingress: readonly Side[]): Admitted {
  const everyone: number[] = [];
  const bySource = new Map<number, number[]>();
  for (const [destination, side] of ingress.entries()) {
    if (side === 'free') {
      everyone.push(destination);
      continue;
    }
    for (const source of side.keys()) {
      const list = bySource.get(source);
      if (list === undefined) bySource.set(source, [destination]);
      else list.push(destination);
    }
  }
  return { everyone, bySource };
}

/** Destinations that can have a cell at all, ascending. */
function reachable(source: number, egress: readonly Side[], admitted: Admitted): readonly number[] {
  const out = egress[source];
  const candidates =
    out !== undefined && out !== 'free'
      ? [...out.keys()]
      : [...admitted.everyone, ...(admitted.bySource.get(source) ?? [])];
  return candidates.sort((a, b) => a - b);
}

function cellsOf(
  pair: { readonly source: number; readonly destination: number; readonly families: readonly IpFamily[] },
  egress: Side,
  ingress: Side,
): readonly Cell[] {
  const { source, destination } = pair;
  const found = pair.families.map((family) => {
    const out = egress === 'free' ? FREE : (egress.get(destination)?.[family] ?? DENIED);
    const into = ingress === 'free' ? FREE : (ingress.get(source)?.[family] ?? DENIED);
    return {
      family: family === 4 ? ('ipv4' as const) : ('ipv6' as const),
      connections: intersectConn(out.connections, into.connections),
      why: mergeReasons(out.why, into.why),
    };
  });
  const [first, ...others] = found;
  if (first === undefined) return [];
  const text = formatConn(first.connections);
  const same = others.every((other) => formatConn(other.connections) === text);
  const cells = same ? [{ ...first, family: 'ip' as const }] : found;
  return cells.filter((cell) => !isNothing(cell.connections)).map((cell) => ({ source, destination, ...cell }));
}

/** Parties that each peer atom names, per family. */
type PeerIndex = ReadonlyMap<number, readonly { readonly party: number; readonly families: readonly IpFamily[] }[]>;

function peerIndex({ parties }: MatrixInput): PeerIndex {
  const index = new Map<number, { party: number; families: IpFamily[] }[]>();
  const note = (atom: number, party: number, families: readonly IpFamily[]): void => {
    const entries = index.get(atom) ?? [];
    const last = entries.at(-1);
    if (last?.party === party) last.families.push(...families);
    else entries.push({ party, families: [...families] });
    index.set(atom, entries);
  };
  for (const [number, party] of parties.entries()) {
    if (party.kind === 'outside') {
      for (const atom of party.region.blockAtoms) note(atom, number, [party.region.family]);
      continue;
    }
    const { selectorAtoms, blockAtoms, families } = party.signature;
    for (const atom of selectorAtoms) note(atom, number, families);
    for (const family of families) for (const atom of blockAtoms[family]) note(atom, number, [family]);
  }
  return index;
}

function sideOf(input: MatrixInput, index: PeerIndex, party: Party, direction: 'ingress' | 'egress'): Side {
  if (party.kind === 'outside') return 'free';
  const isolating = party.signature.subjects.flatMap((number) => {
    const policy = input.policies[number];
    const rules = policy?.[direction];
    return policy === undefined || rules === undefined ? [] : [{ policy, rules }];
  });
  if (isolating.length === 0) return 'free';
  const side = new Map<number, Record<IpFamily, Allowed>>();
  for (const { policy, rules } of isolating) {
    for (const [number, rule] of rules.entries()) {
      const reason = { policy: policyName(policy), direction, rule: number };
      for (const { party: other, families } of peersOf(input, index, policy, rule)) {
        const destination = direction === 'egress' ? input.parties[other] : party;
        if (destination === undefined) continue;
        addRule(side, other, families, { connections: portsOn(rule, destination), why: [reason] });
      }
    }
  }
  return side;
}

function addRule(
  side: Map<number, Record<IpFamily, Allowed>>,
  other: number,
  families: readonly IpFamily[],
  allowed: Allowed,
): void {
  if (isNothing(allowed.connections)) return;
  const entry = side.get(other) ?? { 4: DENIED, 6: DENIED };
  for (const family of new Set(families)) {
    const before = entry[family];
    entry[family] = {
      connections: unionConn(before.connections, allowed.connections),
      why: mergeReasons(before.why, allowed.why),
    };
  }
  side.set(other, entry);
}

/** Parties that a rule's peers name; a rule without peers names everyone, the outside included (policy.md N13). */
function peersOf(
  { parties, atoms }: MatrixInput,
  index: PeerIndex,
  policy: PolicyView,
  rule: RuleView,
): readonly { readonly party: number; readonly families: readonly IpFamily[] }[] {
  if (rule.peers === 'any') return parties.map((party, number) => ({ party: number, families: familiesOf(party) }));
  return rule.peers.flatMap((peer) => index.get(atoms.idOf(policy.namespace, peer)) ?? []);
}

/** Ports of a rule, names resolved on the destination (policy.md N17-N19). No ports: any port of any protocol. */
function portsOn(rule: RuleView, destination: Party): ConnSet {
  if (rule.ports === 'any') return EVERYTHING;
  return rule.ports.reduce((all, port) => unionConn(all, portOn(port, destination)), NOTHING);
}

function portOn(port: PortView, destination: Party): ConnSet {
  if (port.kind === 'range') return connOf(port.protocol, portSet([[port.from, port.to]]));
  const numbers = destination.kind === 'pods' ? (destination.signature.namedPorts.get(namedPortKey(port)) ?? []) : [];
  return connOf(port.protocol, portSet(numbers.map((number) => [number, number])));
}

function mergeReasons(a: readonly RuleReference[], b: readonly RuleReference[]): readonly RuleReference[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const known = new Map([...a, ...b].map((reason) => [`${reason.policy} ${reason.direction} ${reason.rule}`, reason]));
  return [...known.values()];
}
