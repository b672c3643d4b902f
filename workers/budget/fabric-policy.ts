import type { CapacityUse } from '#fabric';
import { type DesiredFabric, type Encoding, encodePolicy, fabricOf, pathGroups } from '#mappers';
import type { ClusterSnapshot } from '#model/kubernetes';
import type { CompiledPolicy, GroupName } from '#model/policy';
import type { JoinedGroups } from '#policy';
import { type BudgetMemory, type FitContext, fitToBudget } from './fit.js';

/** A policy as the hosts and the fabric have it. */
export interface FabricPolicy {
  /** What the hosts enforce: every group by itself. Findings say what was done for the fabric. */
  readonly hosts: CompiledPolicy;
  /** How the groups of the hosts are told to the fabric. */
  readonly encoding: Encoding;
  readonly joined: JoinedGroups;
  readonly fabric: DesiredFabric;
  /** What it takes of the fabric. */
  readonly forecast: readonly CapacityUse[];
  readonly memory: BudgetMemory;
}

/** Fits the policy into the fabric, gives its groups VLANs and maps it to managed objects. Pure. */
export function fabricPolicy(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  context: Omit<FitContext, 'paths'>,
): FabricPolicy {
  const { settings } = context;
  const {
    hosts,
    joined,
    mapper,
    memory,
    forecast,
    fabric: fitted,
  } = fitToBudget(compiled, {
    ...context,
    paths: pathGroups(compiled, snapshot, settings),
  });
  const encoded = encodePolicy({ ...fitted, findings: [] }, snapshot, settings);
  const fabric = fabricOf(mapper, settings, encoded.encoding);
  return {
    hosts: {
      ...hosts,
      allocation: encoded.compiled.allocation,
      findings: [...hosts.findings, ...encoded.compiled.findings],
    },
    encoding: ofParts(encoded.encoding, joined),
    joined,
    fabric,
    forecast,
    memory,
  };
}

/** The encoding for groups that are parts of the fabric's: each has the VLAN of the one that it is in. */
export function ofParts(encoding: Encoding, { of }: JoinedGroups): Encoding {
  const nameOf = (group: GroupName): GroupName => of.get(group) ?? group;
  return {
    ...encoding,
    vlan: (group, host) => encoding.vlan(nameOf(group), host),
    bind: (group, host) => encoding.bind(nameOf(group), host),
    member: (pod, group) => encoding.member(pod, nameOf(group)),
  };
}
