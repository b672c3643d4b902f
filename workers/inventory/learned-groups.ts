import { containsPrefix, formatPrefix, type Prefix } from '#model/net';
import type { ForeignEpg } from '#policy';
import type { Clock } from '#ports';
import type { FabricMirror } from '../fabric-mirror.js';
import { groupPrefixes, groupsOfAddresses, isExternalGroup } from './group-prefixes.js';
import type { InventoryMirror } from './inventory-mirror.js';

/** A group that policies may reach, as the configuration names it. */
export interface NamedGroup extends ForeignEpg {
  /** Whether its addresses are those that the fabric knows. */
  readonly learned?: boolean;
}

/** What {@link LearnedGroups} needs. */
export interface LearnedGroupsContext {
  readonly groups: readonly NamedGroup[];
  readonly mirror: InventoryMirror;
  readonly fabric: Pick<FabricMirror, 'objects' | 'trusted'>;
  /** Subnets of the pods: what lies in them is not told from a pod. */
  readonly podSubnets: readonly Prefix[];
  /** Dn of the VRF: the same address in another one is another machine's. */
  readonly vrf: () => string;
  /** For how long an address that the fabric has forgotten still counts, in milliseconds: a silent machine comes back. */
  readonly keepMs: number;
  /** For how long the policies of a gateway that starts wait for the inventory, in milliseconds. */
  readonly waitMs: number;
  readonly clock: Clock;
}

interface KnownAddress {
  readonly prefix: Prefix;
  /** When it was seen last, in milliseconds in which the fabric was followed. */
  readonly seenAt: number;
}

/** The groups that policies may reach with their addresses: those of the configuration, or those that the fabric knows. */
export class LearnedGroups {
  readonly #context: LearnedGroupsContext;
  /** By group and text. */
  readonly #known = new Map<string, Map<string, KnownAddress>>();
  /** When the fabric was known first. */
  #since: number | undefined;
  /** For how long the fabric was followed, in milliseconds: while it is not, silence says nothing. */
  #followedMs = 0;
  /** When it was looked at last; undefined when it could not be. */
  #lookedAt: number | undefined;
  #epgs: readonly ForeignEpg[];
  #isListed = false;

  constructor(context: LearnedGroupsContext) {
    this.#context = context;
    this.#epgs = context.groups;
  }

  /** The groups now; the same value as long as nothing in it is different. */
  get epgs(): readonly ForeignEpg[] {
    return this.#epgs;
  }

  /** Milliseconds for which policies should wait for the addresses; 0 when they need not. */
  get waitMs(): number {
    const { groups, waitMs, clock } = this.#context;
    if (this.#isListed || !groups.some(({ learned }) => learned === true)) return 0;
    return this.#since === undefined ? waitMs : Math.max(0, this.#since + waitMs - clock.uptime());
  }

  /**
   * Looks at the fabric again; whether the groups are others than before, or known for the first time. What cannot be followed
   * for the moment stays as it was.
   */
  refresh(): boolean {
    const { groups, mirror, fabric, clock } = this.#context;
    // The time for which policies wait begins when they could be compiled: an APIC that is away for long shortens it by nothing.
    if (fabric.trusted) this.#since ??= clock.uptime();
    if (!mirror.trusted || !fabric.trusted) {
      this.#lookedAt = undefined;
      return false;
    }
    const now = clock.uptime();
    this.#followedMs += now - (this.#lookedAt ?? now);
    this.#lookedAt = now;
    const wasListed = this.#isListed;
    this.#isListed = true;
    const before = textOf(this.#epgs);
    this.#takeIn(groups.filter(({ learned }) => learned === true).map(({ dn }) => dn));
    const epgs = groups.map(({ dn, prefixes, learned }) => ({
      dn,
      prefixes: learned === true ? this.#of(dn) : prefixes,
    }));
    const isOther = textOf(epgs) !== before;
    if (isOther) this.#epgs = epgs;
    return isOther || !wasListed;
  }

  #takeIn(dns: readonly string[]): void {
    const { mirror, fabric } = this.#context;
    const now = this.#followedMs;
    const seen = new Set<string>();
    for (const dn of dns) {
      const known = this.#known.get(dn) ?? new Map<string, KnownAddress>();
      // What is configured counts as it is now; and what is gone has no machines that are silent.
      if (isExternalGroup(dn) || !fabric.objects.has(dn)) known.clear();
      this.#known.set(dn, known);
      for (const prefix of groupPrefixes(dn, { mirror, objects: fabric.objects })) {
        const text = formatPrefix(prefix);
        if (!this.#mayBeOf(prefix, text)) continue;
        known.set(text, { prefix, seenAt: now });
        seen.add(`${dn} ${text}`);
      }
    }
    this.#forget(seen, now);
  }

  /** Whether an address can belong to a learned group: not one of pods, of everybody, or one that the configuration gives another. */
  #mayBeOf(prefix: Prefix, text: string): boolean {
    const { podSubnets, groups } = this.#context;
    if (prefix.length === 0 || podSubnets.some((subnet) => overlaps(subnet, prefix))) return false;
    return !groups.some(
      ({ prefixes, learned }) => learned !== true && prefixes.some((own) => formatPrefix(own) === text),
    );
  }

  /** Forgets addresses that were silent for long enough, and those that somebody else has now, whatever group that is in. */
  #forget(seen: ReadonlySet<string>, now: number): void {
    const { mirror, keepMs, vrf } = this.#context;
    let holders: ReadonlyMap<string, string> | undefined;
    for (const [dn, known] of this.#known) {
      for (const [text, { seenAt }] of known) {
        if (seen.has(`${dn} ${text}`)) continue;
        // Asked for silent addresses alone: it is a look at every endpoint.
        holders ??= groupsOfAddresses(mirror, vrf());
        const isElsewhere = (holders.get(text) ?? dn) !== dn;
        if (isElsewhere || now - seenAt >= keepMs) known.delete(text);
      }
    }
  }

  #of(dn: string): readonly Prefix[] {
    const known = this.#known.get(dn);
    return [...(known?.keys() ?? [])].sort().flatMap((text) => known?.get(text)?.prefix ?? []);
  }
}

const overlaps = (one: Prefix, other: Prefix): boolean => containsPrefix(one, other) || containsPrefix(other, one);

const textOf = (epgs: readonly ForeignEpg[]): string =>
  epgs.map(({ dn, prefixes }) => `${dn} ${prefixes.map(formatPrefix).join()}`).join('\n');
