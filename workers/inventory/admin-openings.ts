import { isDeepStrictEqual } from 'node:util';
import { type AdminContracts, adminContracts } from '#fabric';
import { epgDn, externalDn, nodePolicies, openedByAdmins } from '#mappers';
import { isWithin } from '#model/aci';
import type { ClusterSnapshot } from '#model/kubernetes';
import type { Prefix } from '#model/net';
import type { NodePolicy } from '#model/node';
import type { Finding, Group } from '#model/policy';
import { type FabricSettings, profileDn } from '#model/settings';
import type { Clock } from '#ports';
import type { DesiredState } from '../desired-state.js';
import type { FabricMirror } from '../fabric-mirror.js';
import type { UpTiming } from '../up-timing.js';
import { groupPrefixes } from './group-prefixes.js';
import type { InventoryMirror } from './inventory-mirror.js';

/** What the admins' contracts are read from. */
export interface AdminOpeningsContext {
  readonly fabric: FabricMirror;
  readonly mirror: InventoryMirror;
  readonly snapshot: () => ClusterSnapshot;
  readonly settings: FabricSettings;
  readonly timing: Pick<UpTiming, 'inventoryWaitMs'>;
  readonly clock: Clock;
}

/** What is published to the nodes. */
export type NodeSlices = Pick<DesiredState, 'nodes'>;

const NONE: AdminContracts = { openings: [], findings: [] };

/**
 * What admins opened in the fabric on our EPGs, entered into the slices of the nodes: hosts = exact ∪ admin-opened. Followed
 * on a picture that can be trusted only: what was opened stays open on the hosts until the fabric is seen without it.
 */
export class AdminOpenings {
  readonly #context: AdminOpeningsContext;
  #contracts = NONE;
  /** Prefixes of groups of the fabric that the policy does not know, by Dn. */
  #prefixes: ReadonlyMap<string, readonly Prefix[]> = new Map();
  /** When the fabric was first looked at; undefined while it was not. */
  #since: number | undefined;
  #isReady = false;
  /** Whether the slices are others since {@link refresh} said so last: whoever asks for them may look first. */
  #isUntold = false;
  #widened: { readonly of: DesiredState; readonly slices: NodeSlices } | undefined;

  constructor(context: AdminOpeningsContext) {
    this.#context = context;
  }

  /** One for each contract of an admin's on an EPG of ours. */
  get findings(): readonly Finding[] {
    return this.#contracts.findings;
  }

  /** Milliseconds until the nodes get slices without the addresses that the inventory would know; undefined otherwise. */
  get waitMs(): number | undefined {
    const { clock, timing } = this.#context;
    if (this.#isReady || this.#since === undefined) return undefined;
    return Math.max(0, this.#since + timing.inventoryWaitMs - clock.uptime());
  }

  /** Looks at the fabric again; whether the slices of the nodes may be others than when it was asked last. */
  refresh(): boolean {
    this.#look();
    const isOther = this.#isUntold;
    this.#isUntold = false;
    return isOther;
  }

  #look(): void {
    const { fabric, mirror, settings, clock } = this.#context;
    if (!fabric.trusted) return;
    const wasReady = this.#isReady;
    this.#since ??= clock.uptime();
    const { clusterId } = settings;
    const profile = profileDn(settings);
    const contracts = adminContracts(fabric.objects, { clusterId, profile });
    const dns = new Set(contracts.openings.flatMap(({ source, destination }) => [source, destination]));
    // Endpoints that are not known for the moment are those of before.
    const prefixes = new Map(
      [...dns]
        .filter((dn) => !isWithin(dn, profile))
        .map((dn) => [
          dn,
          mirror.trusted ? groupPrefixes(dn, { mirror, objects: fabric.objects }) : (this.#prefixes.get(dn) ?? []),
        ]),
    );
    const isSame = isDeepStrictEqual(contracts, this.#contracts) && isDeepStrictEqual(prefixes, this.#prefixes);
    this.#isReady ||= contracts.openings.length === 0 || mirror.trusted || this.waitMs === 0;
    if (!isSame || this.#isReady !== wasReady) this.#isUntold = true;
    if (isSame) return;
    this.#contracts = contracts;
    this.#prefixes = prefixes;
    this.#widened = undefined;
  }

  /**
   * The slices of the nodes with what admins opened. Those of the state itself as long as that is nothing. Undefined for a
   * gateway that has just started and does not know yet: the nodes keep what they have, which an earlier run opened.
   */
  widened(desired: DesiredState | undefined): NodeSlices | undefined {
    if (!this.#isReady) this.#look();
    if (!this.#isReady) return undefined;
    if (desired === undefined || this.#contracts.openings.length === 0) return desired;
    if (this.#widened?.of !== desired) this.#widened = { of: desired, slices: { nodes: this.#slicesOf(desired) } };
    return this.#widened.slices;
  }

  #slicesOf(desired: DesiredState): ReadonlyMap<string, NodePolicy> {
    const { settings, snapshot } = this.#context;
    const dnOf = (group: Group): string => {
      if (group.kind === 'foreign' || group.kind === 'nodes') return group.dn;
      const name = desired.joined.of.get(group.name) ?? group.name;
      return group.kind === 'pods' ? epgDn(settings, name) : externalDn(settings, name);
    };
    const prefixesOf = (dn: string): readonly Prefix[] => this.#prefixes.get(dn) ?? [];
    const compiled = openedByAdmins(desired.compiled, this.#contracts.openings, { dnOf, prefixesOf });
    const slices = nodePolicies(compiled, snapshot(), settings, desired.encoding);
    return new Map(slices.map((policy) => [policy.node, policy]));
  }
}
