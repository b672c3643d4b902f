import { type Attributes, canonicalValue, propertySpec } from '#model/aci';

/** TCP's flags that rules ask for. */
export type TcpFlag = 'syn' | 'ack' | 'fin' | 'rst';

/** A packet in the terms of a leaf's table. */
export interface LeafPacket {
  readonly family: 4 | 6;
  /** IP protocol number. */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly flags: ReadonlySet<TcpFlag>;
  readonly icmpType?: number | undefined;
  /** A fragment after the first: it has no ports. */
  readonly laterFragment: boolean;
}

/** What of a vzEntry a leaf matches by (policy.md A12), in the APIC's spelling. */
export type Entry = Pick<Attributes, string>;

const MATCHED = [
  'applyToFrag',
  'arpOpc',
  'dFromPort',
  'dToPort',
  'etherT',
  'icmpv4T',
  'icmpv6T',
  'prot',
  'sFromPort',
  'sToPort',
  'stateful',
  'tcpRules',
];

/** The matching part of a vzEntry's attributes. */
export const entryOf = (attributes: Attributes): Entry =>
  Object.fromEntries(MATCHED.map((property) => [property, attributes[property] ?? '']));

/** The same for the way back: ports swapped, and a stateful TCP entry asks for ACK (policy.md A11, A13). */
export function reversed(entry: Entry): Entry {
  const swapped = {
    ...entry,
    sFromPort: entry.dFromPort ?? '',
    sToPort: entry.dToPort ?? '',
    dFromPort: entry.sFromPort ?? '',
    dToPort: entry.sToPort ?? '',
  };
  return entry.stateful === 'yes' && entry.prot === 'tcp' ? { ...swapped, tcpRules: 'ack' } : swapped;
}

/** Whether the entry is for every packet: its rule has the default filter then. */
export const isWhole = (entry: Entry): boolean => entry.etherT === 'unspecified' || entry.etherT === '';

/** Whether the packet is one that the entry describes (policy.md A12, A18). */
export function matches(entry: Entry, packet: LeafPacket): boolean {
  if (isWhole(entry)) return true;
  if (entry.etherT !== 'ip' && entry.etherT !== `ipv${packet.family}`) return false;
  const protocol = numberOf('prot', entry.prot);
  if (protocol !== 0 && protocol !== packet.protocol) return false;
  if (entry.applyToFrag === 'yes') return packet.laterFragment;
  return portsMatch(entry, packet) && flagsMatch(entry, packet) && typeMatches(entry, packet);
}

/** What a filter's entries are sorted by on a leaf: the first is asked first (policy.md A8). */
const ENTRY_PRIORITIES = ['flags', 'sport_dport', 'dport', 'sport', 'proto', 'frag', 'def'] as const;

/** Name of an entry's priority, as `actrlEntry.prio` has it (captured filters of a leaf). */
export type EntryPriority = (typeof ENTRY_PRIORITIES)[number];

/** The priority that follows from what the entry asks for. */
export function entryPriority(entry: Entry): EntryPriority {
  if (isWhole(entry)) return 'def';
  if (!isUnspecified(entry.tcpRules)) return 'flags';
  const hasSource = !isUnspecified(entry.sToPort);
  const hasDestination = !isUnspecified(entry.dToPort);
  if (hasSource && hasDestination) return 'sport_dport';
  if (hasDestination) return 'dport';
  if (hasSource) return 'sport';
  return entry.applyToFrag === 'yes' ? 'frag' : 'proto';
}

const isUnspecified = (value: string | undefined): boolean => ['', '0', 'unspecified', undefined].includes(value);

/** Place of the best of a filter's matching entries among all priorities: 1 is asked first. */
export function matchRank(entries: readonly Entry[], packet: LeafPacket): number {
  const ranks = entries
    .filter((entry) => matches(entry, packet))
    .map((entry) => ENTRY_PRIORITIES.indexOf(entryPriority(entry)) + 1);
  return Math.min(ENTRY_PRIORITIES.length + 1, ...ranks);
}

function portsMatch(entry: Entry, packet: LeafPacket): boolean {
  const source = [numberOf('sFromPort', entry.sFromPort), numberOf('sToPort', entry.sToPort)] as const;
  const destination = [numberOf('dFromPort', entry.dFromPort), numberOf('dToPort', entry.dToPort)] as const;
  const asksForPorts = source[1] !== 0 || destination[1] !== 0;
  if (!asksForPorts) return true;
  return !packet.laterFragment && within(source, packet.sourcePort) && within(destination, packet.destinationPort);
}

const within = ([from, to]: readonly [number, number], port: number): boolean =>
  (from === 0 && to === 0) || (from <= port && port <= Math.max(from, to));

/** `est` is ACK or RST; of other rules every one must be set. */
function flagsMatch(entry: Entry, packet: LeafPacket): boolean {
  const rules = (entry.tcpRules ?? '').split(',').filter((rule) => rule !== '' && rule !== 'unspecified');
  return rules.every((rule) => {
    if (rule === 'est') return packet.flags.has('ack') || packet.flags.has('rst');
    return [...packet.flags].some((flag) => flag === rule);
  });
}

/** An ICMP type that the entry names; a question that names none asks for any. */
function typeMatches(entry: Entry, packet: LeafPacket): boolean {
  if (packet.icmpType === undefined) return true;
  const property = packet.protocol === ICMPV6 ? 'icmpv6T' : 'icmpv4T';
  const wanted = entry[property] ?? '';
  if (wanted === '' || wanted === 'unspecified') return true;
  return canonicalValue('vzEntry', property, String(packet.icmpType)) === wanted;
}

const ICMPV6 = 58;

const numbers = new Map<string, number>();

/** The number that a value of vzEntry stands for, by name or by itself; 0 for unspecified. */
export function numberOf(property: string, text = ''): number {
  const key = `${property}=${text}`;
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const named = Object.entries(propertySpec('vzEntry', property)?.named ?? {});
  const byName = named.find(([, name]) => name === text)?.[0];
  const number = Number(byName ?? text) || 0;
  if (numbers.size < MAX_REMEMBERED) numbers.set(key, number);
  return number;
}

const MAX_REMEMBERED = 10_000;
