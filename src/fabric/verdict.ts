import type { FlatObject } from '#model/aci';
import { parentDn } from '#model/aci';
import { containsAddress, type IpAddress, type Prefix, parsePrefix } from '#model/net';
import { entryMatches, type Packet } from './filter-entry.js';
import { vrfOf } from './group-vrf.js';
import { ObjectIndex } from './object-index.js';
import { type ZoningRule, zoningRules } from './zoning-rules.js';

/** What the fabric does with a packet, and the rule that decided; no rule is the implicit deny. */
export interface Verdict {
  readonly permitted: boolean;
  readonly rule: ZoningRule | undefined;
}

/** Answers questions about a set of managed objects: may this packet pass, which class has this address. */
export class FabricEvaluator {
  readonly #rules = new Map<string, ZoningRule[]>();
  readonly #partners = new Map<string, Set<string>>();
  readonly #vrfs = new Map<string, string | undefined>();
  readonly #prefixes: readonly { readonly prefix: Prefix; readonly dn: string; readonly vrf: string | undefined }[];
  readonly #index: ObjectIndex;

  constructor(objects: Iterable<FlatObject>) {
    const all = [...objects];
    this.#index = new ObjectIndex(all);
    for (const rule of zoningRules(all)) {
      const key = ruleKey(rule.vrf, rule.source, rule.destination);
      const list = this.#rules.get(key);
      if (list === undefined) this.#rules.set(key, [rule]);
      else list.push(rule);
      this.#notePartners(rule);
    }
    this.#prefixes = this.#index.ofClass('l3extSubnet').flatMap((subnet) => {
      const dn = parentDn(subnet.dn) ?? '';
      const classifies = (subnet.attributes['scope'] ?? 'import-security').includes('import-security');
      return classifies ? [{ prefix: parsePrefix(subnet.attributes['ip'] ?? ''), dn, vrf: this.#vrf(dn) }] : [];
    });
  }

  /** Dn of the external EPG that an outside address belongs to in the VRF: the longest prefix (policy.md A5). */
  externalClass(vrf: string, address: IpAddress): string | undefined {
    const holding = this.#prefixes.filter((entry) => entry.vrf === vrf && containsAddress(entry.prefix, address));
    return holding.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.dn;
  }

  /** Prefixes by which external EPGs of the VRF take outside addresses. */
  externalPrefixes(vrf: string): readonly Prefix[] {
    return this.#prefixes.filter((entry) => entry.vrf === vrf).map(({ prefix }) => prefix);
  }

  /** Dn of the VRF of an EPG or external EPG. */
  vrfOf(dn: string): string | undefined {
    return this.#vrf(dn);
  }

  /**
   * The verdict for a packet from one class to another: the matching rule of the best priority; at equal priority a
   * deny beats a permit (policy.md A8).
   */
  verdict(source: string, destination: string, packet: Packet): Verdict {
    return decide(this.rulesBetween(source, destination), packet);
  }

  /** Every rule that a packet from one class to another may meet; none when they are not in one VRF. */
  rulesBetween(source: string, destination: string): readonly ZoningRule[] {
    const vrf = this.#vrf(source);
    if (vrf === undefined || vrf !== this.#vrf(destination)) return [];
    const keys: readonly (readonly [string, string])[] = [
      [source, destination],
      [source, 'any'],
      ['any', destination],
      ['any', 'any'],
    ];
    return keys.flatMap(([from, to]) => this.#rules.get(ruleKey(vrf, from, to)) ?? []);
  }

  /** Classes with which the class has rules of their own, in either direction: itself among them, if it has. */
  partnersOf(dn: string): ReadonlySet<string> {
    return this.#partners.get(dn) ?? NOBODY;
  }

  /** Rules that the class has with every class of its VRF; they and no others hold toward one that is no partner. */
  generalRules(dn: string): { readonly from: readonly ZoningRule[]; readonly to: readonly ZoningRule[] } {
    const vrf = this.#vrf(dn);
    if (vrf === undefined) return { from: [], to: [] };
    const rules = (from: string, to: string): readonly ZoningRule[] => this.#rules.get(ruleKey(vrf, from, to)) ?? [];
    return { from: rules(dn, 'any'), to: rules('any', dn) };
  }

  #notePartners({ source, destination }: ZoningRule): void {
    if (source === 'any' || destination === 'any') return;
    for (const [one, other] of [
      [source, destination],
      [destination, source],
    ] as const) {
      const partners = this.#partners.get(one);
      if (partners === undefined) this.#partners.set(one, new Set([other]));
      else partners.add(other);
    }
  }

  /** The object at the Dn, or undefined. */
  object(dn: string): FlatObject | undefined {
    return this.#index.get(dn);
  }

  #vrf(dn: string): string | undefined {
    if (!this.#vrfs.has(dn)) this.#vrfs.set(dn, vrfOf(this.#index, dn));
    return this.#vrfs.get(dn);
  }
}

/** What rules do with a packet: the best priority that matches decides, and at equal priority a deny (policy.md A8). */
export function decide(rules: readonly ZoningRule[], packet: Packet): Verdict {
  const matching = rules.filter((rule) => rule.entry === undefined || entryMatches(rule.entry, packet));
  const best = matching.sort((a, b) => a.priority - b.priority || denyFirst(a, b))[0];
  return { permitted: best?.action === 'permit', rule: best };
}

const NOBODY: ReadonlySet<string> = new Set();

const ruleKey = (vrf: string, source: string, destination: string): string => `${vrf}\n${source}\n${destination}`;

const denyFirst = (a: ZoningRule, b: ZoningRule): number => Number(b.action === 'deny') - Number(a.action === 'deny');

const SYN: ReadonlySet<'syn'> = new Set(['syn'] as const);

/** Port from which {@link openingPacket} comes: an ephemeral one, as most clients use. */
export const CLIENT_PORT = 40_000;

/** The first packet of a connection: a SYN for TCP, from {@link CLIENT_PORT}. */
export const openingPacket = (family: 4 | 6, protocol: number, destinationPort: number): Packet => ({
  family,
  protocol,
  sourcePort: CLIENT_PORT,
  destinationPort,
  ...(protocol === 6 ? { tcpFlags: SYN } : {}),
});

/** The answer to {@link openingPacket}: SYN and ACK for TCP, or a bare RST. */
export const replyPacket = (opening: Packet, kind: 'accept' | 'reset' = 'accept'): Packet => ({
  ...opening,
  sourcePort: opening.destinationPort,
  destinationPort: opening.sourcePort,
  ...(opening.protocol === 6
    ? { tcpFlags: kind === 'accept' ? new Set(['syn', 'ack'] as const) : new Set(['rst'] as const) }
    : {}),
});
