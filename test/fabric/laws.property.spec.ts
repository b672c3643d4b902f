import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CLIENT_PORT,
  FabricEvaluator,
  isEmptyPlan,
  openingPacket,
  type Packet,
  planFabric,
  replyPacket,
} from '#fabric';
import { epgDn, mapFabric } from '#mappers';
import { canonicalMap, flatten, toWire } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { hasPort, isEverything, parseAddress } from '#model/net';
import { type CompiledPolicy, type FamilyConnections, generally } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type CompileOptions, compile } from '#policy';
import { CRITICAL_PORTS, clusterArbitrary } from '#support/cluster-arbitrary';
import { PROTOCOL_NUMBERS } from '#support/fabric-flows';
import { afterPlan } from '#support/plan-steps';
import { addressesOf } from '#support/policy-rewriting';
import { OWN_FABRIC } from '#support/settings';
import { type ClusterObjects, compileObjects, OUTSIDE_ADDRESSES, WIDE_POOL } from '#support/verdict-table';

// Laws of policy.md §4.6 about what is told to the fabric. They need no oracle.

interface Way {
  readonly options: CompileOptions;
  readonly settings: FabricSettings;
  /** Answers of TCP pair by pair (S mode), or for the whole VRF (E mode). */
  readonly established: 'pairs' | 'vrf';
}

/** Every way in which a policy can be cut into groups and said by contracts. */
const WAYS: readonly Way[] = (['namespace', 'none'] as const).flatMap((groupBoundary) =>
  [true, false].flatMap((preSplit) =>
    (['always', 'never'] as const).flatMap((vzAnyContracts) =>
      (['pairs', 'vrf'] as const).map((established) => ({
        options: { ...WIDE_POOL, groupBoundary, preSplit },
        settings: { ...OWN_FABRIC, vzAnyContracts },
        established,
      })),
    ),
  ),
);

const VRF = 'uni/tn-k8s/ctx-k8s';

interface Place {
  readonly ip: string;
  readonly pod?: string;
  readonly group: string;
  readonly zoningClass: string;
}

/** The fabric for a cluster, with a question for each ordered pair of addresses of which one is a pod's. */
class Fabric {
  readonly #evaluator: FabricEvaluator;
  readonly #compiled: CompiledPolicy;
  readonly #places: readonly Place[];

  constructor(objects: ClusterObjects, { options, settings, established }: Way) {
    const compiled = compileObjects(objects, options);
    this.#compiled = compiled;
    this.#evaluator = new FabricEvaluator(flatten(mapFabric(compiled, settings, { established }).tree, ''));
    const pods = objects.pods.flatMap((object) => {
      const pod = `${object.metadata.namespace}/${object.metadata.name}`;
      const group = compiled.membership.get(pod);
      if (group === undefined) return [];
      return addressesOf(object).map((ip) => ({ ip, pod, group, zoningClass: epgDn(settings, group) }));
    });
    const outside = OUTSIDE_ADDRESSES.flatMap((ip) => {
      const zoningClass = this.#evaluator.externalClass(VRF, parseAddress(ip));
      return zoningClass === undefined ? [] : [{ ip, group: zoningClass.replace(/^.*\/instP-/, ''), zoningClass }];
    });
    this.#places = [...pods, ...outside];
  }

  /** Texts of the packets of the kind that pass from source to destination. */
  passing(packet: (family: 4 | 6) => Packet): readonly string[] {
    const passed: string[] = [];
    for (const [a, b] of this.pairs()) {
      const { permitted } = this.#evaluator.verdict(a.zoningClass, b.zoningClass, packet(a.ip.includes(':') ? 6 : 4));
      if (permitted) passed.push(`${a.ip} > ${b.ip}`);
    }
    return passed;
  }

  *pairs(): Generator<readonly [Place, Place]> {
    for (const a of this.#places) {
      for (const b of this.#places) {
        if (a.ip.includes(':') !== b.ip.includes(':') || (a.pod ?? b.pod) === undefined || a.pod === b.pod) continue;
        yield [a, b];
      }
    }
  }

