import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricEvaluator, planFabric } from '#fabric';
import { epgDn, recoverAllocation } from '#mappers';
import { type ObjectMap, readPathDn } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { specificationAllows } from '#policy';
import { CRITICAL_PORTS, PROTOCOL_NAMES } from '#support/cluster-arbitrary';
import { FlowQuestions } from '#support/fabric-flows';
import {
  type EncodedCluster,
  encodedCluster,
  encodings,
  epgsOfFrames,
  type Frames,
  framesOf,
} from '#support/path-layouts';
import { type PlacedCluster, pairsOf, placedCluster } from '#support/placed-cluster';
import { afterBatch, inAnyOrder } from '#support/plan-steps';
import { OWN_FABRIC } from '#support/settings';

// Both encodings (policy.md §3.13), asked as a leaf asks: which EPG has the VLAN of a frame on the port it came in by.

const VRF = 'uni/tn-k8s/ctx-k8s';

/** VLANs by leaf, each with the EPGs that have it there. */
function vlansByLeaf(objects: ObjectMap): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { className, dn, attributes } of objects.values()) {
    if (className !== 'fvRsPathAtt') continue;
    for (const leaf of readPathDn(attributes['tDn'] ?? '')?.leaves ?? []) {
      const key = `leaf ${leaf} ${attributes['encap']}`;
      found.set(key, (found.get(key) ?? new Set()).add(dn.split('/rspathAtt-')[0] ?? ''));
    }
  }
  return found;
}

/** Every question of the cluster against the specification; gives the number of probes. */
function check(placed: PlacedCluster, objects: ObjectMap, frames: readonly Frames[]): number {
  const epgsOf = epgsOfFrames(objects);
  const flows = new FlowQuestions(new FabricEvaluator(objects.values()), VRF);
  const byPod = new Map(frames.map((one) => [one.pod, one]));
  const place = (key: string, ip: string): { ip: string; epg?: string } => {
    const known = byPod.get(key);
    if (known === undefined) return { ip };
    const [epg = 'none', ...others] = epgsOf(known);
    assert.deepEqual(others, [], `${key}: one VLAN on one port is one EPG`);
    return { ip, epg };
  };
  let probes = 0;
  for (const { source, destination, sourceIp, destinationIp } of pairsOf(placed)) {
    const [from, to] = [place(source.key, sourceIp), place(destination.key, destinationIp)];
    const ends = { source: source.endpoint, sourceIp, destination: destination.endpoint, destinationIp };
    for (const protocol of PROTOCOL_NAMES) {
      for (const port of CRITICAL_PORTS) {
        probes += 1;
        const expected = specificationAllows(placed.cluster.state, { ...ends, protocol, port });
        const opens = flows.opens(from, to, protocol, port);
        const text = `${source.key} -> ${destination.key} ${protocol}/${port}: policies ${expected}, fabric ${opens}`;
        if (protocol === 'TCP') assert.equal(opens, expected, text);
        else assert.ok(opens || !expected, text);
        if (expected) assert.ok(flows.answers(from, to, protocol, port), `no way back: ${text}`);
      }
    }
  }
  return probes;
}

