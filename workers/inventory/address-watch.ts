import { epgDn, hostPathsOf, type IpConflict, ipConflicts, type PodPlace } from '#mappers';
import { isWithin } from '#model/aci';
import { formatAddress } from '#model/net';
import type { Finding } from '#model/policy';
import { type FabricSettings, profileDn } from '#model/settings';
import type { Clock } from '#ports';
import type { ClusterMirror } from '../cluster-mirror.js';
import type { DesiredState } from '../desired-state.js';
import type { FabricMirror } from '../fabric-mirror.js';
import type { UpTiming } from '../up-timing.js';
import type { InventoryMirror } from './inventory-mirror.js';
import { learnedAddresses } from './learned-addresses.js';
import { podVrf } from './pod-vrf.js';

/** Where the watch over the pods' addresses looks. */
export interface AddressWatchContext {
  readonly mirror: InventoryMirror;
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly desired: () => DesiredState | undefined;
  readonly settings: FabricSettings;
  readonly timing: Pick<UpTiming, 'conflictSettleMs'>;
  readonly clock: Clock;
}

/** Finds pods whose address the fabric knows elsewhere. What was found stays found until the fabric is seen without it. */
export class AddressWatch {
  readonly #context: AddressWatchContext;
  /** Since when each conflict is there, by what it says. */
  #since = new Map<string, number>();
  #findings: readonly Finding[] = [];

  constructor(context: AddressWatchContext) {
    this.#context = context;
  }

  /** Conflicts of now, as of the last look. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Looks again; milliseconds until a conflict that may pass is told, undefined when none waits. */
  look(): number | undefined {
    const { mirror, cluster, clock, timing } = this.#context;
    // A picture that is not complete proves nothing, neither that a conflict is there nor that it is gone.
    if (!mirror.trusted || !cluster.synced) return undefined;
    const now = clock.uptime();
    const since = new Map<string, number>();
    const told: Finding[] = [];
    let nextMs: number | undefined;
    for (const { finding, mayPass } of this.#conflicts()) {
      const key = `${finding.object} ${finding.message}`;
      const first = this.#since.get(key) ?? now;
      since.set(key, first);
      const waitMs = mayPass ? first + timing.conflictSettleMs - now : 0;
      if (waitMs <= 0) told.push(finding);
      else nextMs = Math.min(nextMs ?? waitMs, waitMs);
    }
    this.#since = since;
    this.#findings = told;
    return nextMs;
  }

  #conflicts(): readonly IpConflict[] {
    const { mirror, fabric, settings } = this.#context;
    const profile = profileDn(settings);
    const places = this.#places();
    const addresses = new Set(places.flatMap((place) => place.addresses));
    const learned = learnedAddresses(mirror, { addresses, vrf: podVrf(fabric.objects, settings) });
    return ipConflicts(places, learned, (group) => isWithin(group, profile));
  }

  #places(): readonly PodPlace[] {
    const { cluster, settings } = this.#context;
    const pathsOf = settings.encoding === 'path' ? hostPathsOf(settings.hostPaths) : () => undefined;
    const found: PodPlace[] = [];
    for (const [pod, view] of cluster.snapshot().pods) {
      if (view.hostNetwork || view.completed || view.addresses.length === 0) continue;
      const { node } = view;
      const paths = node === undefined ? undefined : pathsOf(node);
      found.push({ pod, addresses: view.addresses.map(formatAddress), epg: this.#epgOf(pod), node, paths });
    }
    return found;
  }

  /** EPG of a pod as it was compiled last; undefined for a pod that came since. */
  #epgOf(pod: string): string | undefined {
    const desired = this.#context.desired();
    const group = desired?.compiled.membership.get(pod);
    if (desired === undefined || group === undefined) return undefined;
    return epgDn(this.#context.settings, desired.joined.of.get(group) ?? group);
  }
}
