import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FabricMapper } from '#mappers';
import { type ClusterSnapshot, type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compilerTables, PolicyCompiler, resultOf } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { deltaOf, realSteps } from '#support/cluster-history';
import { checkPlan, type Desired, desired, type PlanWay } from '#support/plan-check';
import { withAddresses } from '#support/policy-rewriting';
import { labels } from '#support/selector-arbitrary';
import { OWN_FABRIC } from '#support/settings';
import { type ClusterObjects, tableOf, tableText, verdictTable, WIDE_POOL } from '#support/verdict-table';

// One object after another comes, changes and goes (policy.md §4.5, stateful). After each: the compiler is what it would be
// at once, the plan from the last fabric breaks nothing that stays, and no more of the fabric differs than §3.8 says.

const WAY: PlanWay = {
  options: { ...WIDE_POOL, groupBoundary: 'namespace', preSplit: true },
  settings: [OWN_FABRIC, OWN_FABRIC],
  batchSize: 4,
};

interface Model {
  objects: ClusterObjects;
}

/** The gateway's side, followed change by change. */
class Real {
  readonly compiler = new PolicyCompiler(EMPTY_ALLOCATION, WAY.options);
  readonly #mapper = new FabricMapper(OWN_FABRIC);
  #snapshot: ClusterSnapshot;
  #fabric: Desired;

  constructor(objects: ClusterObjects) {
    this.#snapshot = snapshotOf(objects, 1);
    this.#mapper.update(compilerTables(this.compiler), this.compiler.apply(this.#snapshot));
    this.#fabric = desired(objects, WAY);
  }

