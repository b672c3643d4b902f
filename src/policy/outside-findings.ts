import type { Finding } from '#model/policy';
import type { PolicyCompiler } from './compiler.js';
import type { AddressAtom, OutsideParty, PolicyEntry, Rule } from './parties.js';

/** What the user must know about rules by address: what the fabric cannot cut, and whose address a leaf sees. */
export const outsideFindings = (compiler: PolicyCompiler): readonly Finding[] => [
  ...splitEpgs(compiler),
  ...[...compiler.policies.entries()].flatMap((policy) => [...hiddenSources(policy), ...nodePeers(compiler, policy)]),
];

/**
 * Peers by address that cut an admin's EPG, of VMs or of the nodes: the fabric permits the union to the whole EPG, the
 * host agents enforce the rest (policy.md §3.11, IPBLOCK_SPLITS_EPG and NODE_SPLIT).
 */
function splitEpgs({ groups, nodes, parties }: PolicyCompiler): readonly Finding[] {
  const seen = new Set<string>();
  const split = new Set<string>();
  for (const group of groups.all()) {
    if (group.kind === 'pods') continue;
    const [first] = group.parties;
    if (first?.foreignDn === undefined) continue;
    // One region a family is the whole EPG; a second one is a part of it.
    const key = `${first.family} ${first.foreignDn}`;
    if (seen.has(key)) split.add(first.foreignDn);
    seen.add(key);
  }
  return [...split].map((dn) => {
    const cutting = policiesCutting(parties.outside().filter((party) => party.foreignDn === dn));
    const ofNodes = dn === nodes.epgDn;
    return {
      code: ofNodes ? 'NODE_SPLIT' : 'IPBLOCK_SPLITS_EPG',
      severity: 'warning',
      object: `EPG/${dn}`,
      message: `policies treat parts of this EPG${ofNodes ? ' of the nodes' : ''} differently by address (${listed(cutting)}); the fabric permits the union, the host agents enforce the rest`,
    };
  });
}

/** Policies with a peer that holds some regions of the EPG and not others of the same family. */
function policiesCutting(regions: readonly OutsideParty[]): readonly string[] {
  const policies = new Set<string>();
  for (const family of [4, 6] as const) {
    const own = regions.filter((region) => region.family === family);
    const holding = new Map<AddressAtom, number>();
    for (const atom of own.flatMap(({ blocks }) => blocks.atoms)) holding.set(atom, (holding.get(atom) ?? 0) + 1);
    for (const [{ users }, count] of holding) {
      if (count < own.length) for (const policy of users) policies.add(policy.key);
    }
  }
  return [...policies].sort();
}

/** As many as a message has room for. */
const SHOWN = 5;

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;

/**
 * Sources by address, which whoever rewrites addresses on the way hides (policy.md N16; §3.11, SNAT_LB): a Service that
 * is reached through another node, a load balancer. Sources that hold every address do not depend on it.
 */
function hiddenSources(policy: PolicyEntry): readonly Finding[] {
  if (policy.parties.size === 0) return [];
  const rules = rulesWith(policy.ingress, 'block');
  if (rules.length === 0) return [];
  const message = `${placesOf('ingress', rules)}: matches the source address that arrives at the pod's node. Through a NodePort or LoadBalancer Service with externalTrafficPolicy: Cluster that is a node's, not the client's`;
  return [{ code: 'SNAT_LB', severity: 'info', object: policy.key, message }];
}

/**
 * Peers that name nodes (policy.md §3.11, CNP_NODES): exact on the hosts as far as nodes and addresses are known; in the
 * fabric by the EPG of the nodes, and without one as if they were behind the L3Out.
 */
function nodePeers({ nodes }: PolicyCompiler, policy: PolicyEntry): readonly Finding[] {
  return (['ingress', 'egress'] as const).flatMap((direction): readonly Finding[] => {
    const rules = rulesWith(policy[direction], 'nodes');
    if (rules.length === 0) return [];
    const selectors = rules.flatMap(({ atoms }) =>
      atoms.flatMap((atom) => (atom.kind === 'nodes' ? [atom.nodes] : [])),
    );
    const unknown = [...new Set(selectors.flatMap((selector) => nodes.withoutAddress(selector)))];
    const place = placesOf(direction, rules);
    const finding = { code: 'CNP_NODES', object: policy.key } as const;
    if (nodes.size === 0 || unknown.length > 0) {
      const what = nodes.size === 0 ? 'no Node object is known' : `no address is known of ${listed(unknown)}`;
      return [{ ...finding, severity: 'warning', message: `${place}: ${what}; what is unknown matches nothing` }];
    }
    if (nodes.epgDn !== undefined) return [];
    const message = `${place}: stands for the addresses that the nodes have now; the fabric knows them only behind the L3Out. Name the EPG of the nodes in fabric.nodes`;
    return [{ ...finding, severity: 'info', message }];
  });
}

const rulesWith = (rules: readonly Rule[] | undefined, kind: AddressAtom['kind']): readonly Rule[] =>
  (rules ?? []).filter(({ atoms }) => atoms.some((atom) => atom.kind === kind));

const placesOf = (direction: 'ingress' | 'egress', rules: readonly Rule[]): string =>
  listed(
    rules.map(({ reference }) => `spec.${direction}[${reference.rule}].${direction === 'ingress' ? 'from' : 'to'}`),
  );
