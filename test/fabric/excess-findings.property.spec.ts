import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CLIENT_PORT, FabricEvaluator } from '#fabric';
import { epgDn, mapFabric } from '#mappers';
import { flatten } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { parseAddress } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compileOpen, explainFlow, type FlowEnd, type SideExplanation } from '#policy';
import { CRITICAL_PORTS, clusterArbitrary, type GeneratedCluster } from '#support/cluster-arbitrary';
import { OWN_FABRIC } from '#support/settings';

type Endpoint = GeneratedCluster['endpoints'][number];
type Protocol = 'udp' | 'sctp';

const CODES = { udp: 'UDP_REVERSE', sctp: 'SCTP_PORTS' } as const;
const NUMBERS = { udp: 17, sctp: 132 } as const;
const SOURCE_PORTS = [CLIENT_PORT, 1, 53, 80, 8001];

/** A flow of two addresses in one family. */
interface Flow {
  readonly source: readonly [Endpoint, string];
  readonly destination: readonly [Endpoint, string];
  readonly protocol: Protocol;
  readonly port: number;
}

const ways = fc.record({
  preSplit: fc.boolean(),
  groupBoundary: fc.constantFrom('namespace' as const, 'none' as const),
});

/** The compiled cluster, and what its fabric and its policies say of a flow. */
class Compiled {
  readonly named: ReadonlySet<string>;
  readonly #opened: ReturnType<typeof compileOpen>;
  readonly #evaluator: FabricEvaluator;

  constructor(cluster: GeneratedCluster, how: typeof ways extends fc.Arbitrary<infer T> ? T : never) {
    const options = { vlanPool: { from: 100, to: 999 }, foreignEpgs: [], ...how };
    this.#opened = compileOpen(snapshotOf(cluster.objects, 1), EMPTY_ALLOCATION, options);
    // With vzAny the answers of groups that nobody restricts pass to everyone; that is no matter of a policy.
    const settings = { ...OWN_FABRIC, vzAnyContracts: 'never' as const };
    this.#evaluator = new FabricEvaluator(flatten(mapFabric(this.#opened.compiled, settings).tree, ''));
    this.named = new Set(this.#opened.compiled.findings.map(({ code, object }) => `${code} ${object}`));
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
    if (group !== undefined) return epgDn(OWN_FABRIC, group);
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
            (['udp', 'sctp'] as const).flatMap((protocol) =>
              CRITICAL_PORTS.map((port): Flow => ({ source: [a, from], destination: [b, to], protocol, port })),
            ),
          ),
      );
    }),
  );
}

describe('findings of what the fabric permits more', () => {
  it('wherever it does, a policy that keeps the flow from the side is named', () => {
    let excesses = 0;
    fc.assert(
      fc.property(clusterArbitrary, ways, (cluster, how) => {
        const compiled = new Compiled(cluster, how);
        for (const flow of flowsOf(cluster)) {
          const sides = compiled.denying(flow);
          if (sides.length === 0 || !compiled.opens(flow)) continue;
          excesses += 1;
          for (const side of sides) {
            const { source, destination, protocol, port } = flow;
            assert.ok(
              keepers(side).some((policy) => compiled.named.has(`${CODES[protocol]} ${policy}`)),
              `${source[1]} -> ${destination[1]} ${protocol}/${port}: none of ${keepers(side).join()} is named`,
            );
          }
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(excesses > 2000, `only ${excesses}`);
  }).timeout(120_000);
});
