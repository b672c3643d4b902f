import {
  allowsConn,
  type ConnSet,
  containsAddress,
  type IpAddress,
  type IpFamily,
  NOTHING,
  type Protocol,
} from '#model/net';
import type { GroupName, PodKey, RuleReference } from '#model/policy';
import type { PolicyCompiler } from './compiler.js';
import { FAMILY_BIT } from './family-mask.js';
import { namedPortKey, type OutsideParty, type Party, type PodParty, type PolicyEntry, type Rule } from './parties.js';
import { rulesInOrder } from './sides.js';

/** One end of a flow: a pod that policies apply to, or any other address (policy.md N1). */
export type FlowEnd =
  | { readonly kind: 'pod'; readonly key: PodKey }
  | { readonly kind: 'address'; readonly address: IpAddress };

/** A connection that somebody asks about. */
export interface PolicyFlow {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly family: IpFamily;
  readonly protocol: Protocol;
  readonly port: number;
}

/** What policies say of a flow, and why: both directions of the connection (policy.md N12). */
export interface PolicyExplanation {
  readonly allowed: boolean;
  /** A pod always reaches itself (policy.md N23). */
  readonly self: boolean;
  /** What the source may open, and what the destination takes in. */
  readonly egress: SideExplanation;
  readonly ingress: SideExplanation;
}

/** One direction of one end. */
export interface SideExplanation {
  readonly allowed: boolean;
  /** Group of the end; undefined for an address of a family that nobody uses. */
  readonly group: GroupName | undefined;
  /** Whether a NetworkPolicy isolates the end in this direction (policy.md N10). */
  readonly isolated: boolean;
  /** Policies that select the end and speak of this direction: NetworkPolicies that isolate it, and tiers with rules for it. */
  readonly selectedBy: readonly string[];
  /**
   * What decided: `no-pod` and `not-isolated` allow because no policy has a say; `rule-allows`, `rule-denies` (a rule of
   * a tier around NetworkPolicy); `no-rule` denies because the end is isolated and nothing admits the flow.
   */
  readonly decision: 'no-pod' | 'not-isolated' | 'rule-allows' | 'rule-denies' | 'no-rule';
  /** Rules that decided: all NetworkPolicy rules that admit the flow, or the one rule of a tier. */
  readonly rules: readonly RuleReference[];
  /** The rule of the Admin tier that handed the decision on to NetworkPolicies, if one did (policy.md K3). */
  readonly passedBy: readonly RuleReference[];
  /** Allowing rules whose peers hold the other end, but not its ports: what one would have to widen. */
  readonly otherPorts: readonly RuleReference[];
}

/**
 * Explains what the policies say of a flow. Undefined when an end is a pod that the compiler does not know: hostNetwork and
 * finished pods are addresses to every policy (policy.md N1, N3).
 */
export function explainFlow(compiler: PolicyCompiler, flow: PolicyFlow): PolicyExplanation | undefined {
  const { source, destination } = flow;
  const [from, to] = [partyOf(compiler, source), partyOf(compiler, destination)];
  if ((source.kind === 'pod' && from === undefined) || (destination.kind === 'pod' && to === undefined))
    return undefined;
  const egress = explainSide(compiler, { own: from, other: to, direction: 'egress', flow });
  const ingress = explainSide(compiler, { own: to, other: from, direction: 'ingress', flow });
  const self = source.kind === 'pod' && destination.kind === 'pod' && source.key === destination.key;
  return { allowed: self || (egress.allowed && ingress.allowed), self, egress, ingress };
}

/** What policies let one end open toward another in the family; nothing when an end is unknown to the compiler. */
export function connectionsBetween(
  compiler: PolicyCompiler,
  { source, destination, family }: Pick<PolicyFlow, 'source' | 'destination' | 'family'>,
): ConnSet {
  const [from, to] = [partyOf(compiler, source), partyOf(compiler, destination)];
  if (from === undefined || to === undefined) return NOTHING;
  return compiler.pairs.between(from, to)[family === 4 ? 'ipv4' : 'ipv6'];
}

/** The outside party with the longest prefix that holds the address (policy.md A5). */
function outsideParty({ parties }: PolicyCompiler, address: IpAddress): OutsideParty | undefined {
  let found: OutsideParty | undefined;
  let longest = -1;
  for (const party of parties.outside()) {
    for (const prefix of party.prefixes) {
      if (prefix.length <= longest || !containsAddress(prefix, address)) continue;
      longest = prefix.length;
      found = party;
    }
  }
  return found;
}

