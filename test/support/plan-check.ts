import assert from 'node:assert/strict';
import { type Change, FabricEvaluator, planFabric } from '#fabric';
import { type EpgMove, epgDn, type FabricMemory, mapFabric, moveBridges } from '#mappers';
import { canonicalMap, flatten, type ObjectMap } from '#model/aci';
import { snapshotOf } from '#model/kubernetes';
import { parseAddress } from '#model/net';
import { type Allocation, type CompiledPolicy, EMPTY_ALLOCATION } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import { type CompileOptions, compile } from '#policy';
import { adminObjects } from '../../src/cli/picture/admin-objects.js';
import { type FabricPlace, FlowQuestions } from './fabric-flows.js';
import { afterBatch, inAnyOrder } from './plan-steps.js';
import { addressesOf } from './policy-rewriting.js';
import { OWN_FABRIC } from './settings.js';
import type { ClusterObjects } from './verdict-table.js';

// While a plan is carried out, what was allowed and stays allowed must pass at each step (DESIGN.md §6, invariant 1).
// Hosts put pods on the VLANs of their new groups once these are bound: until then a pod is asked about in its old EPG,
// from then on in its new one.

const PORTS = [53, 80, 8000, 8080, 65_535] as const;
const OUTSIDE = ['192.0.2.1', '192.0.2.200', '203.0.113.9', '8.8.8.8', '10.0.0.2', '2001:db8:1::1'];

/** One state of the cluster, compiled and mapped. */
export interface Desired {
  readonly objects: ClusterObjects;
  readonly compiled: CompiledPolicy;
  readonly fabric: ObjectMap;
  readonly settings: FabricSettings;
  readonly memory: FabricMemory;
}

/** How both states are compiled and mapped, and in how small steps the plan is made. */
export interface PlanWay {
  readonly options: CompileOptions;
  /** Before and after: the change may lead from one rendering to the other. */
  readonly settings: readonly [FabricSettings, FabricSettings];
  readonly batchSize: number;
}

/** Compiles and maps the objects; after another state, with what that one left to remember. */
export function desired(objects: ClusterObjects, { options, settings }: PlanWay, before?: Desired): Desired {
  const remembered: Allocation = before?.compiled.allocation ?? EMPTY_ALLOCATION;
  const compiled = compile(snapshotOf(objects, 1), remembered, options);
  const now = settings[before === undefined ? 0 : 1];
  const { tree, memory } = mapFabric(compiled, now, { before: before?.memory });
  const fabric = canonicalMap([...adminObjects(now, []), ...flatten(tree, '')]);
  return { objects, compiled, fabric, settings: now, memory };
}

/** Where one address is before the hosts follow and after: the EPG of its pod, or outside. */
interface Moving {
  readonly key: string;
  readonly ip: string;
  readonly old: FabricPlace;
  readonly new: FabricPlace;
}

function placesOf(from: Desired, to: Desired): readonly Moving[] {
  const pods = from.objects.pods.flatMap((pod) => {
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const [before, after] = [from.compiled.membership.get(key), to.compiled.membership.get(key)];
    if (before === undefined || after === undefined) return [];
    return addressesOf(pod).map((ip) => ({
      key,
      ip,
      old: { ip, epg: epgDn(OWN_FABRIC, before) },
      new: { ip, epg: epgDn(OWN_FABRIC, after) },
    }));
  });
  const taken = new Set([...from.objects.pods, ...to.objects.pods].flatMap(addressesOf));
  const outside = OUTSIDE.filter((ip) => !taken.has(ip)).map((ip) => ({ key: ip, ip, old: { ip }, new: { ip } }));
  return [...pods, ...outside];
}

/** The one VRF that is there. */
const vrfIn = (objects: ObjectMap): string =>
  [...objects.values()].find(({ className }) => className === 'fvCtx')?.dn ?? assert.fail('there is no VRF');

const questions = (objects: ObjectMap): FlowQuestions =>
  new FlowQuestions(new FabricEvaluator(objects.values()), vrfIn(objects));

/** A connection that was allowed and stays allowed. */
interface Kept {
  readonly source: Moving;
  readonly destination: Moving;
  readonly port: number;
}

/**
 * What both policies allow, between places of which at most one changes its class: where both do, there are moments at
 * which one has and the other has not, and neither policy speaks of that pair.
 */
