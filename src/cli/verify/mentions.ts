import { formatPrefix, parsePrefix } from '#model/net';
import { addressBits, type LabelSelector, type SpecificationState, selects, type TieredRule } from '#policy';

/** Everything that some policy mentions, each once: a verdict reads no more of a place than what is said here of it. */
export interface Mentions {
  /** Selectors of pods, as subjects and as peers. */
  readonly podSelectors: readonly (LabelSelector | null | undefined)[];
  /** CIDRs and exceptions, and the addresses of nodes where a peer names nodes. */
  readonly cidrs: readonly string[];
  readonly portNames: ReadonlySet<string>;
}

/** Reads what the policies of all tiers mention. */
export function mentionsOf(state: SpecificationState): Mentions {
  const selectors = new Map<string, LabelSelector | null | undefined>();
  const cidrs = new Set<string>();
  const portNames = new Set<string>();
  const found: Found = {
    selector: (one) => selectors.set(JSON.stringify(one ?? null), one),
    cidr: (one) => cidrs.add(formatPrefix(parsePrefix(one))),
    portName: (one) => portNames.add(one),
  };
  noteNetworkPolicies(state, found);
  noteTieredPolicies(state, found);
  return { podSelectors: [...selectors.values()], cidrs: [...cidrs].sort(), portNames };
}

interface Found {
  selector(one: LabelSelector | null | undefined): void;
  cidr(one: string): void;
  portName(one: string): void;
}

function noteNetworkPolicies({ policies, additivePolicies = [] }: SpecificationState, found: Found): void {
  for (const { spec } of [...policies, ...additivePolicies]) {
    found.selector(spec.podSelector);
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const { ipBlock, podSelector } of [...(rule.from ?? []), ...(rule.to ?? [])]) {
        found.selector(podSelector);
        for (const cidr of ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []) found.cidr(cidr);
      }
      for (const { port } of rule.ports ?? []) if (typeof port === 'string') found.portName(port);
    }
  }
}

function noteTieredPolicies({ tieredPolicies = [], nodes = [] }: SpecificationState, found: Found): void {
  const addresses = nodes.flatMap(({ ips }) => ips.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`));
  for (const { spec } of tieredPolicies) {
    found.selector(spec.subject.pods?.podSelector);
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) noteTieredRule(rule, addresses, found);
  }
}

function noteTieredRule(rule: TieredRule, ofNodes: readonly string[], found: Found): void {
  for (const { pods, networks, nodes } of [...(rule.from ?? []), ...(rule.to ?? [])]) {
    found.selector(pods?.podSelector);
    for (const cidr of [...(networks ?? []), ...(nodes === undefined ? [] : ofNodes)]) found.cidr(cidr);
  }
  for (const { namedPort, destinationNamedPort } of rule.protocols ?? rule.ports ?? []) {
    const name = namedPort ?? destinationNamedPort;
    if (name !== undefined) found.portName(name);
  }
}

/**
 * Which of the selectors match labels, as a text. The specification reads the labels of a pod through selectors alone, so
 * labels with one text are the same to it.
 */
export function selectorMatches({ podSelectors }: Mentions): (labels: Labels) => string {
  const known = new Map<string, string>();
  return (labels) => {
    const text = JSON.stringify(labels);
    const before = known.get(text);
    if (before !== undefined) return before;
    const matching = podSelectors.flatMap((selector, index) => (selects(selector, labels) ? [index] : [])).join();
    known.set(text, matching);
    return matching;
  };
}

type Labels = Readonly<Record<string, string>>;

/** Which of the CIDRs hold an address, as a text: by a look at each length of prefix, however many CIDRs there are. */
export function cidrHolders({ cidrs }: Mentions): (ip: string) => string {
  const byLength = new Map<number, Map<string, number>>();
  for (const [index, cidr] of cidrs.entries()) {
    const [network = '', length = ''] = cidr.split('/');
    const prefixes = byLength.get(Number(length)) ?? new Map<string, number>();
    byLength.set(Number(length), prefixes.set(startOf(network, Number(length)), index));
  }
  return (ip) => {
    const holding: number[] = [];
    for (const [length, prefixes] of byLength) {
      const index = prefixes.get(startOf(ip, length));
      if (index !== undefined) holding.push(index);
    }
    return holding.join();
  };
}

const startOf = (ip: string, length: number): string =>
  `${ip.includes(':') ? 6 : 4} ${addressBits(ip).slice(0, length)}`;
