import assert from 'node:assert/strict';
import fc from 'fast-check';
import { snapshotOf } from '#model/kubernetes';
import { type Protocol, parseAddress } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compileOpen, explainFlow, type FlowEnd, specificationAllows } from '#policy';
import { CRITICAL_PORTS, networkPolicyClusters, PROTOCOL_NAMES } from '#support/cluster-arbitrary';

const OPTIONS = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [] };

describe('explaining what policies say', () => {
  it('gives the verdict of the specification for every flow, and rules exactly where rules decide', () => {
    let flows = 0;
    fc.assert(
      fc.property(networkPolicyClusters, fc.boolean(), (cluster, preSplit) => {
        const options = { ...OPTIONS, preSplit };
        const { compiler, compiled } = compileOpen(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, options);
        const end = (key: string, ip: string): FlowEnd =>
          compiled.membership.has(key) ? { kind: 'pod', key } : { kind: 'address', address: parseAddress(ip) };
        for (const a of cluster.endpoints) {
          for (const b of cluster.endpoints) {
            for (const [sourceIp, destinationIp] of inCommon(a.ips, b.ips)) {
              for (const protocol of PROTOCOL_NAMES) {
                for (const port of CRITICAL_PORTS) {
                  flows += 1;
                  const ends = { source: a.endpoint, sourceIp, destination: b.endpoint, destinationIp };
                  const expected = specificationAllows(cluster.state, { ...ends, protocol, port });
                  const told = explainFlow(compiler, {
                    source: end(a.key, sourceIp),
                    destination: end(b.key, destinationIp),
                    family: sourceIp.includes(':') ? 6 : 4,
                    protocol: protocol.toLowerCase() as Protocol,
                    port,
                  });
                  assert.equal(told?.allowed, expected, `${a.key} -> ${b.key} ${protocol}/${port}`);
                  for (const side of [told.egress, told.ingress]) {
                    assert.equal(side.rules.length > 0, side.decision === 'rule-allows');
                    assert.equal(side.isolated, side.selectedBy.length > 0);
                  }
                }
              }
            }
          }
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(flows > 20_000, `only ${flows} flows`);
  }).timeout(60_000);
});

/** Pairs of addresses of one family. */
const inCommon = (sources: readonly string[], destinations: readonly string[]): readonly [string, string][] =>
  sources.flatMap((source) =>
    destinations
      .filter((destination) => destination.includes(':') === source.includes(':'))
      .map((destination): [string, string] => [source, destination]),
  );
