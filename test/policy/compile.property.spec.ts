import assert from 'node:assert/strict';
import fc from 'fast-check';
import { snapshotOf } from '#model/kubernetes';
import { allowsConn, containsAddress, type Protocol, parseAddress } from '#model/net';
import { type CompiledPolicy, EMPTY_ALLOCATION, everyPermit } from '#model/policy';
import { compile, specificationAllows } from '#policy';
import { type CaseFlow, failingCase } from '#support/case-text';
import { CRITICAL_PORTS, clusterArbitrary, type GeneratedCluster, PROTOCOL_NAMES } from '#support/cluster-arbitrary';

const OPTIONS = { vlanPool: { from: 100, to: 199 }, foreignEpgs: [] };

const compiled = (cluster: GeneratedCluster): CompiledPolicy =>
  compile(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, OPTIONS);

/** Group of a pod by membership, of an outside address by the longest prefix. */
function groupOf(policy: CompiledPolicy, key: string, ip: string): string | undefined {
  const address = parseAddress(ip);
  const member = policy.membership.get(key);
  if (member !== undefined) return member;
  const holding = policy.groups.flatMap((group) =>
    group.kind === 'pods'
      ? []
      : group.prefixes.filter((prefix) => containsAddress(prefix, address)).map((prefix) => ({ group, prefix })),
  );
  return holding.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.group.name;
}

function compiledAllows(
  policy: CompiledPolicy,
  pair: { from: string; to: string; family: 4 | 6 },
  protocol: Protocol,
  port: number,
): boolean {
  return everyPermit(policy).some(
    (permit) =>
      permit.source === pair.from &&
      permit.destination === pair.to &&
      (permit.family === 'ip' || permit.family === `ipv${pair.family}`) &&
      allowsConn(permit.connections, protocol, port),
  );
}

describe('policy compiler against the specification', () => {
  it('gives the specification’s verdict for every pair, protocol and critical port of random clusters', () => {
    let probes = 0;
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const policy = compiled(cluster);
        for (const a of cluster.endpoints) {
          for (const b of cluster.endpoints) {
            if (a === b || (a.endpoint.namespace ?? b.endpoint.namespace) === undefined) continue;
            for (const sourceIp of a.ips) {
              const destinationIp = b.ips.find((ip) => ip.includes(':') === sourceIp.includes(':'));
              if (destinationIp === undefined) continue;
              const family = sourceIp.includes(':') ? 6 : 4;
              const from = groupOf(policy, a.key, sourceIp);
              const to = groupOf(policy, b.key, destinationIp);
              for (const protocol of PROTOCOL_NAMES) {
                for (const port of CRITICAL_PORTS) {
                  probes += 1;
                  const expected = specificationAllows(cluster.state, {
                    source: a.endpoint,
                    sourceIp,
                    destination: b.endpoint,
                    destinationIp,
                    protocol,
                    port,
                  });
                  const got =
                    from !== undefined &&
                    to !== undefined &&
                    compiledAllows(policy, { from, to, family }, protocol.toLowerCase() as Protocol, port);
                  if (got === expected) continue;
                  const ends: Pick<CaseFlow, 'source' | 'destination'> = {
                    source: { ...a, ip: sourceIp },
                    destination: { ...b, ip: destinationIp },
                  };
                  assert.fail(failingCase(cluster, { ...ends, protocol, port }, expected));
                }
              }
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(probes > 100_000, `only ${probes} probes`);
  }).timeout(120_000);

  it('is a pure function: the same input gives the same bytes, and compiling again with its own allocation changes nothing', () => {
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const text = (policy: CompiledPolicy): string =>
          JSON.stringify(policy, (_, value: unknown) =>
            value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value,
          );
        const first = compiled(cluster);
        assert.equal(text(compiled(cluster)), text(first));
        const again = compile(snapshotOf(cluster.objects, 1), first.allocation, OPTIONS);
        assert.equal(text(again), text(first));
      }),
      { numRuns: 100 },
    );
  }).timeout(60_000);
});
