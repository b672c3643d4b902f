import { GatewayError, messageOf } from '#errors';
import { type Batch, batchOf, type Change, type FabricPlan, isEmptyPlan, planFabric, unitDn } from '#fabric';
import { isWithin } from '#model/aci';
import type { Finding } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { Logger } from '#ports';
import type { BatchPoster } from './batch-poster.js';
import type { DesiredState, WantedFabric } from './desired-state.js';
import type { FabricMirror } from './fabric-mirror.js';

/** What the apply worker needs. */
export interface ApplyContext {
  readonly poster: BatchPoster;
  readonly fabric: FabricMirror;
  readonly desired: () => DesiredState | undefined;
  readonly settings: FabricSettings;
  readonly log: Logger;
}

/** Objects a POST may carry; small transactions keep the APIC responsive. */
const BATCH_OBJECTS = 500;

/** Brings the fabric to the desired state: plans against the mirror and posts the difference. */
export class ApplyWorker {
  readonly #context: ApplyContext;
  /** Content that the APIC refused, by the Dn of the object it belongs to. */
  readonly #parked = new Map<string, { readonly content: string; readonly finding: Finding }>();
  #plan: FabricPlan | undefined;
  #settled: { readonly wanted: WantedFabric; readonly version: number } | undefined;

  constructor(context: ApplyContext) {
    this.#context = context;
  }

  /** Whether the fabric is as desired, but for what is parked or in somebody else's hands. */
  get settled(): boolean {
    const desired = this.#context.desired();
    if (this.#settled === undefined || desired === undefined) return false;
    const { wanted, version } = this.#settled;
    const isWanted = wanted.objects === desired.objects && wanted.references === desired.references;
    return isWanted && version === this.#context.fabric.version;
  }

  /** Dns that the configuration says an admin made, and that are not there. */
  get missing(): readonly string[] {
    return this.#plan?.missing ?? [];
  }

  /** Whether the APIC refused something. */
  get hasParked(): boolean {
    return this.#parked.size > 0;
  }

  /** Forgets what the APIC refused: the next run tries it again. */
  retryParked(): void {
    this.#parked.clear();
  }

  /** What the APIC refused, names and prefixes that are taken, and what bypasses contracts. */
  get findings(): readonly Finding[] {
    const { conflicts = [], notes = [] } = this.#plan ?? {};
    return [...conflicts, ...notes, ...[...this.#parked.values()].map((entry) => entry.finding)];
  }

  /** Plans and posts. Rejects with the error of a POST that should be tried again; refused objects are parked. */
  async run(signal: AbortSignal): Promise<void> {
    const { fabric, settings } = this.#context;
    const desired = this.#context.desired();
    if (desired === undefined || !fabric.trusted) return;
    this.#forgetParked();
    const { version } = fabric;
    const plan = planFabric({
      desired: desired.objects,
      actual: fabric.objects,
      references: desired.references,
      clusterId: settings.clusterId,
      limits: { objects: BATCH_OBJECTS },
      parked: (change) => this.#isParked(change),
    });
    this.#plan = plan;
    if (isEmptyPlan(plan)) {
      this.#settled = { wanted: { objects: desired.objects, references: desired.references }, version };
      return;
    }
    for (const batch of plan.phases.flatMap((phase) => phase.batches)) await this.#postRest(batch, signal);
    this.#context.log.info({ ...plan.counts, hash: plan.hash }, 'brought the fabric up to date');
  }

  /** Posts what was not parked meanwhile: a binding below an EPG that was refused would make the EPG, empty. */
  async #postRest(batch: Batch, signal: AbortSignal): Promise<void> {
    const rest = batch.changes.filter((change) => !this.#isParked(change));
    if (rest.length === batch.changes.length) await this.#post(batch, signal);
    else if (rest.length > 0) await this.#post(batchOf(batch.dn, rest), signal);
  }

  /** Posts a batch. When the APIC refuses it, the objects are tried in halves until the bad one stands alone. */
  async #post(batch: Batch, signal: AbortSignal): Promise<void> {
    const { poster, fabric } = this.#context;
    try {
      await poster.post(batch, signal);
      fabric.applied(batch.changes);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.disposition !== 'park') throw error;
      const units = [...new Set(batch.changes.map((change) => unitDn(change.object.dn)))];
      const [only] = units;
      if (units.length <= 1 && only !== undefined) {
        this.#park(only, error);
        return;
      }
      const half = new Set(units.slice(0, units.length / 2));
      const inFirst = (change: Change): boolean => half.has(unitDn(change.object.dn));
      await this.#post(batchOf(batch.dn, batch.changes.filter(inFirst)), signal);
      const rest = batch.changes.filter((change) => !inFirst(change));
      await this.#post(batchOf(batch.dn, rest), signal);
    }
  }

  #park(dn: string, error: GatewayError): void {
    const finding: Finding = {
      code: 'APIC_REJECTED',
      severity: 'error',
      object: `ACI/${dn}`,
      message: `${messageOf(error)}; parked, and tried again now and then and when what is wanted of it changes`,
    };
    this.#parked.set(dn, { content: this.#wantedOf(dn), finding });
    this.#context.log.error({ dn, reason: messageOf(error) }, 'the APIC refused an object');
  }

  /** Whether the object of the change, or one that it is below, was refused. */
  #isParked(change: Change): boolean {
    return [...this.#parked.keys()].some((dn) => isWithin(change.object.dn, dn));
  }

  /** An object is tried again when what is wanted of it has changed. */
  #forgetParked(): void {
    for (const [dn, { content }] of this.#parked) if (content !== this.#wantedOf(dn)) this.#parked.delete(dn);
  }

  /** Everything that is desired of an object and what is below it, as text. */
  #wantedOf(dn: string): string {
    const objects = [...(this.#context.desired()?.objects.values() ?? [])];
    return JSON.stringify(objects.filter((object) => isWithin(object.dn, dn)));
  }
}
