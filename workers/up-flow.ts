import { messageOf } from '#errors';
import { type InventorySettings, inventoryScopes } from '#mappers';
import { type FlatObject, isWithin, ownerOf, topDn } from '#model/aci';
import { parsePrefix } from '#model/net';
import type { Finding } from '#model/policy';
import { type FabricSettings, otherTenantDns, profileDn, tenantDn } from '#model/settings';
import type { ForeignEpg } from '#policy';
import type { ApicPort, Clock, ClusterEvents, ClusterWriter, Logger, Measures, WorkOutcome, WorkQueue } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { ClusterMirror } from './cluster-mirror.js';
import type { CompileWorker } from './compile-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import { AddressWatch } from './inventory/address-watch.js';
import { AdminOpenings, type NodeSlices } from './inventory/admin-openings.js';
import { FabricGroups } from './inventory/fabric-groups.js';
import { InventoryMirror } from './inventory/inventory-mirror.js';
import { LearnedGroups, type NamedGroup } from './inventory/learned-groups.js';
import { lowHealth } from './inventory/own-health.js';
import { podVrf } from './inventory/pod-vrf.js';
import type { PublishWorker } from './publish-worker.js';
import { Quiet } from './quiet.js';
import { FindingTeller } from './status/finding-teller.js';
import { InForce } from './status/in-force.js';
import { ObjectConditions } from './status/object-conditions.js';
import { UP_TIMING, type UpTiming } from './up-timing.js';

/** What the way up is told to, and what it follows. */
export interface UpFlowOptions {
  readonly inventory: InventorySettings;
  readonly events: ClusterEvents;
  readonly measures: Measures;
  /** Undefined for a gateway that writes nothing to Kubernetes. */
  readonly writer: ClusterWriter | undefined;
  /** Times that differ from the usual ones. */
  readonly timing?: Partial<UpTiming>;
}

/** The parts of the gateway that the way up reads. */
export interface UpFlowParts extends UpFlowOptions {
  readonly settings: FabricSettings;
  readonly apic: Pick<ApicPort, 'watch'>;
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly compiler: CompileWorker;
  readonly applier: ApplyWorker;
  readonly publisher: Pick<PublishWorker, 'puts' | 'isToldSince'>;
  /** Everything that there is to say of any object now. */
  readonly findings: () => readonly Finding[];
  /** Groups of others that policies may reach. */
  readonly foreignEpgs: readonly NamedGroup[];
  /** Called when the nodes get other slices than before, though the desired state is the same. */
  readonly openingsChanged: () => void;
  /** Called when addresses of those groups are others than before, or known for the first time. */
  readonly groupsChanged: () => void;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keys of the way up. */
export const UP_KEY = {
  /** Brings FabricGroup objects up to date. */
  groups: 'fabric-groups',
  /** Looks for addresses of pods that the fabric has learned elsewhere. */
  addresses: 'addresses',
  /** Looks for the addresses of groups that policies may reach. */
  learned: 'learned-groups',
  /** Looks for contracts of admins on our groups. */
  openings: 'admin-openings',
  /** Tells findings, and conditions of policies and namespaces. */
  status: 'status',
} as const;

/** The way up (decision 14): from the fabric to Kubernetes. A failure here never stops anything on the way down. */
export class UpFlow {
  readonly #parts: UpFlowParts;
  readonly #timing: UpTiming;
  readonly #mirror: InventoryMirror;
  readonly #groups: FabricGroups | undefined;
  readonly #addresses: AddressWatch;
  readonly #openings: AdminOpenings;
  readonly #learned: LearnedGroups;
  #isAwaiting = true;
  readonly #teller: FindingTeller;
  readonly #conditions: ObjectConditions | undefined;
  readonly #addressQuiet: Quiet<CompileWorker['desired']>;
  readonly #statusQuiet: Quiet<CompileWorker['desired']>;
  readonly #inForce: InForce;
  /** When it is looked next at what there is to tell. */
  #lookAt = 0;
  /** Whether conditions could not be said at the last look: that is made up for as soon as they can. */
  #isUnsaid = false;
  readonly #tasks: ReadonlyMap<string, (signal: AbortSignal) => Promise<WorkOutcome>>;

