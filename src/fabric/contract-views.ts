import type { FlatObject } from '#model/aci';
import { type ConnSet, connOf, EVERYTHING, NOTHING, type Protocol, portSet, unionConn } from '#model/net';
import { type FilterEntry, formatEntry, isUnrestricted } from './filter-entry.js';
import { ObjectIndex } from './object-index.js';
import { contractParties, entriesOf, type Member, type Term } from './zoning-rules.js';

/** A contract as a value: who takes part, and what it says in each direction. The way back from managed objects. */
export interface ContractView {
  readonly dn: string;
  readonly name: string;
  /** Dns of EPGs and external EPGs, or `any` for the whole VRF; each once, sorted. */
  readonly providers: readonly string[];
  readonly consumers: readonly string[];
  /** Groups whose members use it among themselves. */
  readonly inside: readonly string[];
  /** From consumers to providers, and from providers to consumers. */
  readonly forward: DirectionView;
  readonly backward: DirectionView;
}

/** What a contract says in one direction. */
export interface DirectionView {
  /** Connections that may be opened, in either IP family. */
  readonly opens: ConnSet;
  /** Connections that only one family may open. */
  readonly opensIpv4: ConnSet;
  readonly opensIpv6: ConnSet;
  /** Entries that open no connection of TCP, UDP or SCTP by port alone: replies, ICMP, fragments, and denials. */
  readonly others: readonly string[];
}

/** Every contract of the objects that some group refers to, by Dn in order. Contracts nobody uses open nothing. */
export function contractViews(objects: Iterable<FlatObject>): readonly ContractView[] {
  const index = new ObjectIndex(objects);
  const views = [...contractParties(index)].map(([dn, { providers, consumers, intra }]): ContractView => {
    const { forward, backward } = entriesOf(index, dn);
    return {
      dn,
      name: index.get(dn)?.attributes['name'] ?? '',
      providers: namesOf(providers),
      consumers: namesOf(consumers),
      inside: namesOf(intra),
      forward: directionView(forward),
      backward: directionView(backward),
    };
  });
  return views.sort((a, b) => (a.dn < b.dn ? -1 : 1));
}

/** What one group takes part in. */
export interface GroupContracts {
  readonly provides: readonly ContractView[];
  readonly consumes: readonly ContractView[];
  readonly inside: readonly ContractView[];
}

/** Contracts of the EPG or external EPG at the Dn, those of its whole VRF (`any`) not among them. */
export const contractsOfGroup = (views: readonly ContractView[], dn: string): GroupContracts => ({
  provides: views.filter(({ providers }) => providers.includes(dn)),
  consumes: views.filter(({ consumers }) => consumers.includes(dn)),
  inside: views.filter(({ inside }) => inside.includes(dn)),
});

const namesOf = (members: readonly Member[]): readonly string[] =>
  [...new Set(members.map(({ zoningClass }) => zoningClass))].sort();

function directionView(terms: readonly Term[]): DirectionView {
  const opened = { ip: NOTHING, ipv4: NOTHING, ipv6: NOTHING };
  const others: string[] = [];
  for (const { entry, action } of terms) {
    const connections = action === 'permit' ? openedBy(entry) : undefined;
    if (connections === undefined) others.push(action === 'deny' ? `deny ${formatEntry(entry)}` : formatEntry(entry));
    else {
      const family = entry.etherType === 'ipv4' || entry.etherType === 'ipv6' ? entry.etherType : 'ip';
      opened[family] = unionConn(opened[family], connections);
    }
  }
  return { opens: opened.ip, opensIpv4: opened.ipv4, opensIpv6: opened.ipv6, others };
}

const PROTOCOLS_BY_NUMBER: ReadonlyMap<number, Protocol> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);

const FLAGS_OF_AN_OPENING: ReadonlySet<string> = new Set(['syn']);

/** Connections that the entry lets anybody open from any source port; undefined when it is of another kind. */
function openedBy(entry: FilterEntry): ConnSet | undefined {
  if (isUnrestricted(entry)) return EVERYTHING;
  if (entry.fragmentsOnly || entry.sourcePorts !== undefined) return undefined;
  if (entry.tcpRules.some((rule) => !FLAGS_OF_AN_OPENING.has(rule))) return undefined;
  if (!entry.etherType.startsWith('ip')) return undefined;
  if (entry.protocol === undefined) return EVERYTHING;
  const protocol = PROTOCOLS_BY_NUMBER.get(entry.protocol);
  if (protocol === undefined) return undefined;
  const [from, to] = entry.destinationPorts ?? [1, 65_535];
  return connOf(protocol, portSet([[Math.max(1, from), to]]));
}
