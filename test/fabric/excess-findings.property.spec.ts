import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CLIENT_PORT, FabricEvaluator } from '#fabric';
import { epgDn, fabricOf } from '#mappers';
import { flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { parseAddress } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { compileOpen, explainFlow, type FlowEnd, policiesOf, type SideExplanation } from '#policy';
import { CRITICAL_PORTS, clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { OWN_FABRIC } from '#support/settings';
import { type FittedPolicy, fitToBudget } from '#workers';

type Endpoint = GeneratedCluster['endpoints'][number];
type Protocol = (typeof PROTOCOLS)[number];

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
/** What may name a policy that is not kept, besides that groups are joined. */
const CODES = { tcp: 'FABRIC_APPROXIMATED', udp: 'UDP_REVERSE', sctp: 'SCTP_PORTS' } as const;
const NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;
const SOURCE_PORTS = [CLIENT_PORT, 1, 53, 80, 8001];

const OF_PROTOCOLS: ReadonlySet<string> = new Set(['UDP_REVERSE', 'SCTP_PORTS']);

/** A flow of two addresses in one family. */
interface Flow {
  readonly source: readonly [Endpoint, string];
  readonly destination: readonly [Endpoint, string];
  readonly protocol: Protocol;
  readonly port: number;
}

/** How the policies are compiled and said, and how small the fabric is for them. */
const ways = fc.record({
  preSplit: fc.boolean(),
  groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
  vzAnyContracts: fc.constantFrom('auto' as const, 'always' as const, 'never' as const),
  established: fc.boolean(),
  endpointGroups: fc.constantFrom(1, 2, 3, 15_000, 15_000),
  externalGroups: fc.constantFrom(1, 2, 250, 250),
  policyEntriesPerLeaf: fc.constantFrom(10, 40, 80, 64_000, 64_000),
});
type Ways = typeof ways extends fc.Arbitrary<infer T> ? T : never;

/** Nothing is short. */
const PLENTY = {
  established: false,
  endpointGroups: 15_000,
  externalGroups: 250,
  policyEntriesPerLeaf: 64_000,
} as const satisfies Partial<Ways>;

function settingsOf({ vzAnyContracts, established, ...small }: Ways): FabricSettings {
  const limits = { ...OWN_FABRIC.budget.limits, ...small };
  // Filters of one policy are over this: established TCP for the whole VRF is the first thing that is done.
  const tight = established ? { ...limits, filters: 3 } : limits;
  return { ...OWN_FABRIC, vzAnyContracts, budget: { hostPortsPerLeaf: 10, limits: tight } };
}

/** The compiled cluster, and what its fabric and its policies say of a flow. */
class Compiled {
  readonly named: ReadonlySet<string>;
  /** Those that are named for the plan alone. */
  readonly addedByPlan: readonly string[];
  readonly fitted: FittedPolicy;
  readonly #opened: ReturnType<typeof compileOpen>;
  readonly #evaluator: FabricEvaluator;

  constructor(cluster: GeneratedCluster, how: Ways) {
    const { preSplit, groupBoundary } = how;
    const options = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [], preSplit, groupBoundary };
    this.#opened = compileOpen(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, options);
    const { compiler, compiled } = this.#opened;
    const settings = settingsOf(how);
    this.fitted = fitToBudget(compiled, { settings, policiesOf: policiesOf(compiler) });
    this.#evaluator = new FabricEvaluator(flatten(fabricOf(this.fitted.mapper, settings).tree, ''));
    const known = new Set(compiled.findings);
    this.addedByPlan = this.fitted.hosts.findings.flatMap((finding) =>
      known.has(finding) || !OF_PROTOCOLS.has(finding.code) ? [] : [`${finding.code} ${finding.object}`],
    );
    this.named = new Set(this.fitted.hosts.findings.map(({ code, object }) => `${code} ${object}`));
  }

  /** Sides that forbid the flow. */
  denying({ source, destination, protocol, port }: Flow): readonly SideExplanation[] {
    const told = explainFlow(this.#opened.compiler, {
      source: this.#end(source),
      destination: this.#end(destination),
      family: source[1].includes(':') ? 6 : 4,
      protocol,
      port,
    });
    return [told?.egress, told?.ingress].filter((side): side is SideExplanation => side?.allowed === false);
  }

  /** Whether the fabric lets the flow be opened, from some port. */
  opens({ source, destination, protocol, port }: Flow): boolean {
    const [from, to] = [this.#classOf(source), this.#classOf(destination)];
    return SOURCE_PORTS.some((sourcePort) => {
      const family = source[1].includes(':') ? (6 as const) : (4 as const);
      const packet = { family, protocol: NUMBERS[protocol], sourcePort, destinationPort: port };
      return from !== undefined && to !== undefined && this.#evaluator.verdict(from, to, packet).permitted;
    });
  }

  #end([{ key, endpoint }, ip]: Flow['source']): FlowEnd {
    return endpoint.namespace === undefined ? { kind: 'address', address: parseAddress(ip) } : { kind: 'pod', key };
  }

  #classOf([{ key }, ip]: Flow['source']): string | undefined {
    const group = this.#opened.compiled.membership.get(key);
    if (group !== undefined) return epgDn(OWN_FABRIC, this.fitted.joined.of.get(group) ?? group);
    return this.#evaluator.externalClass('uni/tn-k8s/ctx-k8s', parseAddress(ip));
  }
}

