import { faultFindings, foreignVrfFindings } from '#fabric';
import { epgDn, generalLimits } from '#mappers';
import type { NodePolicy } from '#model/node';
import type { CompiledPolicy, Finding } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { ApicPort, ContractRow, GatewayState, GatewayStatus, GroupRow, MirrorStatus } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { ClusterMirror } from './cluster-mirror.js';
import type { CompileWorker } from './compile-worker.js';
import type { DriftWorker } from './drift-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import { podVrf } from './inventory/pod-vrf.js';
import type { PublishWorker } from './publish-worker.js';

/** Stands for the whole VRF (vzAny). */
const EVERYONE = '*';

/** What keeps the fabric from being as desired. */
const unsettledBy = ({ hasPending, hostsFollowInMs }: Pick<ApplyWorker, 'hasPending' | 'hostsFollowInMs'>): string =>
  !hasPending && hostsFollowInMs !== undefined
    ? 'the hosts to put all pods on the VLANs of their new groups'
    : 'the APIC to take the last changes';

/** What keeps the last change from being compiled. */
const compilationOf = ({ awaited }: Pick<ClusterMirror, 'awaited'>): string =>
  awaited.length === 0
    ? 'the compilation of the last change'
    : `Kubernetes to tell again what it has of ${awaited.join(', ')}, before anything is changed for what it told of the rest`;

/** Dn of the tenant that the gateway should own and somebody else has: then nothing at all is as desired. */
const takenTenant = ({ code, object }: Finding): readonly string[] => {
  const [, dn] = /^ACI\/(uni\/tn-[^/]+)$/.exec(object) ?? [];
  return code === 'NAME_IN_USE' && dn !== undefined ? [dn] : [];
};

/** Where the report looks. */
export interface ReportSources {
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly compiler: CompileWorker;
  readonly applier: ApplyWorker;
  readonly drift: DriftWorker;
  readonly publisher: PublishWorker;
  readonly apic: ApicPort;
  readonly settings: FabricSettings;
  /** What the inventory of the fabric says of our objects. */
  readonly upFindings?: () => readonly Finding[];
  readonly delegation?: { readonly trouble: () => string | undefined } | undefined;
}

/** What the gateway knows, in the words of its users. */
export class GatewayReport implements GatewayState {
  readonly #sources: ReportSources;

  constructor(sources: ReportSources) {
    this.#sources = sources;
  }

  readiness(): Pick<GatewayStatus, 'converged' | 'waitingFor'> {
    const waitingFor = this.#waitingFor();
    return { converged: waitingFor.length === 0, waitingFor };
  }

  status(): GatewayStatus {
    return {
      ...this.readiness(),
      revision: this.#sources.compiler.desired?.revision ?? 0,
      groups: this.groups().length,
      contracts: this.contracts().length,
      findings: this.findings().length,
      apicRequests: this.#sources.apic.requests(),
      audits: this.#sources.compiler.audits,
      planAudits: this.#sources.applier.audits,
      mirror: this.#mirror(),
      drift: this.#sources.drift.driftCounts,
    };
  }

