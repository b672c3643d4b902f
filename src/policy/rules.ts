import {
  type PeerView,
  type PolicyView,
  type RuleView,
  type Selector,
  selectorKey,
  type TieredPolicyView,
  type TieredRuleView,
  viewKey,
} from '#model/kubernetes';
import type { AtomTable } from './atom-table.js';
import { BOTH_FAMILIES, FAMILY_BIT } from './family-mask.js';
import type { Atom, PolicyEntry, Rule } from './parties.js';

/** `Kind/namespace/name`, or `Kind/name` of a policy without a namespace: for findings and reasons. */
export function policyName(view: PolicyView | TieredPolicyView): string {
  if ('tier' in view) return `${view.kind}/${view.name}`;
  return `${view.additive === true ? 'FabricPolicy' : 'NetworkPolicy'}/${viewKey(view)}`;
}

/** Whether the policy isolates the pods that it selects by being there (policy.md N10). */
export const isIsolating = ({ tier, view }: Pick<PolicyEntry, 'tier' | 'view'>): boolean =>
  tier === 'network' && !('additive' in view);

/** What the table of policies keeps of one: its rules with their peers as atoms, its scope and its place in the order. */
export function policyEntry(id: number, view: PolicyView | TieredPolicyView, atoms: AtomTable): PolicyEntry {
  const entry: PolicyEntry = {
    id,
    key: policyName(view),
    view,
    namespaces: 'tier' in view ? view.namespaces : { own: view.namespace },
    pods: view.subjects,
    tier: 'tier' in view ? (view.tier === 'admin' ? 'admin' : 'baseline') : 'network',
    priority: 'tier' in view ? view.priority : 0,
    ingress: undefined,
    egress: undefined,
    shapes: new Set(),
    parties: new Set(),
  };
  setRules(entry, view, atoms);
  return entry;
}

/** Puts the rules of the view, a newer one of the same policy, into the entry. */
export function setRules(entry: PolicyEntry, view: PolicyView | TieredPolicyView, atoms: AtomTable): void {
  const own = 'tier' in view ? '' : view.namespace;
  const rules = (direction: 'ingress' | 'egress'): readonly Rule[] | undefined =>
    view[direction]?.map((rule, index) => ruleOf(rule, { policy: entry, direction, index, own, atoms }));
  entry.view = view;
  entry.ingress = rules('ingress');
  entry.egress = rules('egress');
}

/** Whether the newer view of a policy selects the same pods and stands at the same place, so that only rules differ. */
export function hasSameScope({ view, priority }: PolicyEntry, newer: PolicyView | TieredPolicyView): boolean {
  if (selectorKey(view.subjects) !== selectorKey(newer.subjects)) return false;
  if (!('tier' in view)) return !('tier' in newer);
  if (!('tier' in newer)) return false;
  const sameNamespaces = selectorKey(view.namespaces) === selectorKey(newer.namespaces);
  return sameNamespaces && view.tier === newer.tier && priority === newer.priority;
}

/** Every atom that the policy's rules name, each once. */
export const atomsOf = (policy: PolicyEntry): ReadonlySet<Atom> =>
  new Set([...(policy.ingress ?? []), ...(policy.egress ?? [])].flatMap((rule) => rule.atoms));

/** Every port name that the policy's rules use. */
export const portNamesOf = (policy: PolicyEntry): ReadonlySet<string> =>
  new Set([...(policy.ingress ?? []), ...(policy.egress ?? [])].flatMap((rule) => rule.names));

interface RulePlace {
  readonly policy: PolicyEntry;
  readonly direction: 'ingress' | 'egress';
  readonly index: number;
  /** Namespace of the policy. */
  readonly own: string;
  readonly atoms: AtomTable;
}

function ruleOf(rule: RuleView | TieredRuleView, { policy, direction, index, own, atoms }: RulePlace): Rule {
  const peers = rule.peers === 'any' ? [] : rule.peers;
  const whole = wholesale(rule.peers);
  const list = atoms.lists.of(rule.ports);
  return {
    policy,
    reference: { policy: policy.key, direction, rule: index },
    action: 'action' in rule ? rule.action : 'allow',
    ...whole,
    atoms: atomsNamed(peers, own, atoms),
    list,
    ports: list.ports,
    names: list.names,
  };
}

/** The atoms of the peers, each once. */
function atomsNamed(peers: readonly PeerView[], own: string, atoms: AtomTable): readonly Atom[] {
  const named = peers.filter((peer) => !isWholesale(peer)).map((peer) => atoms.of(own, peer));
  return named.length < 2 ? named : [...new Set(named)];
}

/**
 * Families in which the peers are simply everybody: no peers at all, all pods of all namespaces, an ipBlock of length
 * zero without exceptions. Such peers split no group and need no entry of their own in the matrix.
 */
function wholesale(peers: RuleView['peers']): { readonly everyPod: number; readonly everyOutside: number } {
  if (peers === 'any') return { everyPod: BOTH_FAMILIES, everyOutside: BOTH_FAMILIES };
  let everyPod = 0;
  let everyOutside = 0;
  for (const peer of peers) {
    if (!isWholesale(peer)) continue;
    if (peer.kind === 'pods') everyPod = BOTH_FAMILIES;
    else if (peer.kind === 'block') {
      everyPod |= FAMILY_BIT[peer.cidr.family];
      everyOutside |= FAMILY_BIT[peer.cidr.family];
    }
  }
  return { everyPod, everyOutside };
}

const isEvery = (selector: Selector): boolean => selector.invalid !== true && selector.requirements.length === 0;

function isWholesale(peer: PeerView): boolean {
  if (peer.kind === 'block') return peer.cidr.length === 0 && peer.except.length === 0;
  return peer.kind === 'pods' && peer.namespaces !== 'own' && isEvery(peer.namespaces) && isEvery(peer.pods);
}