/** Policies that keep the flow from a side: those that isolate it, or the rule of a tier that denies. */
const keepers = ({ isolated, selectedBy, decision, rules }: SideExplanation): readonly string[] => [
  ...(isolated ? selectedBy.filter((name) => name.startsWith('NetworkPolicy/')) : []),
  ...(decision === 'rule-denies' ? rules.map(({ policy }) => policy) : []),
];

function flowsOf({ endpoints }: GeneratedCluster): readonly Flow[] {
  return endpoints.flatMap((a) =>
    endpoints.flatMap((b) => {
      if (a === b || (a.endpoint.namespace ?? b.endpoint.namespace) === undefined) return [];
      return a.ips.flatMap((from) =>
        b.ips
          .filter((to) => to.includes(':') === from.includes(':'))
          .flatMap((to) =>
            PROTOCOLS.flatMap((protocol) =>
              CRITICAL_PORTS.map((port): Flow => ({ source: [a, from], destination: [b, to], protocol, port })),
            ),
          ),
      );
    }),
  );
}

/** Plans in which something was found, by what is special about them. */
class Seen {
  readonly counts = new Map<string, number>();

  note({ memory, joined, mapper }: FittedPolicy): void {
    for (const escalation of memory.escalations) this.#add(escalation);
    if (joined.of.size > 0) this.#add('joined');
    this.#add(mapper.memory.rendering);
  }

  #add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

describe('findings of what the fabric permits more', () => {
  it('wherever it does, in every plan, a policy that keeps the flow from the side is named', () => {
    let excesses = 0;
    const seen = new Seen();
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = new Compiled(cluster, how);
        const before = excesses;
        for (const flow of flowsOf(cluster)) {
          const sides = compiled.denying(flow);
          if (sides.length === 0 || !compiled.opens(flow)) continue;
          excesses += 1;
          for (const side of sides) {
            const { source, destination, protocol, port } = flow;
            const codes = [CODES[protocol], 'FABRIC_APPROXIMATED'];
            assert.ok(
              keepers(side).some((policy) => codes.some((code) => compiled.named.has(`${code} ${policy}`))),
              `${source[1]} -> ${destination[1]} ${protocol}/${port}: none of ${keepers(side).join()} is named`,
            );
          }
        }
        if (excesses > before) seen.note(compiled.fitted);
      }),
      { numRuns: 400 },
    );
    assert.ok(excesses > 4000, `only ${excesses}`);
    for (const what of ['established', 'vzAny', 'explicit', 'joined'])
      assert.ok((seen.counts.get(what) ?? 0) > 4, `${what}: only ${seen.counts.get(what)}`);
  }).timeout(240_000);

  it('for the vzAny plan no NetworkPolicy is named that keeps nothing', () => {
    let named = 0;
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = new Compiled(cluster, { ...how, ...PLENTY, vzAnyContracts: 'always' });
        // A rule of a tier may be named though another one before it says the same.
        const wanted = new Set(compiled.addedByPlan.filter((name) => name.includes(' NetworkPolicy/')));
        named += wanted.size;
        for (const flow of wanted.size === 0 ? [] : flowsOf(cluster)) {
          const sides = compiled.denying(flow);
          if (sides.length === 0 || !compiled.opens(flow)) continue;
          for (const policy of sides.flatMap(keepers)) wanted.delete(`${CODES[flow.protocol]} ${policy}`);
        }
        assert.deepEqual([...wanted], []);
      }),
      { numRuns: 400 },
    );
    assert.ok(named > 20, `only ${named}`);
  }).timeout(240_000);
});
