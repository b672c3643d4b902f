import { ACI_NAME_LIMIT, shortHash } from '#model/naming';
import { type ConnSet, EVERYTHING, formatConn, isAllPorts, isEverything, PROTOCOLS } from '#model/net';
import type { GroupName } from '#model/policy';
import { type EtherFamily, everythingFilter, type FilterPlan, forwardFilters, reverseFilters } from './filters.js';

/** A contract as a star: one anchor on one side, any number of groups on the other, one set of connections (policy.md §3.7). */
export interface ContractPlan {
  readonly name: string;
  readonly providers: ReadonlySet<GroupName>;
  readonly consumers: ReadonlySet<GroupName>;
  /** Group whose members use it among themselves (fvRsIntraEpg). */
  readonly inside: GroupName | undefined;
  /** The side on which the whole VRF stands (vzAny), if any. */
  readonly wholeVrf: 'consumes' | 'provides' | 'both' | undefined;
  /** What the contract opens, as text for people. */
  readonly connections: string;
  readonly terms: ContractTerms;
  readonly sources: readonly string[];
}

/** How a group takes part in a contract: on one of its sides, or among its own members. */
export type ContractRole = 'provides' | 'consumes' | 'inside';

/** Filters of a contract's subject: one list for both directions, or one for each. */
export type ContractTerms =
  | { readonly kind: 'both'; readonly filters: readonly FilterPlan[] }
  | {
      readonly kind: 'terms';
      readonly forward: readonly FilterPlan[];
      /** Filters from consumer to provider that deny. */
      readonly denied: readonly FilterPlan[];
      readonly reverse: readonly FilterPlan[];
    };

/** What the pairs of one graph may open: pairs with equal flows can share contracts. */
export interface Flows {
  readonly connections: ConnSet;
  readonly family: EtherFamily;
  /** Everything in both directions, in one contract. */
  readonly mutual: boolean;
}

/** Text that is equal for equal flows: `tcp-80.udp-53` while it is short enough to read, else a hash of the set. */
export function flowsName({ connections, family, mutual }: Flows): string {
  if (mutual) return 'both';
  const suffix = family === 'ip' ? '' : `.${family}`;
  if (isEverything(connections)) return `all${suffix}`;
  const parts = PROTOCOLS.filter((protocol) => connections[protocol].length > 0).map((protocol) => {
    if (isAllPorts(connections[protocol])) return protocol;
    return `${protocol}-${connections[protocol].map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join('-and-')}`;
  });
  if (connections.other) parts.push('other');
  const name = `${parts.join('.')}${suffix}`;
  return name.length <= 24 ? name : `ports-${shortHash(`${formatConn(connections)}${suffix}`, 10)}`;
}

/** The flows as people read them. */
export function flowsText({ connections, family, mutual }: Flows): string {
  if (mutual) return 'ALL both ways';
  return family === 'ip' ? formatConn(connections) : `${formatConn(connections)} (${family})`;
}

/** How contracts are written. */
export interface ContractStyle {
  /** Stands before the names of contracts and filters. */
  readonly prefix: string;
  /**
   * Where established TCP is permitted: pair by pair, or once for the whole VRF, which takes up to half fewer rules and
   * lets any host send packets of connections that it never opened (policy.md §3.6, S mode and E mode).
   */
  readonly established: 'pairs' | 'vrf';
}

/** Filters that say the flows. */
export function flowsTerms(
  { connections, family, mutual }: Flows,
  { prefix, established }: ContractStyle,
): ContractTerms {
  if (mutual) return { kind: 'both', filters: prefixed([everythingFilter('ip')], prefix) };
  const replies = established === 'vrf' ? { ...connections, tcp: [] } : connections;
  return {
    kind: 'terms',
    forward: prefixed(forwardFilters(connections, family), prefix),
    denied: [],
    reverse: prefixed(reverseFilters(replies, family), prefix),
  };
}

/** The contract by which established TCP passes between everyone in the VRF. */
export const establishedContract = (prefix: string): ContractPlan => ({
  name: `${prefix}vrf-established`,
  providers: new Set(),
  consumers: new Set(),
  inside: undefined,
  wholeVrf: 'both',
  connections: 'established TCP among everyone',
  terms: { kind: 'both', filters: prefixed([ESTABLISHED], prefix) },
  sources: [],
});

/** Name, without the prefix, of {@link openContract}. */
export const OPEN_CONTRACT = 'vrf-open';

/** Name, without the prefix, of {@link closedContract}. */
export const CLOSED_CONTRACT = 'vrf-closed';

/** The contract by which groups are open to the whole VRF (policy.md §3.6, vzAny). */
export const openContract = (open: ReadonlySet<GroupName>, style: ContractStyle): ContractPlan => ({
  name: `${style.prefix}${OPEN_CONTRACT}`,
  providers: open,
  consumers: new Set(),
  inside: undefined,
  wholeVrf: 'consumes',
  connections: 'ALL from everyone',
  terms: flowsTerms({ connections: EVERYTHING, family: 'ip', mutual: false }, style),
  sources: [],
});

/**
 * The contract by which groups that may not open everything are closed toward the whole VRF. Its denial stands above what
 * others grant the VRF (zoning priority 15 before 16) and below every contract of a pair (7, 9). `spared` are filters that
 * hold VRF-wide all the same: at 17 they would lose against the denial, so they are permitted here too, at 13.
 */
export const closedContract = (
  closed: ReadonlySet<GroupName>,
  spared: readonly FilterPlan[],
  { prefix, established }: ContractStyle,
): ContractPlan => ({
  name: `${prefix}${CLOSED_CONTRACT}`,
  providers: new Set(),
  consumers: closed,
  inside: undefined,
  wholeVrf: 'provides',
  connections: 'NONE toward everyone',
  terms: {
    kind: 'terms',
    forward: [...spared, ...prefixed(established === 'vrf' ? [ARP, ESTABLISHED] : [ARP], prefix)],
    denied: prefixed([everythingFilter('ip')], prefix),
    reverse: [],
  },
  sources: [],
});

/** Packets of TCP connections that somebody opened: ACK or RST (policy.md A12). */
const ESTABLISHED: FilterPlan = { name: 'any-established', entry: { etherT: 'ip', prot: 'tcp', tcpRules: 'est' } };

const ARP: FilterPlan = { name: 'any-arp', entry: { etherT: 'arp' } };

const prefixed = (filters: readonly FilterPlan[], prefix: string): readonly FilterPlan[] =>
  filters.map((filter) => ({ ...filter, name: `${prefix}${filter.name}` }));

/** `<provider>_<flows>`, or `<consumer>_to_<flows>`: an underscore cannot occur in either half. */
export function contractName(anchor: GroupName, side: 'provider' | 'consumer', flows: string, prefix: string): string {
  const whole = `${prefix}${anchor}_${side === 'provider' ? '' : 'to_'}${flows}`;
  if (whole.length <= ACI_NAME_LIMIT) return whole;
  const hash = shortHash(whole, 10);
  return `${prefix}${anchor}`.slice(0, ACI_NAME_LIMIT - hash.length - 1).concat(`_${hash}`);
}

/** Filters that a contract refers to. */
export const filtersOf = (terms: ContractTerms): readonly FilterPlan[] =>
  terms.kind === 'both' ? terms.filters : [...terms.forward, ...terms.denied, ...terms.reverse];
