import type { Attributes } from '#model/aci';
import { propertySpec } from '#model/aci';

/** A packet as a leaf sees it. Ports are 0 for protocols without ports; `tcpFlags` matter for TCP only. */
export interface Packet {
  readonly family: 4 | 6;
  /** IP protocol number. */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tcpFlags?: ReadonlySet<'syn' | 'ack' | 'fin' | 'rst'>;
  /** A fragment other than the first: it has no ports. */
  readonly laterFragment?: boolean;
}

/** One vzEntry, or its mirror image for the way back. */
export interface FilterEntry {
  /** Name of the vzFilter, and of the vzEntry in it. */
  readonly filter: string;
  readonly name: string;
  readonly etherType: string;
  /** IP protocol number, or undefined for any. */
  readonly protocol: number | undefined;
  readonly sourcePorts: readonly [number, number] | undefined;
  readonly destinationPorts: readonly [number, number] | undefined;
  readonly tcpRules: readonly string[];
  readonly fragmentsOnly: boolean;
  readonly stateful: boolean;
}

/** Reads a vzEntry (policy.md A12). Values may be names or numbers. */
export function readEntry(filter: string, attributes: Attributes): FilterEntry {
  const protocol = numberOf('prot', attributes['prot'] ?? 'unspecified');
  return {
    filter,
    name: attributes['name'] ?? '',
    etherType: attributes['etherT'] ?? 'unspecified',
    protocol: protocol === 0 ? undefined : protocol,
    sourcePorts: portRange(attributes['sFromPort'], attributes['sToPort']),
    destinationPorts: portRange(attributes['dFromPort'], attributes['dToPort']),
    tcpRules: (attributes['tcpRules'] ?? '').split(',').filter((rule) => rule !== '' && rule !== 'unspecified'),
    fragmentsOnly: isYes(attributes['applyToFrag']),
    stateful: isYes(attributes['stateful']),
  };
}

/** The entry for packets of the other direction: ports swapped; a stateful TCP entry then needs ACK (policy.md A11, A13). */
export const reversedEntry = (entry: FilterEntry): FilterEntry => ({
  ...entry,
  sourcePorts: entry.destinationPorts,
  destinationPorts: entry.sourcePorts,
  tcpRules: entry.stateful && entry.protocol === TCP ? ['ack'] : entry.tcpRules,
});

/** Whether the entry restricts nothing: rules with it have the priority of a default filter (policy.md A8). */
export const isUnrestricted = (entry: FilterEntry): boolean => entry.etherType === 'unspecified';

/** Whether the packet is one that the entry describes. */
export function entryMatches(entry: FilterEntry, packet: Packet): boolean {
  if (isUnrestricted(entry)) return true;
  if (entry.etherType !== 'ip' && entry.etherType !== `ipv${packet.family}`) return false;
  if (entry.protocol !== undefined && entry.protocol !== packet.protocol) return false;
  const later = packet.laterFragment === true;
  if (entry.fragmentsOnly) return later;
  if (later && (entry.sourcePorts ?? entry.destinationPorts) !== undefined) return false;
  return (
    within(entry.sourcePorts, packet.sourcePort) &&
    within(entry.destinationPorts, packet.destinationPort) &&
    flagsMatch(entry.tcpRules, packet)
  );
}

const TCP = 6;

/** `est` is ACK or RST; other rules are flags that must all be set (policy.md A12). */
function flagsMatch(rules: readonly string[], packet: Packet): boolean {
  const flags: ReadonlySet<string> = packet.tcpFlags ?? new Set();
  return rules.every((rule) => (rule === 'est' ? flags.has('ack') || flags.has('rst') : flags.has(rule)));
}

const within = (range: readonly [number, number] | undefined, port: number): boolean =>
  range === undefined || (range[0] <= port && port <= range[1]);

function portRange(from: string | undefined, to: string | undefined): readonly [number, number] | undefined {
  const low = numberOf('dFromPort', from ?? 'unspecified');
  const high = numberOf('dToPort', to ?? 'unspecified');
  return low === 0 && high === 0 ? undefined : [low, Math.max(low, high)];
}

/** A number, or the number behind one of the names that the APIC stores. */
function numberOf(property: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const named = propertySpec('vzEntry', property)?.named ?? {};
  const found = Object.entries(named).find(([, name]) => name === text);
  return found === undefined ? 0 : Number(found[0]);
}

const isYes = (value: string | undefined): boolean => value === 'yes' || value === 'true';

/**
 * The entry as people read it, e.g. `ip tcp to 80-81`, `ip tcp from 80 est`, `any frame`. Names nothing but what the entry
 * restricts; numbers as they are in the packet.
 */
export function formatEntry(entry: FilterEntry): string {
  if (isUnrestricted(entry)) return 'any frame';
  const parts = [
    entry.etherType,
    ...(entry.protocol === undefined ? [] : [protocolName(entry.protocol)]),
    ...(entry.sourcePorts === undefined ? [] : [`from ${rangeText(entry.sourcePorts)}`]),
    ...(entry.destinationPorts === undefined ? [] : [`to ${rangeText(entry.destinationPorts)}`]),
    ...entry.tcpRules,
    ...(entry.fragmentsOnly ? ['later fragments'] : []),
  ];
  return parts.join(' ');
}

const PROTOCOL_TEXTS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6', 132: 'sctp' };

const protocolName = (protocol: number): string => PROTOCOL_TEXTS[protocol] ?? `protocol ${protocol}`;

const rangeText = ([from, to]: readonly [number, number]): string => (from === to ? `${from}` : `${from}-${to}`);
