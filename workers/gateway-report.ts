import { epgDn } from '#mappers';
import type { Finding } from '#model/policy';
import type { FabricSettings } from '#model/settings';
import type { ApicPort, ContractRow, GatewayState, GatewayStatus, GroupRow } from '#ports';
import type { ApplyWorker } from './apply-worker.js';
import type { ClusterMirror } from './cluster-mirror.js';
import type { CompileWorker } from './compile-worker.js';
import type { FabricMirror } from './fabric-mirror.js';
import type { PublishWorker } from './publish-worker.js';

/** Stands for the whole VRF (vzAny). */
const EVERYONE = '*';

/** Where the report looks. */
export interface ReportSources {
  readonly cluster: ClusterMirror;
  readonly fabric: FabricMirror;
  readonly compiler: CompileWorker;
  readonly applier: ApplyWorker;
  readonly publisher: PublishWorker;
  readonly apic: ApicPort;
  readonly settings: FabricSettings;
}

/** What the gateway knows, in the words of its users. */
export class GatewayReport implements GatewayState {
  readonly #sources: ReportSources;

  constructor(sources: ReportSources) {
    this.#sources = sources;
  }

  status(): GatewayStatus {
    const waitingFor = this.#waitingFor();
    return {
      converged: waitingFor.length === 0,
      waitingFor,
      revision: this.#sources.compiler.desired?.revision ?? 0,
      groups: this.groups().length,
      contracts: this.contracts().length,
      findings: this.findings().length,
      apicRequests: this.#sources.apic.requests(),
    };
  }

  groups(): readonly GroupRow[] {
    const desired = this.#sources.compiler.desired;
    return (desired?.compiled.groups ?? []).flatMap((group) => {
      if (group.kind !== 'pods') return [];
      const encap = group.vlan === undefined ? undefined : `vlan-${group.vlan}`;
      const epg = epgDn(this.#sources.settings, desired?.joined.of.get(group.name) ?? group.name);
      return [{ namespace: group.namespace, group: group.name, epg, encap, pods: group.members }];
    });
  }

  contracts(): readonly ContractRow[] {
    const contracts = this.#sources.compiler.desired?.fabric.contracts ?? [];
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

  findings(): readonly Finding[] {
    const { compiler, applier } = this.#sources;
    return [...(compiler.desired?.compiled.findings ?? []), ...applier.findings];
  }

  #waitingFor(): readonly string[] {
    const { cluster, fabric, compiler, applier, publisher } = this.#sources;
    const reasons = [...cluster.troubles];
    if (!cluster.synced) reasons.push('the first list of the Kubernetes objects');
    if (!fabric.trusted) reasons.push(`the APIC: ${fabric.trouble ?? 'not listed yet'}`);
    for (const dn of applier.missing)
      reasons.push(`${dn}: an admin should have made it (own: false), and it is not there`);
    if (reasons.length > 0) return reasons;
    if (compiler.desired?.revision !== cluster.revision) return ['the compilation of the last change'];
    if (!applier.settled) reasons.push('the APIC to take the last changes');
    if (!publisher.settled) reasons.push('the policy store to take the last changes');
    return reasons;
  }
}
