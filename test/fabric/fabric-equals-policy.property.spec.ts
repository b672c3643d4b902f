import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricEvaluator } from '#fabric';
import { epgDn, mapFabric } from '#mappers';
import { flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { vrfDn } from '#model/settings';
import { compile, specificationAllows } from '#policy';
import { failingCase } from '#support/case-text';
import { CRITICAL_PORTS, clusterArbitrary, type GeneratedCluster, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { FlowQuestions } from '#support/fabric-flows';
import { OWN_FABRIC, SHARED_VRF } from '#support/settings';
import { adminObjects } from '../../src/cli/picture/admin-objects.js';

/** Every way in which a policy can be cut into groups and said by contracts: all mean the same. */
const ways = fc.record({
  groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
  preSplit: fc.boolean(),
  vzAnyContracts: fc.constantFrom('always' as const, 'never' as const),
  established: fc.constantFrom('pairs' as const, 'vrf' as const),
  place: fc.constantFrom(OWN_FABRIC, SHARED_VRF),
});
type Ways = typeof ways extends fc.Arbitrary<infer T> ? T : never;

/** The managed objects for a cluster, and where its endpoints are in them. */
function rendered(
  cluster: GeneratedCluster,
  how: Ways,
): { flows: FlowQuestions; epgOf: (key: string) => string | undefined } {
  const compiled = compile(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, {
    vlanPool: { from: 100, to: 999 },
    foreignEpgs: [],
    groupBoundary: how.groupBoundary,
    preSplit: how.preSplit,
  });
  const settings = { ...how.place, vzAnyContracts: how.vzAnyContracts };
  const written = flatten(mapFabric(compiled, settings, how).tree, '');
  const evaluator = new FabricEvaluator([...adminObjects(settings, []), ...written]);
  const epgOf = (key: string): string | undefined => {
    const group = compiled.membership.get(key);
    return group === undefined ? undefined : epgDn(OWN_FABRIC, group);
  };
  return { flows: new FlowQuestions(evaluator, vrfDn(settings)), epgOf };
}

describe('managed objects against the specification', () => {
  it('TCP: the fabric opens exactly what the policies allow, and every answer passes; UDP and SCTP: never less', () => {
    let probes = 0;
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const { flows, epgOf } = rendered(cluster, how);
        const place = (key: string, ip: string): { ip: string; epg?: string } => {
          const epg = epgOf(key);
          return epg === undefined ? { ip } : { ip, epg };
        };
        for (const a of cluster.endpoints) {
          for (const b of cluster.endpoints) {
            if (a === b || (a.endpoint.namespace ?? b.endpoint.namespace) === undefined) continue;
            for (const sourceIp of a.ips) {
              const destinationIp = b.ips.find((ip) => ip.includes(':') === sourceIp.includes(':'));
              if (destinationIp === undefined) continue;
              const [from, to] = [place(a.key, sourceIp), place(b.key, destinationIp)];
              for (const protocol of PROTOCOL_NAMES) {
                for (const port of CRITICAL_PORTS) {
                  probes += 1;
                  const question = {
                    source: a.endpoint,
                    sourceIp,
                    destination: b.endpoint,
                    destinationIp,
                    protocol,
                    port,
                  };
                  const expected = specificationAllows(cluster.state, question);
                  const opens = flows.opens(from, to, protocol, port);
                  const answered = !expected || flows.answers(from, to, protocol, port);
                  if (answered && (protocol === 'TCP' ? opens === expected : opens || !expected)) continue;
                  const ends = { source: { ...a, ip: sourceIp }, destination: { ...b, ip: destinationIp } };
                  const text = failingCase(cluster, { ...ends, protocol, port }, expected);
                  assert.fail(`fabric, ${JSON.stringify(how)}: opens ${opens}, answers ${answered}. ${text}`);
                }
              }
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(probes > 50_000, `only ${probes} probes`);
  }).timeout(120_000);
});