  /** What the policy says of the two. */
  between(a: Place, b: Place): FamilyConnections {
    const named = this.#compiled.pairs.find(({ source, destination }) => source === a.group && destination === b.group);
    const [source, destination] = [a, b].map(({ group }) => this.#compiled.groups.find(({ name }) => name === group));
    assert.ok(source !== undefined && destination !== undefined);
    return named?.connections ?? generally(source, destination).connections;
  }

  /** Whether no policy isolates the place in either direction, so that the whole VRF may be open to it. */
  isOpen({ group }: Place): boolean {
    const found = this.#compiled.groups.find(({ name }) => name === group);
    assert.ok(found !== undefined);
    if (found.kind !== 'pods') return true;
    return [found.egress, found.ingress]
      .flatMap(({ pods, outside }) => [pods.ipv4, pods.ipv6, outside.ipv4, outside.ipv6])
      .every(isEverything);
  }

  permits(from: string, to: string, packet: Packet): boolean {
    return this.#evaluator.verdict(from, to, packet).permitted;
  }
}

describe('laws of the managed objects', () => {
  it('19: groups by namespace or not, by workload or not, contracts with vzAny or not, S or E: the same TCP openings', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(clusterArbitrary, ({ objects }) => {
        const [first, ...others] = WAYS.map((way) => new Fabric(objects, way));
        for (const port of CRITICAL_PORTS) {
          const opening = (family: 4 | 6): Packet => openingPacket(family, PROTOCOL_NUMBERS.TCP, port);
          const expected = first?.passing(opening);
          for (const [index, other] of others.entries()) {
            assert.deepEqual(other.passing(opening), expected, `TCP/${port}, ${JSON.stringify(WAYS[index + 1])}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('UDP that no policy allows passes only as what may be an answer, or from a group that is open both ways', function () {
    this.timeout(60_000);
    let excess = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom(...WAYS), ({ objects }, way) => {
        const fabric = new Fabric(objects, way);
        for (const [a, b] of fabric.pairs()) {
          const key = a.ip.includes(':') ? 'ipv6' : 'ipv4';
          for (const port of CRITICAL_PORTS) {
            const packet = openingPacket(a.ip.includes(':') ? 6 : 4, PROTOCOL_NUMBERS.UDP, port);
            if (!fabric.permits(a.zoningClass, b.zoningClass, packet)) continue;
            if (hasPort(fabric.between(a, b)[key].udp, port)) continue;
            excess += 1;
            const answers = hasPort(fabric.between(b, a)[key].udp, CLIENT_PORT);
            assert.ok(answers || fabric.isOpen(a), `${a.ip} > ${b.ip} UDP/${port}, ${JSON.stringify(way)}`);
          }
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(excess > 1000, `only ${excess} packets beyond the policy`);
  });

  it('20: the same policy again, with what was decided last time, is the same bytes, and nothing is left to do', () => {
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom(...WAYS), ({ objects }, { options, settings, established }) => {
        const first = compileObjects(objects, options);
        const fabric = mapFabric(first, settings, { established });
        const again = compile(snapshotOf(objects, 2), first.allocation, options);
        const repeated = mapFabric(again, settings, { before: fabric.memory, established });
        assert.equal(JSON.stringify(toWire(repeated.tree)), JSON.stringify(toWire(fabric.tree)));
        assert.deepEqual(repeated.memory, fabric.memory);
        const desired = canonicalMap(flatten(fabric.tree, ''));
        const fixed = { desired, references: [], clusterId: settings.clusterId, limits: { objects: 20 } };
        const plan = planFabric({ ...fixed, actual: new Map() });
        const second = planFabric({ ...fixed, actual: afterPlan(new Map(), plan) });
        assert.ok(!isEmptyPlan(plan) && isEmptyPlan(second), JSON.stringify(second.counts));
      }),
      { numRuns: 150 },
    );
  });

  it('22: whoever may open a TCP connection gets every answer, and may send all that follows', function () {
    this.timeout(60_000);
    let opened = 0;
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom(...WAYS), ({ objects }, way) => {
        const fabric = new Fabric(objects, way);
        for (const [a, b] of fabric.pairs()) {
          for (const port of CRITICAL_PORTS) {
            const syn = openingPacket(a.ip.includes(':') ? 6 : 4, PROTOCOL_NUMBERS.TCP, port);
            if (!fabric.permits(a.zoningClass, b.zoningClass, syn)) continue;
            opened += 1;
            const text = `${a.ip} > ${b.ip} TCP/${port}`;
            for (const flags of [['ack'], ['ack', 'fin'], ['rst']] as const) {
              const tcpFlags = new Set<'ack' | 'fin' | 'rst'>(flags);
              assert.ok(fabric.permits(a.zoningClass, b.zoningClass, { ...syn, tcpFlags }), `${text} ${flags.join()}`);
              const back = { ...replyPacket(syn), tcpFlags };
              assert.ok(fabric.permits(b.zoningClass, a.zoningClass, back), `${text}, back ${flags.join()}`);
            }
            for (const kind of ['accept', 'reset'] as const) {
              assert.ok(fabric.permits(b.zoningClass, a.zoningClass, replyPacket(syn, kind)), `${text}, ${kind}`);
            }
          }
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(opened > 10_000, `only ${opened} openings`);
  });
});
