import type { ClusterSnapshot } from '#model/kubernetes';
import { aciName } from '#model/naming';
import { formatPrefix, type IpFamily } from '#model/net';
import type { Allocation, CompiledPolicy, Finding, Group, Permit, PodGroup } from '#model/policy';
import { type Allocated, allocate, type VlanPool } from './allocate.js';
import { type ExternalRegion, externalRegions, type ForeignEpg } from './external-regions.js';
import { policyFindings } from './findings.js';
import { type Part, partsOf, shortenedNames } from './grouping.js';
import { type Cell, matrix, type Party } from './matrix.js';
import { mergeOutside } from './merge-outside.js';
import { peerAtoms } from './peer-atoms.js';
import { SignatureReader } from './signature.js';

/** What the compiler needs to know beside the cluster. */
export interface CompileOptions {
  readonly vlanPool: VlanPool;
  /** EPGs of VMs and bare metal in the same VRF that policies may reach by their addresses. */
  readonly foreignEpgs: readonly ForeignEpg[];
}

/**
 * Compiles the cluster's NetworkPolicies into groups and permits (policy.md §3). Pure: equal inputs give equal results.
 * Nothing throws for bad input: what cannot be used is a finding, and everything else is compiled.
 */
export function compile(
  snapshot: ClusterSnapshot,
  remembered: Allocation,
  { vlanPool, foreignEpgs }: CompileOptions,
): CompiledPolicy {
  const policies = [...snapshot.policies.values()];
  const atoms = peerAtoms(policies);
  const signatures = new SignatureReader(snapshot, policies, atoms);
  const parts = partsOf({ snapshot, policies, atoms, signatures });
  const allocated = allocate(parts, [...snapshot.namespaces.keys()], remembered, vlanPool);
  const inside: Party[] = parts.map((part) => ({
    kind: 'pods',
    name: allocated.names.get(part) ?? part.base,
    signature: part.signature,
  }));
  const regions = externalRegions(atoms.blocks, familiesIn(parts), foreignEpgs);
  const outside: Party[] = regions.map((region) => ({ kind: 'outside', name: '', region }));
  const parties = [...inside, ...outside];
  const cells = matrix({ parties, policies, atoms });
  // Before outside parties are merged: afterwards a region no longer says which blocks hold each of its prefixes.
  const found = policyFindings({ snapshot, policies, atoms, parties, cells });
  const merged = mergeOutside(parties, cells);
  const named = { parties: nameOutside(merged.parties), cells: merged.cells };
  return {
    groups: groupsOf(snapshot, parts, allocated, named.parties),
    membership: allocated.allocation.membership,
    permits: permitsOf(named.parties, named.cells),
    findings: [
      ...snapshot.findings,
      ...shortenedNames(parts),
      ...allocated.findings,
      ...found,
      ...splitForeign(named.parties),
    ],
    allocation: allocated.allocation,
  };
}

const familiesIn = (parts: readonly Part[]): readonly IpFamily[] =>
  ([4, 6] as const).filter((family) => parts.some((part) => part.signature.families.includes(family)));

/** Names outside parties after their lowest prefix: stable under changes elsewhere, and readable. */
function nameOutside(parties: readonly Party[]): readonly Party[] {
  const dnCounts = new Map<string, number>();
  return parties.map((party) => {
    if (party.kind === 'pods') return party;
    const { foreignDn } = party.region;
    if (foreignDn === undefined) return { ...party, name: aciName(`ext-${prefixName(party.region)}`) };
    const count = (dnCounts.get(foreignDn) ?? 0) + 1;
    dnCounts.set(foreignDn, count);
    const name = `foreign-${foreignDn.replace(/^uni\//, '').replaceAll('/', '.')}`;
    return { ...party, name: count === 1 ? name : `${name}.${prefixName(party.region)}` };
  });
}

/** `10.0.0.0-8`: a slash is not legal in an ACI name. */
function prefixName(region: ExternalRegion): string {
  const [lowest] = region.prefixes;
  return lowest === undefined ? 'none' : formatPrefix(lowest).replace('/', '-');
}

function groupsOf(
  snapshot: ClusterSnapshot,
  parts: readonly Part[],
  allocated: Allocated,
  parties: readonly Party[],
): readonly Group[] {
  const podGroups = new Map<string, PodGroup>();
  for (const namespace of snapshot.namespaces.keys()) {
    const vlan = allocated.vlans.get(namespace);
    podGroups.set(namespace, { kind: 'pods', name: namespace, namespace, workload: undefined, members: [], vlan });
  }
  for (const part of parts) {
    const name = allocated.names.get(part) ?? part.base;
    const { namespace, workload, members } = part;
    podGroups.set(name, { kind: 'pods', name, namespace, workload, members, vlan: allocated.vlans.get(name) });
  }
  const sorted = [...podGroups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...sorted, ...parties.flatMap(outsideGroup)];
}

function outsideGroup(party: Party): readonly Group[] {
  if (party.kind === 'pods') return [];
  const { family, foreignDn, prefixes } = party.region;
  if (foreignDn === undefined) return [{ kind: 'external', name: party.name, family, prefixes }];
  return [{ kind: 'foreign', name: party.name, dn: foreignDn, prefixes }];
}

function permitsOf(parties: readonly Party[], cells: readonly Cell[]): readonly Permit[] {
  return cells
    .map(({ source, destination, family, connections, why }) => ({
      source: parties[source]?.name ?? '',
      destination: parties[destination]?.name ?? '',
      family,
      connections,
      why,
    }))
    .sort((a, b) => compare(a.source, b.source) || compare(a.destination, b.destination));
}

/** An ipBlock that cuts a foreign EPG: the fabric permits the union, the pods' agents enforce the rest (policy.md §3.11). */
function splitForeign(parties: readonly Party[]): readonly Finding[] {
  const seen = new Set<string>();
  const split = new Set<string>();
  for (const party of parties) {
    if (party.kind === 'pods' || party.region.foreignDn === undefined) continue;
    // One region a family is the whole EPG; a second one is a part of it.
    const key = `${party.region.family} ${party.region.foreignDn}`;
    if (seen.has(key)) split.add(party.region.foreignDn);
    seen.add(key);
  }
  return [...split].map((dn) => ({
    code: 'IPBLOCK_SPLITS_EPG',
    severity: 'warning',
    object: `EPG/${dn}`,
    message:
      'policies treat parts of this EPG differently by address; the fabric permits the union, the host agents enforce the rest',
  }));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
