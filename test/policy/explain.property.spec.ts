import assert from 'node:assert/strict';
import fc from 'fast-check';
import { snapshotOf } from '#model/kubernetes';
import { type Protocol, parseAddress } from '#model/net';
import { EMPTY_ALLOCATION, type RuleReference } from '#model/policy';
import {
  compileOpen,
  explainFlow,
  type FlowEnd,
  type FlowQuestion,
  type PolicyExplanation,
  type SpecificationState,
  specificationAllows,
} from '#policy';
import { CRITICAL_PORTS, clusterArbitrary, PROTOCOL_NAMES } from '#support/cluster-arbitrary';

const OPTIONS = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [] };

describe('explaining what policies say', () => {
  it('gives the verdict of the specification for every flow, and rules exactly where rules decide', () => {
    let flows = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.boolean(), (cluster, preSplit) => {
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
                  assertSides(told);
                  assertDecided(cluster.state, { ...ends, protocol, port }, told);
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

/** Rules are named exactly where rules decide, and an isolated end names a NetworkPolicy. */
function assertSides({ egress, ingress }: PolicyExplanation): void {
  for (const side of [egress, ingress]) {
    assert.equal(side.rules.length > 0, ['rule-allows', 'rule-denies'].includes(side.decision));
    assert.equal(side.allowed, !['rule-denies', 'no-rule'].includes(side.decision));
    assert.equal(
      side.isolated,
      side.selectedBy.some((name) => name.startsWith('NetworkPolicy/')),
    );
    for (const { policy } of [...side.rules, ...side.passedBy]) assert.ok(side.selectedBy.includes(policy), policy);
  }
}

/**
 * The rules that are said to decide do: with the named rule of a tier turned round, or the named rules of NetworkPolicies
 * gone, the specification gives the other verdict. Asked where the other direction allows, so that only one decides.
 */
function assertDecided(
  state: SpecificationState,
  flow: FlowQuestion,
  { self, egress, ingress }: PolicyExplanation,
): void {
  if (self) return;
  for (const [side, other] of [
    [egress, ingress],
    [ingress, egress],
  ] as const) {
    if (!other.allowed || side.rules.length === 0) continue;
    const changed = side.rules.reduce(withoutRule, state);
    assert.equal(specificationAllows(changed, flow), !side.allowed, JSON.stringify(side.rules));
  }
}

/** The state with a rule of a tier that does the opposite, or without the rule of a NetworkPolicy. */
function withoutRule(state: SpecificationState, { policy, direction, rule }: RuleReference): SpecificationState {
  const [kind, ...name] = policy.split('/');
  if (kind === 'NetworkPolicy') {
    const policies = state.policies.map((one) => {
      if (`${one.metadata.namespace}/${one.metadata.name}` !== name.join('/')) return one;
      const { ingress, egress, ...spec } = one.spec;
      const directions = spec.policyTypes?.length
        ? spec.policyTypes
        : ['Ingress', ...(egress?.length ? ['Egress'] : [])];
      // A rule for port 0 of TCP matches nothing, and leaves the others where they are.
      const closed = one.spec[direction]?.with(rule, { ports: [{ port: 0 }] }) ?? null;
      const rules = { ingress: ingress ?? null, egress: egress ?? null, [direction]: closed };
      return { ...one, spec: { ...spec, policyTypes: directions, ...rules } };
    });
    return { ...state, policies };
  }
  const tieredPolicies = (state.tieredPolicies ?? []).map((one) => {
    if (`${one.kind}/${one.metadata.name}` !== policy) return one;
    const rules = (one.spec[direction] ?? []).map((own, index) =>
      index === rule ? { ...own, action: own.action === 'Deny' ? 'Accept' : 'Deny' } : own,
    );
    return { ...one, spec: { ...one.spec, [direction]: rules } };
  });
  return { ...state, tieredPolicies };
}

/** Pairs of addresses of one family. */
const inCommon = (sources: readonly string[], destinations: readonly string[]): readonly [string, string][] =>
  sources.flatMap((source) =>
    destinations
      .filter((destination) => destination.includes(':') === source.includes(':'))
      .map((destination): [string, string] => [source, destination]),
  );
