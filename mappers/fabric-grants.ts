import type { FabricGrant, FabricGrants, FabricPeer } from '#model/kubernetes';
import {
  connOf,
  containsPrefix,
  EVERYTHING,
  formatPrefix,
  NOTHING,
  type Prefix,
  type Protocol,
  parsePrefix,
  portSet,
  unionConn,
} from '#model/net';
import type { FabricSettings } from '#model/settings';
import { fabricGroupName } from './fabric-group.js';

/** An entry of the configuration: who may ask for what. */
export interface GrantRule {
  /** Names, `*` for any characters. */
  readonly namespaces: readonly string[];
  /** Names of FabricGroups, `*` for any characters. */
  readonly groups: readonly string[];
  /** `TCP:80` or `TCP:80-90`; everything when undefined. */
  readonly ports: readonly string[] | undefined;
}

/** A group of VMs or bare metal with its addresses. */
export interface KnownEpg {
  readonly dn: string;
  readonly prefixes: readonly Prefix[];
}

/** What FabricPolicies may ask for: the entries, and the groups that policies can reach, by the names of their FabricGroups. */
export function fabricGrants(
  rules: readonly GrantRule[],
  epgs: readonly KnownEpg[],
  { bridgeDomain }: FabricSettings,
): FabricGrants {
  const podSubnets = bridgeDomain.gateways.map(parsePrefix);
  const groups = new Map(epgs.map((epg) => [fabricGroupName(epg.dn), peerOf(epg, epgs, podSubnets)]));
  return { groups, allow: rules.map(grantOf) };
}

function peerOf({ dn, prefixes }: KnownEpg, epgs: readonly KnownEpg[], podSubnets: readonly Prefix[]): FabricPeer {
  const own = new Set(prefixes.map(formatPrefix));
  const others = epgs.filter((epg) => epg.dn !== dn).flatMap((epg) => epg.prefixes);
  // A single address holds no other: groups of thousands of machines are compared with nobody.
  const wide = prefixes.filter(({ family, length }) => length < ADDRESS_BITS[family]);
  const except = others.filter(
    (other) => !own.has(formatPrefix(other)) && wide.some((prefix) => containsPrefix(prefix, other)),
  );
  const overlaps = (prefix: Prefix): boolean =>
    podSubnets.some((subnet) => containsPrefix(prefix, subnet) || containsPrefix(subnet, prefix));
  if (prefixes.length === 0) return { dn, prefixes, except, empty: NO_ADDRESS };
  return { dn, prefixes, except, ...(prefixes.some(overlaps) ? { problem: AMONG_PODS } : {}) };
}

const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

const NO_ADDRESS = 'the fabric knows no address in it, but for such as could be those of pods';
const AMONG_PODS =
  'some of its addresses are among those of the pods, so that nobody can tell the two apart; give it others in fabric.foreignEpgs of the gateway';

const grantOf = ({ namespaces, groups, ports }: GrantRule): FabricGrant => ({
  namespaces: namespaces.map(patternOf),
  groups: groups.map(patternOf),
  ports: ports === undefined ? EVERYTHING : ports.map(portsOf).reduce(unionConn, NOTHING),
});

const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

function portsOf(text: string): ReturnType<typeof connOf> {
  const [protocol = '', range = ''] = text.split(':');
  const [from = '', to = from] = range.split('-');
  return connOf(protocol.toLowerCase() as Protocol, portSet([[Number(from), Number(to)]]));
}
