import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { specificationAllows } from '#policy';
import { type CaseFlow, caseOf, caseText, failingCase, specifiedBy } from '#support/case-text';
import { CRITICAL_PORTS, clusterArbitrary, networkPolicyClusters, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { type SmallCluster, smallClusterInputs } from '#support/small-cluster';
import { tableText, verdictTable } from '#support/verdict-table';

// What a failing random test prints can be stored and played again.

/** The text of the case between the first line and what the levels say. */
const storedPart = (text: string): string => text.slice(text.indexOf('\n'), text.indexOf('\nspecification: '));

describe('random clusters as cases', () => {
  it('mean the same when they are read again', () => {
    fc.assert(
      fc.property(clusterArbitrary, ({ objects }) => {
        const again = smallClusterInputs(parse(caseText(caseOf(objects, 'one'))) as SmallCluster);
        const read = { ...again, pods: [...again.pods], policies: [...again.policies], nodes: [...again.nodes] };
        const whole = { ...read, namespaces: [...again.namespaces], tieredPolicies: [...(again.tieredPolicies ?? [])] };
        assert.deepEqual(tableText(verdictTable(whole)), tableText(verdictTable(objects)));
      }),
      { numRuns: 100 },
    );
  });

  it('are printed as such by a failing property, with the flow to be checked and what admits it', () => {
    let printed = 0;
    fc.assert(
      fc.property(
        networkPolicyClusters,
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...PROTOCOL_NAMES),
        (cluster, first, second, protocol) => {
          assert.match(fc.stringify(cluster), /^\n?title: a random cluster\n/);
          const ends = [first, second].map((index) => cluster.endpoints[index % cluster.endpoints.length]);
          const [a, b] = ends;
          const [sourceIp, destinationIp] = [a?.ips[0], b?.ips[0]];
          if (a === undefined || b === undefined || a === b || sourceIp === undefined || destinationIp === undefined)
            return;
          if (sourceIp.includes(':') !== destinationIp.includes(':') || !(a.endpoint.namespace ?? b.endpoint.namespace))
            return;
          const port = CRITICAL_PORTS[first % CRITICAL_PORTS.length] ?? 80;
          const flow: CaseFlow = {
            source: { ...a, ip: sourceIp },
            destination: { ...b, ip: destinationIp },
            protocol,
            port,
          };
          const text = failingCase(cluster, flow, true);
          const stored = parse(storedPart(text)) as SmallCluster;
          assert.deepEqual(stored.open, [`${a.key} > ${b.key} ${protocol} ${port} v${sourceIp.includes(':') ? 6 : 4}`]);
          assert.ok(text.includes('\nspecification: egress ') && text.includes('\ncompiler: {'), text);
          const question = { source: a.endpoint, sourceIp, destination: b.endpoint, destinationIp, protocol, port };
          const open = specificationAllows(cluster.state, question);
          assert.equal(!specifiedBy(cluster.state, flow).includes('admitted by no rule'), open);
          printed += 1;
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(printed > 15, `only ${printed} cases`);
  });
});
