import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricEvaluator } from '#fabric';
import { epgDn, mapFabric, nodePolicies } from '#mappers';
import { flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { type CompiledPolicy, EMPTY_ALLOCATION, everyPermit } from '#model/policy';
import { compile, type JoinedGroups, joinedPolicy, joinGroups, specificationAllows, withFabricVlans } from '#policy';
import { CRITICAL_PORTS, clusterArbitrary, type GeneratedCluster, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { FlowQuestions } from '#support/fabric-flows';
import { OWN_FABRIC } from '#support/settings';

// Law 21 of policy.md §4.6: at every budget the fabric permits at least what the policies allow, and the hosts the same.

/** How groups are cut, how few there may be in the fabric, and how they are said. */
const ways = fc.record({
  groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
  preSplit: fc.boolean(),
  podGroups: fc.integer({ min: 1, max: 6 }),
  externalGroups: fc.integer({ min: 1, max: 4 }),
  /** With few VLANs some groups have none of their own. */
  vlans: fc.constantFrom(1, 2, 3, 900),
  vzAnyContracts: fc.constantFrom('always' as const, 'never' as const),
  established: fc.constantFrom('pairs' as const, 'vrf' as const),
});
type Ways = typeof ways extends fc.Arbitrary<infer T> ? T : never;

function compiledBy({ objects }: GeneratedCluster, { groupBoundary, preSplit, vlans }: Ways): CompiledPolicy {
  const vlanPool = { from: 100, to: 99 + vlans };
  return compile(snapshotOf(objects, 1), EMPTY_ALLOCATION, { vlanPool, foreignEpgs: [], groupBoundary, preSplit });
}

const countOf = ({ groups }: CompiledPolicy, kind: string): number =>
  groups.filter((group) => group.kind === kind).length;

/** Every question of which the cluster's policies can be asked. */
function* questionsOf({ endpoints }: GeneratedCluster) {
  for (const source of endpoints) {
    for (const destination of endpoints) {
      if (source === destination || (source.endpoint.namespace ?? destination.endpoint.namespace) === undefined)
        continue;
      for (const sourceIp of source.ips) {
        const destinationIp = destination.ips.find((ip) => ip.includes(':') === sourceIp.includes(':'));
        if (destinationIp === undefined) continue;
        for (const protocol of PROTOCOL_NAMES) {
          for (const port of CRITICAL_PORTS) yield { source, sourceIp, destination, destinationIp, protocol, port };
        }
      }
    }
  }
}

describe('groups joined for the fabric', () => {
  it('the fabric permits at least what the policies allow, and every answer', function () {
    this.timeout(240_000);
    let allowed = 0;
    let joinedGroups = 0;
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = compiledBy(cluster, how);
        const joined = joinGroups(compiled, how);
        joinedGroups += joined.of.size;
        const settings = { ...OWN_FABRIC, vzAnyContracts: how.vzAnyContracts };
        const { tree } = mapFabric(joinedPolicy(compiled, joined), settings, { established: how.established });
        const flows = new FlowQuestions(new FabricEvaluator(flatten(tree, '')), 'uni/tn-k8s/ctx-k8s');
        const place = (key: string, ip: string): { ip: string; epg?: string } => {
          const group = compiled.membership.get(key);
          return group === undefined ? { ip } : { ip, epg: epgDn(OWN_FABRIC, joined.of.get(group) ?? group) };
        };
        for (const { source, destination, ...asked } of questionsOf(cluster)) {
          const question = { ...asked, source: source.endpoint, destination: destination.endpoint };
          if (!specificationAllows(cluster.state, question)) continue;
          allowed += 1;
          const [from, to] = [place(source.key, asked.sourceIp), place(destination.key, asked.destinationIp)];
          const text = `${source.key} -> ${destination.key} ${asked.protocol}/${asked.port}`;
          assert.ok(flows.opens(from, to, asked.protocol, asked.port), text);
          assert.ok(flows.answers(from, to, asked.protocol, asked.port), `no way back: ${text}`);
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(allowed > 50_000 && joinedGroups > 100, `only ${allowed} flows, ${joinedGroups} groups`);
  });

  it('there are as few groups as wanted, every pod has a VLAN, and frames of one group have one', () => {
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = compiledBy(cluster, how);
        const joined = joinGroups(compiled, how);
        const fabric = joinedPolicy(compiled, joined);
        assert.ok(countOf(fabric, 'pods') <= Math.max(how.podGroups, 1));
        // Two families cannot be one external group.
        assert.ok(countOf(fabric, 'external') <= Math.max(how.externalGroups, 2));
        const vlans = new Map(
          fabric.groups.flatMap((group) => (group.kind === 'pods' ? [[group.name, group.vlan]] : [])),
        );
        assert.equal(new Set(vlans.values()).size, vlans.size, 'two groups of the fabric have one VLAN');
        for (const group of withFabricVlans(compiled, joined).groups) {
          if (group.kind !== 'pods') continue;
          assert.ok(group.vlan !== undefined, `${group.name} has no VLAN`);
          assert.equal(group.vlan, vlans.get(joined.of.get(group.name) ?? group.name));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the hosts enforce the same as without it', () => {
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = compiledBy(cluster, { ...how, vlans: 900 });
        const snapshot = snapshotOf(cluster.objects, 1);
        const withoutVlans = (policy: CompiledPolicy): unknown =>
          nodePolicies(policy, snapshot, OWN_FABRIC).map((slice) => ({
            ...slice,
            revision: '',
            groups: slice.groups.map((group) => ({ ...group, vlan: 0 })),
          }));
        const joined = joinGroups(compiled, how);
        assert.deepEqual(withoutVlans(withFabricVlans(compiled, joined)), withoutVlans(compiled));
      }),
      { numRuns: 100 },
    );
  });

  it('groups that are joined and not said to be approximated permit nothing more', () => {
    let exact = 0;
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = compiledBy(cluster, { ...how, vlans: 900 });
        const joined = joinGroups(compiled, how);
        if (joined.approximate.size > 0) return;
        exact += joined.of.size;
        // Not the other way round: of a group without IPv6 both families are said at once, and of what it is joined with one.
        const permitted = new Set(permitTexts(compiled, joined));
        for (const text of permitTexts(joinedPolicy(compiled, joined))) assert.ok(permitted.has(text), text);
      }),
      { numRuns: 500 },
    );
    assert.ok(exact > 20, `only ${exact} groups`);
  });

  it('what was joined stays joined, whatever is added elsewhere', () => {
    let kept = 0;
    fc.assert(
      fc.property(clusterArbitrary, clusterArbitrary, ways, (cluster, other, how) => {
        const options = {
          vlanPool: { from: 100, to: 999 },
          foreignEpgs: [],
          groupBoundary: 'namespace' as const,
          preSplit: true,
        };
        const first = compile(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, options);
        const before = joinGroups(first, how);
        const objects = { ...cluster.objects, pods: [...cluster.objects.pods, ...other.objects.pods.map(elsewhere)] };
        const second = compile(snapshotOf(objects, 1), first.allocation, options);
        const after = joinGroups(second, how, before);
        for (const [group, name] of before.of) {
          if (!second.groups.some((one) => one.name === group)) continue;
          kept += 1;
          assert.equal(after.of.get(group), after.of.get(name) ?? name, `${group} left ${name}`);
        }
        assert.deepEqual(joinGroups(second, how, after), after);
      }),
      { numRuns: 200 },
    );
    assert.ok(kept > 60, `only ${kept}`);
  });
});

const elsewhere = (pod: GeneratedCluster['objects']['pods'][number], index: number) => ({
  ...pod,
  metadata: { ...pod.metadata, namespace: 'z', name: `other-${index}` },
  status: { phase: 'Running', podIPs: [{ ip: `10.9.0.${index + 1}` }] },
});

/** Every permit between two groups, as the groups are called in the fabric. */
function permitTexts(
  compiled: CompiledPolicy,
  { of }: Pick<JoinedGroups, 'of'> = { of: new Map() },
): readonly string[] {
  const nameOf = (group: string): string => of.get(group) ?? group;
  return [
    ...new Set(
      everyPermit(compiled).map(({ source, destination, family, connections }) =>
        JSON.stringify([nameOf(source), nameOf(destination), family, connections]),
      ),
    ),
  ].sort();
}
