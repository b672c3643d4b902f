import { type ManagedObject, managedObject } from '#model/aci';
import { type ConnSet, isAllPorts, isEverything, type PortRange, PROTOCOLS, type Protocol } from '#model/net';

/** Families of a permit; becomes the ethertype of its entries. */
export type EtherFamily = 'ip' | 'ipv4' | 'ipv6';

/** A filter that is named after its content: equal content, equal name, so that all contracts share it (policy.md §3.7). */
export interface FilterPlan {
  readonly name: string;
  readonly entry: Readonly<Record<string, string>>;
}

/** IP protocol on the wire. SCTP has no name in the model, and no ports in a filter (policy.md A12). */
const PROTOCOL_NUMBERS: Readonly<Record<Protocol, string>> = { tcp: 'tcp', udp: 'udp', sctp: '132' };

/** Filters from consumer to provider: exactly the ports of the set; everything is one entry for any frame. */
export function forwardFilters(set: ConnSet, family: EtherFamily): readonly FilterPlan[] {
  if (isEverything(set)) return [everythingFilter(family)];
  return PROTOCOLS.flatMap((protocol) => {
    if (set[protocol].length === 0) return [];
    if (protocol === 'sctp' || isAllPorts(set[protocol])) return [wholeProtocol('f', protocol, family)];
    return set[protocol].map((range) => portFilter(protocol, range, family));
  });
}

/**
 * Filters from provider to consumer: what the replies look like (policy.md §3.6, S mode). TCP replies have ACK or RST
 * set (`est`); UDP replies come from the port; a fabric without state can say no more.
 */
export function reverseFilters(set: ConnSet, family: EtherFamily): readonly FilterPlan[] {
  return PROTOCOLS.flatMap((protocol) => {
    if (set[protocol].length === 0) return [];
    if (protocol === 'sctp' || isAllPorts(set[protocol])) return [wholeProtocol('r', protocol, family)];
    return set[protocol].map((range) => replyFilter(protocol, range, family));
  });
}

/** The filter for any frame (of one family): the own twin of the fabric's `default`, which an admin might edit. */
export const everythingFilter = (family: EtherFamily): FilterPlan => ({
  name: `${prefix('f', family)}-all`,
  entry: { etherT: family === 'ip' ? 'unspecified' : family },
});

/** The managed object of a filter: one entry of the same name. */
export const filterObject = ({ name, entry }: FilterPlan): ManagedObject =>
  managedObject('vzFilter', { name }, [managedObject('vzEntry', { name, ...entry })]);

/** Name of a filter family: `f` and `r` for any IP, `f4`, `r6` for one. */
const prefix = (direction: 'f' | 'r', family: EtherFamily): string =>
  family === 'ip' ? direction : `${direction}${family.slice(-1)}`;

function wholeProtocol(direction: 'f' | 'r', protocol: Protocol, family: EtherFamily): FilterPlan {
  const established = direction === 'r' && protocol === 'tcp' ? { tcpRules: 'est' } : {};
  return {
    name: `${prefix(direction, family)}-${protocol}`,
    entry: { etherT: family, prot: PROTOCOL_NUMBERS[protocol], ...established },
  };
}

function portFilter(protocol: Protocol, range: PortRange, family: EtherFamily): FilterPlan {
  const [from, to] = range;
  return {
    name: `${prefix('f', family)}-${protocol}-${rangeName(range)}`,
    entry: { etherT: family, prot: PROTOCOL_NUMBERS[protocol], dFromPort: String(from), dToPort: String(to) },
  };
}

function replyFilter(protocol: Protocol, range: PortRange, family: EtherFamily): FilterPlan {
  const [from, to] = range;
  const established = protocol === 'tcp' ? { tcpRules: 'est' } : {};
  return {
    name: `${prefix('r', family)}-${protocol}-${rangeName(range)}`,
    entry: {
      etherT: family,
      prot: PROTOCOL_NUMBERS[protocol],
      sFromPort: String(from),
      sToPort: String(to),
      ...established,
    },
  };
}

const rangeName = ([from, to]: PortRange): string => (from === to ? `${from}` : `${from}-${to}`);