function keptConnections(from: Desired, to: Desired): readonly Kept[] {
  const [before, after] = [questions(from.fabric), questions(to.fabric)];
  const classes = { old: new FabricEvaluator(from.fabric.values()), new: new FabricEvaluator(to.fabric.values()) };
  const vrf = vrfIn(to.fabric);
  const classOf = (evaluator: FabricEvaluator, { epg, ip }: FabricPlace): string | undefined =>
    epg ?? evaluator.externalClass(vrf, parseAddress(ip));
  const moves = (place: Moving): boolean => classOf(classes.old, place.old) !== classOf(classes.new, place.new);
  const places = placesOf(from, to);
  return places.flatMap((source) =>
    places.flatMap((destination) => {
      const sameFamily = source.ip.includes(':') === destination.ip.includes(':');
      const somePod = source.old.epg !== undefined || destination.old.epg !== undefined;
      if (source.key === destination.key || !sameFamily || !somePod) return [];
      if (isOutside(source) !== isOutside(destination) && moves(source) && moves(destination)) return [];
      return PORTS.filter(
        (port) =>
          before.opens(source.old, destination.old, 'TCP', port) &&
          after.opens(source.new, destination.new, 'TCP', port),
      ).map((port) => ({ source, destination, port }));
    }),
  );
}

const isOutside = (place: Moving): boolean => place.old.epg === undefined;

type When = 'old' | 'new';

const checkStep = (fabric: ObjectMap, kept: readonly Kept[], when: When, step: string): void =>
  checkPlaces(fabric, kept, { source: when, destination: when }, step);

function checkPlaces(
  fabric: ObjectMap,
  kept: readonly Kept[],
  when: { readonly source: When; readonly destination: When },
  step: string,
): void {
  const flows = questions(fabric);
  for (const { source, destination, port } of kept) {
    const [from, to] = [source[when.source], destination[when.destination]];
    const text = `${step}: ${source.key} in its ${when.source} group -> ${destination.key} in its ${when.destination} one, TCP/${port}`;
    assert.ok(flows.opens(from, to, 'TCP', port), text);
    assert.ok(flows.answers(from, to, 'TCP', port), `${text}, way back`);
  }
}

/** An APIC refuses a prefix that another external EPG of the VRF has (policy.md A5, F0467). */
function checkPrefixes(fabric: ObjectMap, step: string): void {
  const ips = [...fabric.values()].flatMap(({ className, attributes }) =>
    className === 'l3extSubnet' ? [attributes['ip']] : [],
  );
  assert.equal(new Set(ips).size, ips.length, `${step}: a prefix is there twice: ${ips.join(' ')}`);
}

/**
 * With deletions held back, of which somebody lets more and more go (`isFree` says of which Dn in which round): what was allowed
 * and stays allowed passes at each step, and at the end everything that is allowed. What is held stays. Gives how many deletions were held
 * in each round.
 */
export function checkHeldPlans(
  before: Desired,
  after: Desired,
  { batchSize, isFree }: { readonly batchSize: number; readonly isFree: readonly ((change: Change) => boolean)[] },
): readonly number[] {
  let fabric = before.fabric;
  return isFree.map((free) => {
    const checked = checkHeldPlan(fabric, { before, after, batchSize, free });
    fabric = checked.fabric;
    return checked.held;
  });
}

function checkHeldPlan(
  actual: ObjectMap,
  { before, after, batchSize, free }: HeldPlan,
): { readonly fabric: ObjectMap; readonly held: number } {
  const kept = keptConnections(before, after);
  const plan = planFabric({
    desired: after.fabric,
    actual,
    references: [],
    clusterId: OWN_FABRIC.clusterId,
    limits: { objects: batchSize },
    mayDelete: ({ changes }) => changes.filter(free),
  });
  let fabric = actual;
  // From the second round on the hosts have followed.
  let hasMoved = actual !== before.fabric;
  for (const phase of plan.phases) {
    const { name } = phase;
    for (const [index, batch] of inAnyOrder(phase).entries()) {
      fabric = afterBatch(fabric, batch);
      hasMoved ||= AFTER_BINDINGS.has(name);
      checkStep(fabric, kept, hasMoved ? 'new' : 'old', `deletions held, after batch ${index} of phase ${name}`);
    }
  }
  checkStep(fabric, keptConnections(after, after), 'new', 'all but the deletions is done');
  const { waiting } = plan;
  for (const { object } of waiting.changes) assert.ok(fabric.has(object.dn), `${object.dn} is gone`);
  const held = new Set(waiting.changes);
  for (const change of plan.deletions.changes) {
    if (!held.has(change)) assert.ok(!fabric.has(change.object.dn), `${change.object.dn} was free to go`);
  }
  return { fabric, held: held.size };
}

