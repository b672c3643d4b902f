import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epgDn, nodePolicies, openedByAdmins } from '#mappers';
import { type ConnSet, connOf, EVERYTHING, NOTHING, type Prefix, parsePrefix, portSet, unionConn } from '#model/net';
import type { AdminOpening, Group } from '#model/policy';
import { CRITICAL_PORTS, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { type PlacedCluster, pairsOf, placedCluster } from '#support/placed-cluster';
import { OWN_FABRIC } from '#support/settings';
import { groupInSlice, openingsIn } from '#support/slice-verdict';

const LOWER = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;
const VM = 'uni/tn-k8s/ap-legacy/epg-vm';
const WAN = 'uni/tn-k8s/out-wan/instP-partner';

/** What the fabric knows of groups that the policy does not know. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  [VM]: ['192.0.2.200/32', '8.8.8.8/32'],
  [WAN]: ['192.0.2.0/24', '203.0.113.0/24', '2001:db8:1::/64'],
};
const prefixesOf = (dn: string): readonly Prefix[] => (ADDRESSES[dn] ?? []).map(parsePrefix);

const connections = fc
  .array(
    fc.oneof(
      fc.constant(EVERYTHING),
      fc
        .tuple(fc.constantFrom('tcp' as const, 'udp' as const), fc.constantFrom(53, 80, 8080))
        .map(([protocol, port]) => connOf(protocol, portSet([[port, port]]))),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((sets) => sets.reduce(unionConn, NOTHING));
const side = fc.oneof(
  fc.nat().map((index) => ({ index })),
  fc.constantFrom(VM, WAN, 'any').map((dn) => ({ dn })),
);
const wished = fc.record({
  own: fc.nat(),
  other: side,
  isOut: fc.boolean(),
  ipv4: connections,
  ipv6: fc.oneof(connections, fc.constant(NOTHING)),
});

type Wished = typeof wished extends fc.Arbitrary<infer T> ? T : never;

const dnOf = (group: Group): string =>
  group.kind === 'pods' ? epgDn(OWN_FABRIC, group.name) : `outside ${group.name}`;

function openingsOf({ compiled }: PlacedCluster, wishes: readonly Wished[]): readonly AdminOpening[] {
  const epgs = compiled.groups.filter(({ kind }) => kind === 'pods').map(dnOf);
  const epg = (index: number): string => epgs[index % epgs.length] ?? '';
  return wishes.map(({ own, other, isOut, ipv4, ipv6 }, index) => {
    const there = 'dn' in other ? other.dn : epg(other.index);
    const [source, destination] = isOut ? [epg(own), there] : [there, epg(own)];
    return { contract: `uni/tn-k8s/brc-${index}`, source, destination, connections: { ipv4, ipv6 } };
  });
}

const lengthOf = (prefix: string): number => Number(prefix.split('/')[1]);

/** Dns of the group of the fabric that an address is in: a pod's by its group, else by the longest prefix of all that there are. */
function classOf(placed: PlacedCluster, key: string, ip: string, used: ReadonlySet<string>): string | undefined {
  const group = placed.compiled.membership.get(key);
  if (group !== undefined) return epgDn(OWN_FABRIC, group);
  const host = ip.includes(':') ? `${ip}/128` : `${ip}/32`;
  const fabric = Object.entries(ADDRESSES)
    .filter(([dn]) => used.has(dn))
    .flatMap(([dn, prefixes]) => prefixes.map((prefix) => ({ dn, prefix })))
    .filter(({ prefix }) => holds(prefix, host))
    .sort((a, b) => lengthOf(b.prefix) - lengthOf(a.prefix))[0];
  if (fabric === undefined) return undefined;
  const ofPolicy = placed.compiled.groups
    .flatMap((other) => (other.kind === 'pods' ? [] : other.prefixes))
    .filter((prefix) => prefix.family === (ip.includes(':') ? 6 : 4) && contains(prefix, host));
  const longest = Math.max(-1, ...ofPolicy.map(({ length }) => length));
  return longest > lengthOf(fabric.prefix) || longest === -1 ? undefined : fabric.dn;
}

const holds = (outer: string, host: string): boolean =>
  outer.includes(':') === host.includes(':') && contains(parsePrefix(outer), host);
function contains(outer: Prefix, host: string): boolean {
  const inner = parsePrefix(host);
  const shift = BigInt(inner.length - outer.length);
  return inner.first >> shift === outer.first >> shift;
}

const allows = (set: ConnSet, protocol: 'tcp' | 'udp' | 'sctp', port: number): boolean =>
  set[protocol].some(([from, to]) => from <= port && port <= to);

describe('what admins opened, on the hosts', () => {
  it('property: hosts = exact ∪ admin-opened, in both families, on every node with a side', () => {
    let opened = 0;
    fc.assert(
      fc.property(placedCluster, fc.array(wished, { minLength: 1, maxLength: 4 }), (placed, wishes) => {
        const openings = openingsOf(placed, wishes);
        const used = new Set(openings.flatMap(({ source, destination }) => [source, destination]));
        const wide = openedByAdmins(placed.compiled, openings, { dnOf, prefixesOf });
        const slices = nodePolicies(wide, placed.snapshot, OWN_FABRIC);
        for (const { source, destination, sourceIp, destinationIp, slices: exact } of pairsOf(placed)) {
          const from = classOf(placed, source.key, sourceIp, used);
          const to = classOf(placed, destination.key, destinationIp, used);
          const family = sourceIp.includes(':') ? 'ipv6' : 'ipv4';
          for (const slice of exact) {
            const known =
              groupInSlice(slice, sourceIp) !== undefined && groupInSlice(slice, destinationIp) !== undefined;
            const wider = slices.find(({ node }) => node === slice.node);
            assert.ok(wider !== undefined);
            const [before, after] = [
              openingsIn(slice, sourceIp, destinationIp),
              openingsIn(wider, sourceIp, destinationIp),
            ];
            for (const name of PROTOCOL_NAMES) {
              for (const port of CRITICAL_PORTS) {
                const protocol = LOWER[name];
                const byAdmin = openings.some(
                  (opening) =>
                    (opening.source === from || opening.source === 'any') &&
                    (opening.destination === to || opening.destination === 'any') &&
                    allows(opening.connections[family], protocol, port),
                );
                const isExact = before({ protocol, port });
                if (known && byAdmin && !isExact) opened += 1;
                const expected = isExact || (known && byAdmin);
                const text = `${source.key} ${sourceIp} -> ${destination.key} ${destinationIp} ${name}/${port}`;
                assert.equal(after({ protocol, port }), expected, text);
              }
            }
          }
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(opened > 1000, `only ${opened} connections were opened by an admin alone`);
  }).timeout(60_000);

  it('names the contract as the reason, and leaves the policy that it is given as it is', () => {
    fc.assert(
      fc.property(placedCluster, fc.array(wished, { maxLength: 3 }), (placed, wishes) => {
        const before = JSON.stringify(placed.compiled.pairs, (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        const openings = openingsOf(placed, wishes);
        const { pairs } = openedByAdmins(placed.compiled, openings, { dnOf, prefixesOf });
        const after = JSON.stringify(placed.compiled.pairs, (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        assert.equal(after, before);
        const contracts = new Set(openings.map(({ contract }) => `ACI/${contract}`));
        const known = new Map(placed.compiled.pairs.map((pair) => [`${pair.source} ${pair.destination}`, pair]));
        for (const pair of pairs) {
          const old = known.get(`${pair.source} ${pair.destination}`);
          if (old === undefined || old === pair) continue;
          assert.ok(pair.why.some(({ policy }) => contracts.has(policy)));
        }
      }),
    );
  });
});