  constructor(parts: UpFlowParts) {
    const { settings, inventory, writer, cluster, fabric, compiler, clock, log } = parts;
    const timing = { ...UP_TIMING, ...parts.timing };
    this.#parts = parts;
    this.#timing = timing;
    this.#addressQuiet = new Quiet(timing.busyLookMs);
    this.#statusQuiet = new Quiet(timing.busyLookMs);
    this.#mirror = new InventoryMirror({
      keeps: keeperOf(settings, inventory),
      changed: () => this.#changed(),
      log,
    });
    const shared = { mirror: this.#mirror, timing, clock, log };
    const isOwn = (dn: string): boolean =>
      isWithin(dn, profileDn(settings)) || ownerOf(fabric.objects, dn) === settings.clusterId;
    const isFabricKnown = (): boolean => fabric.trusted;
    const common = { ...shared, isOwn, isFabricKnown, patterns: inventory.groups, clusterId: settings.clusterId };
    this.#groups = writer === undefined ? undefined : new FabricGroups({ ...common, writer });
    const desired = (): CompileWorker['desired'] => compiler.desired;
    this.#addresses = new AddressWatch({ ...shared, cluster, fabric, desired, settings });
    const snapshot = (): ReturnType<ClusterMirror['snapshot']> => cluster.snapshot();
    this.#openings = new AdminOpenings({ ...shared, fabric, snapshot, settings });
    const podSubnets = settings.bridgeDomain.gateways.map(parsePrefix);
    const { forgetAddressMs: keepMs, addressesWaitMs: waitMs } = timing;
    const vrf = (): string => podVrf(fabric.objects, settings);
    const { foreignEpgs: groups } = parts;
    this.#learned = new LearnedGroups({ ...shared, fabric, groups, podSubnets, vrf, keepMs, waitMs });
    const objects = (): FabricMirror['objects'] => fabric.objects;
    this.#teller = new FindingTeller({ ...parts, timing, fabric: objects, gone: () => cluster.takeGone() });
    const policies = (): ReadonlySet<string> => namedPolicies(cluster);
    this.#inForce = new InForce({ ...parts, policies });
    const namespaces = (): Iterable<string> => cluster.snapshot().namespaces.keys();
    const removed = (): ReadonlySet<string> | undefined => cluster.takeRemoved();
    this.#conditions =
      writer === undefined
        ? undefined
        : new ObjectConditions({ writer, policies, namespaces, removed, fabric: objects, timing, clock, log });
    this.#tasks = new Map<string, (signal: AbortSignal) => Promise<WorkOutcome>>([
      [UP_KEY.groups, (signal) => this.#writeGroups(signal)],
      [UP_KEY.addresses, () => Promise.resolve(this.#lookAtAddresses())],
      [UP_KEY.learned, () => Promise.resolve(this.#lookAtGroups())],
      [UP_KEY.openings, () => Promise.resolve(this.#lookAtContracts())],
      [UP_KEY.status, (signal) => this.#tell(signal)],
    ]);
  }

  /** What the inventory says of our objects, beside what the way down has found. */
  get findings(): readonly Finding[] {
    return [
      ...this.#openings.findings,
      ...this.#addresses.findings,
      ...lowHealth(this.#mirror, profileDn(this.#parts.settings)),
    ];
  }

  /** Groups of others that policies may reach, with their addresses; the same value until something is different. */
  get foreignEpgs(): readonly ForeignEpg[] {
    return this.#learned.epgs;
  }

  /** Whether policies should wait for the addresses of those groups. */
  get awaitsAddresses(): boolean {
    return this.#learned.waitMs > 0;
  }

  /** Milliseconds after which keys come back that nobody but they themselves may add. */
  get periods(): ReadonlyMap<string, number> {
    const { auditMs, lookMs } = this.#timing;
    return new Map([
      [UP_KEY.groups, auditMs],
      [UP_KEY.addresses, lookMs],
      [UP_KEY.learned, lookMs],
      [UP_KEY.status, lookMs],
    ]);
  }

  /** What is done for a key; undefined for a key that is not of the way up. */
  task(key: string): ((signal: AbortSignal) => Promise<WorkOutcome>) | undefined {
    return this.#tasks.get(key);
  }

  /** Follows the fabric until aborted, by a subscription of its own: what happens to it stops nothing else. */
  async run(signal: AbortSignal): Promise<void> {
    const { apic, settings, inventory, queue, log } = this.#parts;
    for (const key of this.#tasks.keys()) await queue.addAfter(key, this.#timing.collectMs);
    try {
      await apic.watch(inventoryScopes(settings, inventory), this.#mirror, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error }, 'the inventory of the fabric is not followed any more');
      this.#mirror.lost(messageOf(error));
    }
  }

  /** The configuration of the fabric has changed. */
  fabricChanged(): void {
    void this.#parts.queue.addAfter(UP_KEY.openings, this.#timing.collectMs);
    const { collectMs, addressesCollectMs } = this.#timing;
    void this.#parts.queue.addAfter(UP_KEY.learned, this.awaitsAddresses ? collectMs : addressesCollectMs);
  }

  /** What the nodes get of a desired state: what admins opened in the fabric comes to it. */
  slices(desired: CompileWorker['desired']): NodeSlices | undefined {
    try {
      return this.#openings.widened(desired);
    } catch (error) {
      this.#parts.log.error({ error }, 'what admins opened cannot be added to the policies of the nodes');
      return desired;
    }
  }

  #changed(): void {
    this.fabricChanged();
    void this.#parts.queue.addAfter(UP_KEY.groups, this.#timing.collectMs);
  }

  async #writeGroups(signal: AbortSignal): Promise<WorkOutcome> {
    const groups = this.#groups;
    if (groups === undefined) return 'done';
    const outcome = await groups.run(signal);
    const { measures } = this.#parts;
    measures.replace('fabric_groups', [{ labels: {}, value: groups.states.size }]);
    measures.replace('inventory_objects', [{ labels: {}, value: this.#mirror.size }]);
    if (groups.trouble !== undefined) measures.add('kubernetes_write_failures_total', { what: 'FabricGroup' });
    return outcome;
  }

  #lookAtGroups(): WorkOutcome {
    const wasAwaiting = this.#isAwaiting;
    const isOther = this.#learned.refresh();
    this.#isAwaiting = this.awaitsAddresses;
    if (isOther || (wasAwaiting && !this.#isAwaiting)) this.#parts.groupsChanged();
    // What the fabric has forgotten is forgotten here some time later, without a word of the fabric.
    const { foreignEpgs } = this.#parts;
    if (!foreignEpgs.some(({ learned }) => learned === true)) return 'done';
    return { againAfterMs: Math.min(this.#timing.lookMs, this.#learned.waitMs || Infinity) };
  }

  #lookAtContracts(): WorkOutcome {
    if (this.#openings.refresh()) this.#parts.openingsChanged();
    const waitMs = this.#openings.waitMs;
    return waitMs === undefined ? 'done' : { againAfterMs: waitMs };
  }

  #lookAtAddresses(): WorkOutcome {
    const { inventory, compiler, clock } = this.#parts;
    if (!inventory.ipConflicts) return 'done';
    const { lookMs } = this.#timing;
    if (!this.#addressQuiet.isTime(compiler.desired, clock.uptime())) return { againAfterMs: lookMs };
    return { againAfterMs: Math.min(lookMs, this.#addresses.look() ?? lookMs) };
  }

  async #tell(signal: AbortSignal): Promise<WorkOutcome> {
    const { cluster, fabric, compiler, clock } = this.#parts;
    const { lookMs, collectMs } = this.#timing;
    // Before both sides are known, and while a change is under way, there is nothing to say for sure.
    if (!cluster.synced || !fabric.trusted || compiler.desired === undefined) return { againAfterMs: lookMs };
    const now = clock.uptime();
    const isLook = now >= this.#lookAt && this.#statusQuiet.isTime(compiler.desired, now);
    if (now >= this.#lookAt) this.#lookAt = now + lookMs;
    const inForce = isLook || this.#isUnsaid ? this.#inForce.look() : undefined;
    if (isLook || inForce !== undefined) {
      const findings = this.#parts.findings();
      const dueMs = this.#teller.update(findings) ?? lookMs;
      this.#isUnsaid = inForce === undefined;
      if (inForce !== undefined) await this.#say(findings, inForce, signal);
      this.#lookAt = clock.uptime() + Math.min(lookMs, dueMs);
    }
    const untilLookMs = Math.max(1, this.#lookAt - clock.uptime());
    return { againAfterMs: this.#isUnsaid ? Math.min(collectMs, untilLookMs) : untilLookMs };
  }

  async #say(findings: readonly Finding[], inForce: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const againMs = await this.#conditions?.run(findings, signal, inForce);
    if (againMs !== undefined) this.#parts.measures.add('kubernetes_write_failures_total', { what: 'conditions' });
  }
}

/** Policies that have a status, those that open nothing because something is wrong with them among them. */
function namedPolicies(cluster: ClusterMirror): ReadonlySet<string> {
  const { policies, tieredPolicies, findings } = cluster.snapshot();
  const isFabricPolicy = (name: string): boolean => name.startsWith('FabricPolicy/');
  const refused = findings.map(({ object }) => object).filter(isFabricPolicy);
  return new Set([...tieredPolicies.keys(), ...[...policies.keys()].filter(isFabricPolicy), ...refused]);
}

/** What of the inventory is kept: the selected groups, and endpoints where somebody asks for them. */
function keeperOf(
  settings: FabricSettings,
  { groups, ipConflicts }: InventorySettings,
): (object: FlatObject, holder: string) => boolean {
  const profile = profileDn(settings);
  const own = tenantDn(settings);
  const tenants = new Set([
    ...groups.filter(({ kind }) => kind === 'EndpointSecurityGroup').map(({ tenant }) => `uni/tn-${tenant}`),
    // Of groups that policies may reach, and where a machine may be seen instead.
    ...otherTenantDns(settings),
  ]);
  const asks = (tenant: string, holder: string): boolean =>
    tenants.has(tenant) || (tenant === own && (ipConflicts || !isWithin(holder, profile)));
  const keepsPaths = settings.encoding === 'path';
  return ({ className, dn }, holder) => {
    if (groups.some(({ expression }) => expression.test(holder))) return true;
    const tenant = topDn(holder);
    if (className === 'healthInst') return isWithin(holder, profile) && dn === `${holder}/health`;
    if (className === 'fvRsCEpToPathEp') return asks(tenant, holder) && (keepsPaths || !isWithin(holder, profile));
    return ['fvCEp', 'fvIp', 'fvRsBd', 'fvRsCtx'].includes(className) && asks(tenant, holder);
  };
}