const partyOf = (compiler: PolicyCompiler, end: FlowEnd): Party | undefined =>
  end.kind === 'pod' ? compiler.pods.pods.get(end.key)?.party : outsideParty(compiler, end.address);

interface SideQuestion {
  readonly own: Party | undefined;
  readonly other: Party | undefined;
  readonly direction: 'ingress' | 'egress';
  readonly flow: PolicyFlow;
}

function explainSide({ groups }: PolicyCompiler, question: SideQuestion): SideExplanation {
  const { own, direction } = question;
  const group = own === undefined ? undefined : groups.of(own)?.name;
  const unsaid = { allowed: true, group, isolated: false, selectedBy: [], rules: [], passedBy: [], otherPorts: [] };
  if (own?.kind !== 'pods') return { ...unsaid, decision: 'no-pod' };
  const ordered = rulesInOrder(own.subjects, direction);
  if (ordered === undefined) return { ...unsaid, decision: 'not-isolated' };
  const reaching = ordered.rules.filter((rule) => holdsPeer(rule, question));
  const [matching, missing] = [true, false].map((wanted) =>
    reaching.filter((rule) => holdsPort(rule, own, question) === wanted),
  );
  return {
    ...decide(matching ?? [], ordered.isolated),
    group,
    isolated: ordered.isolated,
    selectedBy: own.subjects.filter((policy) => speaksOf(policy, direction)).map(({ key }) => key),
    otherPorts: references((missing ?? []).filter(({ action }) => action === 'allow')),
  };
}

/** A NetworkPolicy without rules isolates; a policy of a tier without rules says nothing. */
const speaksOf = (policy: PolicyEntry, direction: 'ingress' | 'egress'): boolean =>
  policy.tier === 'network' ? policy[direction] !== undefined : (policy[direction] ?? []).length > 0;

type Decided = Pick<SideExplanation, 'allowed' | 'decision' | 'rules'>;

/** The order of the tiers (policy.md K1–K3): admin, then NetworkPolicy where it isolates, else baseline. */
function decide(matching: readonly Rule[], isolated: boolean): Decided & Pick<SideExplanation, 'passedBy'> {
  const first = matching.find(({ policy }) => policy.tier === 'admin');
  if (first === undefined) return { ...decideBelow(matching, isolated), passedBy: [] };
  if (first.action !== 'pass') return { ...decidedBy(first), passedBy: [] };
  return { ...decideBelow(matching, isolated), passedBy: [first.reference] };
}

function decideBelow(matching: readonly Rule[], isolated: boolean): Decided {
  const admitting = matching.filter(({ policy }) => policy.tier === 'network');
  if (isolated && admitting.length === 0) return { allowed: false, decision: 'no-rule', rules: [] };
  if (admitting.length > 0) return { allowed: true, decision: 'rule-allows', rules: references(admitting) };
  const last = matching.find(({ policy }) => policy.tier === 'baseline');
  return last === undefined ? { allowed: true, decision: 'not-isolated', rules: [] } : decidedBy(last);
}

function decidedBy(rule: Rule): Decided {
  // Behind the last tier nothing decides: what it passes on is allowed.
  const allowed = rule.action !== 'deny';
  return { allowed, decision: allowed ? 'rule-allows' : 'rule-denies', rules: [rule.reference] };
}

const references = (rules: readonly Rule[]): readonly RuleReference[] => rules.map(({ reference }) => reference);

function holdsPeer(rule: Rule, { other, flow }: SideQuestion): boolean {
  const bit = FAMILY_BIT[flow.family];
  if (other === undefined) return (rule.everyOutside & bit) !== 0;
  const everyone = other.kind === 'pods' ? rule.everyPod : rule.everyOutside;
  return (everyone & bit) !== 0 || rule.atoms.some((atom) => ((atom.parties.get(other) ?? 0) & bit) !== 0);
}

/** Port names are those of the destination (policy.md N19). */
function holdsPort(rule: Rule, own: PodParty, { other, direction, flow }: SideQuestion): boolean {
  const { protocol, port } = flow;
  if (allowsConn(rule.ports, protocol, port)) return true;
  const destination = direction === 'ingress' ? own : other;
  if (destination?.kind !== 'pods') return false;
  return rule.names.some(
    (key) =>
      key.startsWith(namedPortKey({ protocol, name: '' })) && destination.ports.get(key)?.includes(port) === true,
  );
}