describe('encodings of groups', () => {
  it('give the frames of pods the verdicts of the policies for TCP, on every port, and never less for UDP and SCTP', () => {
    let probes = 0;
    fc.assert(
      fc.property(placedCluster, encodings, (placed, settings) => {
        const way = { remembered: EMPTY_ALLOCATION, options: placed.options };
        const encoded = encodedCluster(placed.snapshot, settings, way);
        probes += check(placed, encoded.objects, framesOf(encoded));
      }),
      { numRuns: 150 },
    );
    assert.ok(probes > 50_000, `only ${probes} probes`);
  }).timeout(120_000);

  it('never give two groups one VLAN on one leaf, also after many changes of pods, nodes and layouts', () => {
    let shared = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(placedCluster, encodings), { minLength: 2, maxLength: 4 }), (steps) => {
        let remembered = EMPTY_ALLOCATION;
        for (const [{ snapshot, options }, settings] of steps) {
          const { compiled, objects } = encodedCluster(snapshot, settings, { remembered, options });
          const found = vlansByLeaf(objects);
          for (const [place, epgs] of found) assert.equal(epgs.size, 1, `${place}: ${[...epgs].join()}`);
          shared += found.size;
          remembered = compiled.allocation;
        }
      }),
      { numRuns: 100 },
    );
    assert.ok(shared > 100, `only ${shared} bindings`);
  }).timeout(60_000);

  it('differ in bindings only', () => {
    fc.assert(
      fc.property(placedCluster, encodings, encodings, ({ snapshot, options }, first, second) => {
        const before = encodedCluster(snapshot, first, { remembered: EMPTY_ALLOCATION, options });
        const after = encodedCluster(snapshot, second, {
          remembered: recoverAllocation(before.objects, second),
          options,
        });
        const rest = ({ objects }: typeof before): readonly string[] =>
          [...objects.values()].filter(({ dn }) => !BINDING.test(dn)).map((object) => JSON.stringify(object));
        assert.deepEqual(rest(after), rest(before));
      }),
      { numRuns: 100 },
    );
  }).timeout(60_000);

  it('can be changed while pods run and come and go: at each step of the plan frames are those of their groups', () => {
    const seen = { steps: 0, frames: 0 };
    const ways = fc.record({ settings: changes, limit: fc.constantFrom(1, 5), dice: fc.array(fc.nat(5), DICE) });
    fc.assert(
      fc.property(placedCluster, ways, ({ snapshot, options }, { settings, limit, dice }) => {
        const first = { remembered: EMPTY_ALLOCATION, options };
        const before = encodedCluster(withoutSome(snapshot, dice), settings[0], first);
        const second = { remembered: recoverAllocation(before.objects, settings[1]), options };
        const after = encodedCluster(withoutSome(snapshot, [...dice].reverse()), settings[1], second);
        const frames = staying(before, after);
        seen.frames += frames.old.length;
        let fabric = before.objects;
        for (const phase of planOf(before.objects, after.objects, limit).phases) {
          const { name } = phase;
          for (const [index, batch] of inAnyOrder(phase).entries()) {
            fabric = afterBatch(fabric, batch);
            seen.steps += 1;
            const step = `after batch ${index} of phase ${name}`;
            if (!AFTER_BINDINGS.has(name)) checkFrames(fabric, frames.old, step);
            if (AFTER_BINDINGS.has(name)) checkFrames(fabric, frames.new, step);
          }
          if (name === 'bindings') checkFrames(fabric, frames.new, 'when the hosts follow');
        }
        checkFrames(fabric, frames.new, 'at the end');
      }),
      { numRuns: 200 },
    );
    assert.ok(seen.steps > 400 && seen.frames > 120, JSON.stringify(seen));
  }).timeout(120_000);
});

/** A binding of a group, and what hangs below it. */
const BINDING = /\/rs(funcToEpg|pathAtt)-\[/;

const planOf = (actual: ObjectMap, desired: ObjectMap, objects: number) =>
  planFabric({ desired, actual, references: [], clusterId: OWN_FABRIC.clusterId, limits: { objects } });

/** From one encoding to the other, or the same; leaves that are joined by other cables must give VLANs anew. */
const changes = encodings.chain((one) =>
  fc.constantFrom([one, one] as const, [one, OWN_FABRIC] as const, [OWN_FABRIC, one] as const),
);

const DICE = { minLength: 6, maxLength: 6 };

/** The cluster where some pods are gone and some run on the other node. */
const withoutSome = (snapshot: ClusterSnapshot, dice: readonly number[]): ClusterSnapshot => ({
  ...snapshot,
  pods: new Map(
    [...snapshot.pods].flatMap(([key, pod], index) => {
      if (dice[index] === 0) return [];
      const node = dice[index] === 1 ? (pod.node === 'n1' ? 'n2' : 'n1') : pod.node;
      return [[key, { ...pod, node }] as const];
    }),
  ),
});

/** Phases that begin when the hosts have followed. */
const AFTER_BINDINGS: ReadonlySet<string> = new Set(['merge', 'tighten', 'unbind', 'remove']);

/** Frames, as they were and as they are, of the pods that stay on their node, in their group. */
function staying(before: EncodedCluster, after: EncodedCluster): { old: readonly Frames[]; new: readonly Frames[] } {
  const later = new Map(framesOf(after).map((one) => [one.pod, one]));
  const stays = ({ pod, node, group }: Frames): boolean =>
    later.get(pod)?.node === node && later.get(pod)?.group === group;
  const old = framesOf(before).filter(stays);
  return { old, new: old.flatMap(({ pod }) => later.get(pod) ?? []) };
}

function checkFrames(fabric: ObjectMap, frames: readonly Frames[], step: string): void {
  const epgsOf = epgsOfFrames(fabric);
  for (const one of frames) assert.deepEqual(epgsOf(one), [epgDn(OWN_FABRIC, one.group)], `${step}: ${one.pod}`);
}