interface HeldPlan {
  readonly before: Desired;
  readonly after: Desired;
  readonly batchSize: number;
  readonly free: (change: Change) => boolean;
}

/** Carries out the plan from one state to the other and checks every step; gives how much there was to check. */
export function checkPlan(before: Desired, after: Desired, batchSize: number): { steps: number; connections: number } {
  const kept = keptConnections(before, after);
  let steps = 0;
  const plan = planFabric({
    desired: after.fabric,
    actual: before.fabric,
    references: [],
    clusterId: OWN_FABRIC.clusterId,
    limits: { objects: batchSize },
  });
  let fabric = before.fabric;
  let moved = false;
  const move = (): void => {
    if (!moved) checkStep(fabric, kept, 'new', 'when the hosts follow');
    moved = true;
  };
  for (const phase of plan.phases) {
    const { name } = phase;
    if (AFTER_BINDINGS.has(name)) move();
    for (const [index, batch] of inAnyOrder(phase).entries()) {
      fabric = afterBatch(fabric, batch);
      steps += 1;
      const step = `after batch ${index} of phase ${name}`;
      checkStep(fabric, kept, moved ? 'new' : 'old', step);
      checkPrefixes(fabric, step);
    }
  }
  move();
  assert.deepEqual(questionsOfInterest(fabric), questionsOfInterest(after.fabric));
  return { steps, connections: kept.length };
}

/**
 * Carries out the plan with bridges for the pods that move, while every host follows when it likes: at each step every pod may be in
 * its old EPG or in its new one from the moment on that the bindings are made, and in its new one when the bridges go. Gives how many
 * connections between moving pods there were to check.
 */
export function checkMoves(before: Desired, after: Desired, batchSize: number): number {
  const kept = keptConnections(before, after);
  const context = { wanted: after.fabric, actual: before.fabric, settings: after.settings };
  const bridges = moveBridges(movesOf(before, after), context);
  const bridged = new Map([...after.fabric, ...bridges.map((object) => [object.dn, object] as const)]);
  const steps = (desired: ObjectMap, actual: ObjectMap): ReturnType<typeof planFabric> =>
    planFabric({ desired, actual, references: [], clusterId: OWN_FABRIC.clusterId, limits: { objects: batchSize } });
  let fabric = before.fabric;
  const follow = (step: string): void => {
    for (const source of ['old', 'new'] as const)
      for (const destination of ['old', 'new'] as const) checkPlaces(fabric, kept, { source, destination }, step);
  };
  for (const phase of steps(bridged, fabric).phases) {
    const { name } = phase;
    if (AFTER_BINDINGS.has(name)) break;
    for (const [index, batch] of inAnyOrder(phase).entries()) {
      fabric = afterBatch(fabric, batch);
      checkStep(fabric, kept, 'old', `after batch ${index} of phase ${name}`);
    }
  }
  follow('while the hosts follow');
  for (const phase of steps(after.fabric, fabric).phases) {
    const { name } = phase;
    assert.ok(AFTER_BINDINGS.has(name), `${name}: taking the bridges away only takes away`);
    for (const [index, batch] of inAnyOrder(phase).entries()) {
      fabric = afterBatch(fabric, batch);
      checkStep(fabric, kept, 'new', `after batch ${index} of phase ${name}`);
    }
  }
  assert.deepEqual(questionsOfInterest(fabric), questionsOfInterest(after.fabric));
  const isMoving = ({ old, new: now }: Moving): boolean => old.epg !== now.epg;
  return kept.filter(({ source, destination }) => isMoving(source) && isMoving(destination)).length;
}

/** Where pods go. */
function movesOf(from: Desired, to: Desired): readonly EpgMove[] {
  const moves = new Map<string, EpgMove>();
  for (const { old, new: now } of placesOf(from, to)) {
    if (old.epg === undefined || now.epg === undefined || old.epg === now.epg) continue;
    moves.set(`${old.epg} ${now.epg}`, { from: old.epg, to: now.epg });
  }
  return [...moves.values()];
}

/** Phases that begin when the hosts have followed. */
const AFTER_BINDINGS: ReadonlySet<string> = new Set(['merge', 'tighten', 'unbind', 'remove']);

/** Dns of everything that decides about packets. */
const questionsOfInterest = (fabric: ObjectMap): readonly string[] =>
  [...fabric.values()]
    .filter(({ className }) => /^(vz|l3extSubnet|l3extInstP|fvAEPg|fvRs(Prov|Cons|Intra))/.test(className))
    .map(({ dn }) => dn)
    .sort();