  #mirror(): MirrorStatus {
    const { size, relists } = this.#sources.fabric;
    const { lists, added, changed, removed } = relists;
    return { ...size, lists, missed: added + changed + removed };
  }

  groups(): readonly GroupRow[] {
    const { desired } = this.#sources.compiler;
    if (desired === undefined) return [];
    const { compiled, encoding, joined, nodes } = desired;
    const byGroup = encoding.kind === 'path' ? encapsByGroup(nodes.values()) : undefined;
    return compiled.groups.flatMap((group) => {
      if (group.kind !== 'pods') return [];
      const vlan = encoding.vlan(group.name, undefined);
      const encap = vlan === undefined ? undefined : `vlan-${vlan}`;
      const epg = epgDn(this.#sources.settings, joined.of.get(group.name) ?? group.name);
      const row = { namespace: group.namespace, group: group.name, epg, encap, pods: group.members };
      return [byGroup === undefined ? row : { ...row, encapByNode: byGroup.get(group.name) ?? {} }];
    });
  }

  contracts(): readonly ContractRow[] {
    const contracts = this.#sources.compiler.desired?.contracts ?? [];
    return contracts.map(({ name, providers, consumers, inside, wholeVrf, connections, sources }) => ({
      name,
      provider: inside ?? [...providers].sort()[0] ?? EVERYONE,
      providers: wholeVrf === 'provides' || wholeVrf === 'both' ? [EVERYONE] : [...providers].sort(),
      consumers: wholeVrf === 'consumes' || wholeVrf === 'both' ? [EVERYONE] : [...consumers].sort(),
      intra: inside !== undefined,
      connections,
      sources,
    }));
  }

  /** What matters most comes first: the limits that every fabric has must not hide an error. */
  findings(): readonly Finding[] {
    const { compiler, applier, fabric, settings } = this.#sources;
    const compiled = compiler.desired?.compiled;
    const all = [
      ...(compiled?.findings ?? []),
      ...applier.findings,
      ...(this.#sources.upFindings?.() ?? []),
      ...(compiled === undefined
        ? []
        : foreignVrfFindings(fabric.objects, foreignDns(compiled), podVrf(fabric.objects, settings))),
      ...faultFindings(fabric.faults, fabric.objects, settings.clusterId),
      ...(compiled === undefined ? [] : generalLimits(compiled, settings)),
    ];
    return (['error', 'warning', 'info'] as const).flatMap((severity) =>
      all.filter((finding) => finding.severity === severity),
    );
  }

  /** What is not there, or not the gateway's: without it nothing can be right. */
  #waitingForOthers(): string[] {
    const { cluster, fabric, applier } = this.#sources;
    const reasons = [...cluster.troubles];
    if (!cluster.synced) reasons.push('the first list of the Kubernetes objects');
    if (!fabric.trusted) reasons.push(`the APIC: ${fabric.trouble ?? 'not listed yet'}`);
    for (const dn of applier.missing)
      reasons.push(`${dn}: an admin should have made it (own: false), and it is not there`);
    for (const dn of applier.findings.flatMap(takenTenant))
      reasons.push(`${dn}: it is somebody else's, and the gateway should own it (own: true); nothing is written to it`);
    return reasons;
  }

  #waitingFor(): readonly string[] {
    const { cluster, compiler, applier, publisher, delegation } = this.#sources;
    const reasons = this.#waitingForOthers();
    if (reasons.length > 0) return reasons;
    if (compiler.awaitsAddresses) return ['the addresses that the fabric knows of the groups in fabric.foreignEpgs'];
    if (compiler.desired?.revision !== cluster.revision) return [compilationOf(cluster)];
    const { waiting } = applier;
    if (waiting !== undefined) {
      reasons.push(`approval of the deletion of ${waiting.objects} objects: acigw approve ${waiting.hash}`);
    }
    // The slices of a large cluster are work: nobody asks for them before the fabric is right.
    if (!applier.settled) reasons.push(unsettledBy(applier));
    else if (!publisher.settled) reasons.push('the policy store to take the last changes');
    const trouble = reasons.length > 0 ? delegation?.trouble() : undefined;
    if (trouble !== undefined) reasons.push(`workers: ${trouble}`);
    return reasons;
  }
}

/** Dns of admins' groups that the policy speaks of. */
const foreignDns = ({ groups }: CompiledPolicy): readonly string[] =>
  groups.flatMap((group) => (group.kind === 'foreign' || group.kind === 'nodes' ? [group.dn] : []));

/** Encapsulation of each group on each node that has pods of it. */
function encapsByGroup(policies: Iterable<NodePolicy>): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const byGroup = new Map<string, Record<string, string>>();
  for (const { node, endpoints } of policies) {
    for (const { group, vlan } of endpoints) {
      if (vlan === undefined) continue;
      const encaps = byGroup.get(group) ?? {};
      encaps[node] = `vlan-${vlan}`;
      byGroup.set(group, encaps);
    }
  }
  return byGroup;
}
