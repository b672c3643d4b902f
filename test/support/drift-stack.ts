import { GatewayError } from '#errors';
import { isStep } from '#fabric';
import { canonicalObject, type FlatObject, isWithin, type ManagedObject, type ObjectMap } from '#model/aci';
import type { KubernetesObject } from '#model/kubernetes';
import { DEFAULT_APPLY_SETTINGS, DEFAULT_DRIFT, type DriftRule, type DriftSettings } from '#model/settings';
import type { AuditRecord, ClusterEvent } from '#ports';
import { silentLogger } from '#runtime';
import { ApplyWorker } from '../../workers/apply-worker.js';
import { directPoster } from '../../workers/batch-poster.js';
import type { WantedFabric } from '../../workers/desired-state.js';
import { DriftWorker } from '../../workers/drift-worker.js';
import { FabricMirror } from '../../workers/fabric-mirror.js';
import { ManualClock } from './manual-clock.js';
import { afterBatch } from './plan-steps.js';
import { OWN_FABRIC } from './settings.js';
import { allowWeb } from './web-shop.js';

/** What a gateway is given that the test does not play. */
export interface DriftStackOptions {
  readonly rules?: readonly DriftRule[];
  readonly settings?: Partial<DriftSettings>;
}

/** An apply worker with its drift worker, and a fabric that the test plays: what is in it, who edits it, what events tell. */
export class DriftStack {
  readonly clock = new ManualClock();
  readonly events: ClusterEvent[] = [];
  /** Records of the audit log by Dn, the newest first. */
  readonly audit = new Map<string, readonly AuditRecord[]>();
  /** Dns that were posted to, in order. */
  readonly posts: string[] = [];
  /** What the audit log, or a POST, answers with instead. */
  auditFailure: Error | undefined;
  postFailure: GatewayError | undefined;
  /** What happens to the POST after so many more: it is lost, or only its answer is. */
  mishap: { readonly after: number; readonly kind: 'lost' | 'answer lost' } | undefined;
  lookups = 0;
  /** What happens while the audit log is asked. */
  onLookup: () => void = () => undefined;
  /** What happens while a POST is on its way. */
  onPost: () => void = () => undefined;
  holds: ObjectMap = new Map();
  fabric: FabricMirror;
  drift: DriftWorker;
  applier: ApplyWorker;
  wanted: WantedFabric;
  readonly #settings: DriftSettings;

  constructor(wanted: WantedFabric, { rules = [], settings = {} }: DriftStackOptions = {}) {
    this.wanted = wanted;
    this.#settings = { ...DEFAULT_DRIFT, rules, ...settings };
    [this.fabric, this.drift, this.applier] = this.#process();
    this.fabric.replaced([]);
  }

  /** Runs until nothing is left to write, and tells what there is to tell. */
  async run(): Promise<void> {
    const { signal } = new AbortController();
    for (let turn = 0; turn < 10; turn += 1) {
      await this.applier.run(signal);
      if (this.applier.settled) break;
    }
    await this.drift.tell(signal);
  }

  /** A new process with nothing remembered, which lists the fabric. */
  restart(): void {
    [this.fabric, this.drift, this.applier] = this.#process();
    this.fabric.replaced([...this.holds.values()]);
  }

  /** The fabric is another one by now, and is listed anew. */
  restore(holds: ObjectMap): void {
    this.holds = holds;
    this.fabric.replaced([...holds.values()]);
  }

  /** Somebody changes attributes of an object. */
  edit(dn: string, attributes: Readonly<Record<string, string>>): void {
    const object = this.holds.get(dn);
    if (object === undefined) throw new Error(`${dn} is not in the fabric`);
    this.#put({ ...object, attributes: { ...object.attributes, ...attributes } });
    this.fabric.changed({ kind: 'modified', className: object.className, dn, attributes });
  }

  /** Somebody deletes an object with all below it. */
  remove(dn: string): void {
    const gone = [...this.holds.values()].filter((object) => isWithin(object.dn, dn));
    this.holds = new Map([...this.holds].filter(([key]) => !isWithin(key, dn)));
    for (const { className, dn: each } of gone) {
      this.fabric.changed({ kind: 'deleted', className, dn: each, attributes: {} });
    }
  }

  /** Somebody makes an object. */
  add(object: FlatObject): void {
    this.#put(object);
    this.fabric.changed({ kind: 'created', ...object });
  }

  /** Value of an attribute in the fabric. */
  value(dn: string, attribute: string): string | undefined {
    return this.holds.get(dn)?.attributes[attribute];
  }

  #put(object: FlatObject): void {
    this.holds = new Map([...this.holds, [object.dn, canonicalObject(object)]]);
  }

  #process(): [FabricMirror, DriftWorker, ApplyWorker] {
    const fabric = new FabricMirror(() => undefined, silentLogger);
    const drift = new DriftWorker({
      settings: this.#settings,
      clusterId: OWN_FABRIC.clusterId,
      audit: { changesOf: (dn) => this.#changesOf(dn) },
      events: { tell: (event) => void this.events.push(event) },
      clock: this.clock,
      log: silentLogger,
    });
    const apic = { post: (dn: string, tree: ManagedObject): Promise<void> => this.#post(dn, tree) };
    const desired = (): WantedFabric => this.wanted;
    const parts = { poster: directPoster(apic), fabric, desired, drift, apply: NOBODY_ASKS, clock: this.clock };
    const applier = new ApplyWorker({ ...parts, settings: OWN_FABRIC, log: silentLogger });
    return [fabric, drift, applier];
  }

  #changesOf(dn: string): Promise<readonly AuditRecord[]> {
    this.lookups += 1;
    this.onLookup();
    return this.auditFailure === undefined
      ? Promise.resolve(this.audit.get(dn) ?? [])
      : Promise.reject(this.auditFailure);
  }

  #post(dn: string, tree: ManagedObject): Promise<void> {
    if (this.postFailure !== undefined) return Promise.reject(this.postFailure);
    const mishap = this.mishap?.after === 0 ? this.mishap.kind : undefined;
    this.mishap =
      this.mishap === undefined || mishap !== undefined ? undefined : { ...this.mishap, after: this.mishap.after - 1 };
    this.posts.push(dn);
    this.onPost();
    if (mishap !== 'lost') this.holds = afterBatch(this.holds, { dn, tree, changes: [] });
    return mishap === undefined ? Promise.resolve() : Promise.reject(LOST);
  }
}

/** Random clusters come and go whole: no deletion of theirs waits for somebody. */
const NOBODY_ASKS = {
  ...DEFAULT_APPLY_SETTINGS,
  approval: { maxDeletes: Infinity, maxDeleteShare: 1, shareCountsFrom: 0 },
};

const LOST = new GatewayError('APIC_UNREACHABLE', 'no answer', { disposition: 'retry' });

/** Objects of the fabric that are there by somebody's wish: without the bare steps that a POST makes on its way. */
export const contentOf = (objects: ObjectMap): ReadonlyMap<string, FlatObject> =>
  new Map([...objects].filter(([, object]) => !isStep(object)).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A namespace with two workloads, of which one may reach the other at a port. */
export function shopWith(port: number): { readonly pods: KubernetesObject[]; readonly policies: KubernetesObject[] } {
  const pod = (name: string, ip: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: { nodeName: 'n1', containers: [{ name: 'c' }] },
    status: { phase: 'Running', podIPs: [{ ip }] },
  });
  return { pods: [pod('web', '10.244.0.2'), pod('client', '10.244.0.3')], policies: [allowWeb(port)] };
}