  /** Takes in the objects as they are now; gives the Dns of the parts of the fabric that differ. */
  follow(objects: ClusterObjects): readonly string[] {
    const next = snapshotOf(objects, 1);
    const delta = deltaOf(next, realSteps(this.#snapshot, next));
    this.#snapshot = next;
    const changes = this.#mapper.update(compilerTables(this.compiler), this.compiler.apply(delta));
    const result = { ...resultOf(this.compiler), findings: [] };
    assert.deepEqual(tableText(tableOf(objects, result)), tableText(verdictTable(objects, WAY)), 'as compiled at once');
    const fabric = desired(objects, WAY, this.#fabric);
    checkPlan(this.#fabric, fabric, WAY.batchSize);
    this.#fabric = fabric;
    return [...changes.keys()];
  }

  /** The group of each pod. */
  groups(): ReadonlyMap<string, string> {
    return new Map(resultOf(this.compiler).membership);
  }
}

const counts = { clones: 0, namespaces: 0, strangers: 0, others: 0 };

/** Replaces the objects of one kind at a place: by the other, by none, or by one more. */
class Replace implements fc.Command<Model, Real> {
  readonly #kind: 'pods' | 'policies' | 'tieredPolicies' | 'nodes';
  readonly #at: number;
  readonly #object: KubernetesObject | undefined;

  constructor(
    kind: 'pods' | 'policies' | 'tieredPolicies' | 'nodes',
    at: number,
    object: KubernetesObject | undefined,
  ) {
    this.#kind = kind;
    this.#at = at;
    this.#object = object;
  }

  check = (): boolean => true;

  run(model: Model, real: Real): void {
    const list = model.objects[this.#kind];
    const at = this.#at % (list.length + 1);
    const name = this.#object?.metadata.name;
    const rest = list.filter((object, index) => index !== at && object.metadata.name !== name);
    model.objects = {
      ...model.objects,
      [this.#kind]: this.#object === undefined ? rest : [...rest, this.#object],
    };
    real.follow(model.objects);
    counts.others += 1;
  }

  toString = (): string => `${this.#kind}[${this.#at}] := ${JSON.stringify(this.#object) ?? 'nothing'}`;
}

/** Puts other labels on a namespace: of the groups, only those of its pods may be others. */
class Relabel implements fc.Command<Model, Real> {
  readonly #namespace: string;
  readonly #labels: Readonly<Record<string, string>>;

  constructor(namespace: string, own: Readonly<Record<string, string>>) {
    this.#namespace = namespace;
    this.#labels = own;
  }

  check = (): boolean => true;

  run(model: Model, real: Real): void {
    const namespaces = model.objects.namespaces.map((one) =>
      one.metadata.name === this.#namespace ? { ...one, metadata: { ...one.metadata, labels: this.#labels } } : one,
    );
    const before = real.groups();
    model.objects = { ...model.objects, namespaces };
    real.follow(model.objects);
    for (const [pod, group] of real.groups()) {
      if (!pod.startsWith(`${this.#namespace}/`)) assert.equal(group, before.get(pod), `${pod} is in another group`);
    }
    counts.namespaces += 1;
  }

  toString = (): string => `labels of ${this.#namespace} := ${JSON.stringify(this.#labels)}`;
}

/** A copy of a pod that is there comes and goes: nothing is to be told to the fabric (C1). */
class Clone implements fc.Command<Model, Real> {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  check = ({ objects }: Readonly<Model>): boolean => objects.pods.length > 0;

  run(model: Model, real: Real): void {
    const pod = model.objects.pods[this.#at % model.objects.pods.length];
    const twin = pod === undefined ? undefined : twinOf(pod);
    if (pod === undefined || twin === undefined || !real.groups().has(`${pod.metadata.namespace}/${pod.metadata.name}`))
      return;
    const more = { ...model.objects, pods: [...model.objects.pods, twin] };
    assert.deepEqual(real.follow(more), [], 'a pod of a known shape changes nothing in the fabric');
    assert.deepEqual(real.follow(model.objects), [], 'nor when it goes');
    counts.clones += 1;
  }

  toString = (): string => `copy of pods[${this.#at}]`;
}

/** A copy of the pod with addresses that every block of `cluster-arbitrary` treats alike; none for those in small blocks. */
function twinOf(pod: KubernetesObject): KubernetesObject | undefined {
  const { podIPs } = pod['status'] as { readonly podIPs: readonly { readonly ip: string }[] };
  const ips = podIPs.map(({ ip }) =>
    ip.includes(':') ? '2001:db8::99' : ip === '10.0.0.1' ? '10.0.0.0' : '10.0.0.99',
  );
  if (podIPs.some(({ ip }) => ['10.0.0.2', '10.0.0.3', '2001:db8::2'].includes(ip))) return undefined;
  return withAddresses({ ...pod, metadata: { ...pod.metadata, name: 'copy' } }, ips);
}

/** A policy in a namespace of its own, with a pod, comes and goes: nobody else is in another group or on another VLAN. */
class Stranger implements fc.Command<Model, Real> {
  check = (): boolean => true;

  run(model: Model, real: Real): void {
    const metadata = { name: 'stranger', namespace: 'elsewhere' };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, labels: { unheard: 'of' } },
      spec: { containers: [] },
      status: { phase: 'Running', podIPs: [{ ip: '172.16.0.9' }] },
    };
    const spec = { podSelector: { matchLabels: { unheard: 'of' } } };
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
    const before = real.groups();
    const { pods, policies } = model.objects;
    real.follow({ ...model.objects, pods: [...pods, pod], policies: [...policies, policy] });
    for (const [key, group] of before) assert.equal(real.groups().get(key), group, `${key} is in another group`);
    real.follow(model.objects);
    assert.deepEqual(real.groups(), before);
    counts.strangers += 1;
  }

  toString = (): string => 'a stranger comes and goes';
}

const KINDS = ['pods', 'policies', 'tieredPolicies', 'nodes'] as const;
const replace = fc
  .tuple(clusterArbitrary, fc.constantFrom(...KINDS), fc.nat(), fc.nat(), fc.boolean())
  .map(([{ objects }, kind, at, from, goes]) => {
    const list = objects[kind];
    return new Replace(kind, at, goes ? undefined : list[from % Math.max(list.length, 1)]);
  });
const commands = fc.commands(
  [
    replace,
    fc.tuple(fc.constantFrom('x', 'y'), labels).map(([namespace, own]) => new Relabel(namespace, own)),
    fc.nat().map((at) => new Clone(at)),
    fc.constant(new Stranger()),
  ],
  { maxCommands: 8 },
);

describe('one change after another', () => {
  it('compiler, groups and plans keep what they promise after each', function () {
    this.timeout(240_000);
    fc.assert(
      fc.property(clusterArbitrary, commands, ({ objects }, list) => {
        fc.modelRun(() => ({ model: { objects }, real: new Real(objects) }), list);
      }),
      { numRuns: 120 },
    );
    assert.ok(
      Object.values(counts).every((count) => count > 20),
      JSON.stringify(counts),
    );
  });
});
