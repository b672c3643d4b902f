import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricEvaluator } from '#fabric';
import { epgDn, mapFabric } from '#mappers';
import { type FlatObject, flatten } from '#model/aci';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import { compile, type FlowQuestion, type SpecificationState, specificationAllows } from '#policy';
import { CRITICAL_PORTS, clusterArbitrary, type GeneratedCluster, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { FlowQuestions } from '#support/fabric-flows';
import { nodesArbitrary } from '#support/nodes-arbitrary';
import { OWN_FABRIC } from '#support/settings';

const EPG = 'uni/tn-k8s/ap-infra/epg-nodes';

/** The admin's EPG of the nodes, in the VRF of the pods. */
const ADMINS: readonly FlatObject[] = [
  { className: 'fvAEPg', dn: EPG, attributes: { name: 'nodes' } },
  { className: 'fvRsBd', dn: `${EPG}/rsbd`, attributes: { tnFvBDName: OWN_FABRIC.bridgeDomain.name } },
];

interface Address {
  readonly type: string;
  readonly address: string;
}

const addressesOf = (node: KubernetesObject): readonly Address[] =>
  (node['status'] as { readonly addresses: readonly Address[] }).addresses;

function rendered(
  objects: GeneratedCluster['objects'],
  vzAnyContracts: 'always' | 'never',
): { readonly compiled: CompiledPolicy; readonly flows: FlowQuestions } {
  const compiled = compile(snapshotOf(objects, 1), EMPTY_ALLOCATION, {
    vlanPool: { from: 100, to: 999 },
    foreignEpgs: [],
    nodeEpg: { dn: EPG },
  });
  const tree = flatten(mapFabric(compiled, { ...OWN_FABRIC, vzAnyContracts }).tree, '');
  return { compiled, flows: new FlowQuestions(new FabricEvaluator([...ADMINS, ...tree]), 'uni/tn-k8s/ctx-k8s') };
}

/** Every question between a pod of the cluster and one of the addresses, both ways, at the ports that matter. */
function* questions(
  { endpoints }: GeneratedCluster,
  ip: string,
): Generator<{ readonly pod: string; readonly podIp: string; readonly toNode: boolean; readonly flow: FlowQuestion }> {
  for (const { key, ips, endpoint } of endpoints) {
    const podIp = ips.find((one) => one.includes(':') === ip.includes(':'));
    if (endpoint.namespace === undefined || podIp === undefined) continue;
    const [pod, node] = [
      { endpoint, ip: podIp },
      { endpoint: {}, ip },
    ];
    for (const toNode of [true, false]) {
      const [source, destination] = toNode ? [pod, node] : [node, pod];
      const ends = { source: source.endpoint, sourceIp: source.ip };
      const others = { destination: destination.endpoint, destinationIp: destination.ip };
      for (const protocol of PROTOCOL_NAMES) {
        for (const port of CRITICAL_PORTS) {
          yield { pod: key, podIp, toNode, flow: { ...ends, ...others, protocol, port } };
        }
      }
    }
  }
}

describe('managed objects: the EPG of the nodes against the specification', () => {
  it('opens to it the union of what policies allow its addresses; TCP exactly that; and every answer passes', () => {
    let probes = 0;
    fc.assert(
      fc.property(
        clusterArbitrary,
        nodesArbitrary,
        fc.constantFrom('always', 'never'),
        (cluster, nodes, vzAnyContracts) => {
          const { compiled, flows } = rendered({ ...cluster.objects, nodes }, vzAnyContracts);
          const state: SpecificationState = {
            ...cluster.state,
            nodes: nodes.map((node) => ({
              labels: node.metadata.labels ?? {},
              ips: addressesOf(node).map(({ address }) => address),
            })),
          };
          const internal = nodes.flatMap(addressesOf).filter(({ type }) => type === 'InternalIP');
          const ips = [...new Set(internal.map(({ address }) => address))];
          for (const ip of ips) {
            const family = ips.filter((other) => other.includes(':') === ip.includes(':'));
            for (const { pod, podIp, toNode, flow } of questions(cluster, ip)) {
              probes += 1;
              const place = { ip: podIp, epg: epgDn(OWN_FABRIC, compiled.membership.get(pod) ?? '') };
              const nodePlace = { ip, epg: EPG };
              const [from, to] = toNode ? [place, nodePlace] : [nodePlace, place];
              const allowed = (other: string): boolean =>
                specificationAllows(state, { ...flow, ...(toNode ? { destinationIp: other } : { sourceIp: other }) });
              const opens = flows.opens(from, to, flow.protocol, flow.port);
              const text = `${from.ip} -> ${to.ip} ${flow.protocol}/${flow.port}`;
              if (allowed(ip)) {
                assert.ok(opens, `policies allow it, the fabric does not: ${text}`);
                assert.ok(flows.answers(from, to, flow.protocol, flow.port), `no way back: ${text}`);
              }
              if (opens && flow.protocol === 'TCP') assert.ok(family.some(allowed), `opened for nobody: ${text}`);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(probes > 8000, `only ${probes} probes`);
  }).timeout(120_000);
});
