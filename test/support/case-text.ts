import { stringify } from 'yaml';
import { snapshotOf } from '#model/kubernetes';
import { type Protocol, parseAddress } from '#model/net';
import { EMPTY_ALLOCATION } from '#model/policy';
import {
  compileOpen,
  type Endpoint,
  explainFlow,
  type FlowEnd,
  type NetworkPolicyObject,
  type SpecificationState,
  specificationAllows,
} from '#policy';
import type { GeneratedCluster } from './cluster-arbitrary.js';
import type { SmallCluster, SmallPod } from './small-cluster.js';
import { WIDE_POOL } from './verdict-table.js';

// Random clusters as cases that somebody can read, keep in test/regressions and play again.

type Objects = GeneratedCluster['objects'];

interface GeneratedPodFields {
  readonly spec: {
    readonly hostNetwork: boolean;
    readonly containers: readonly { readonly ports: SmallPod['ports'] }[];
  };
  readonly status: { readonly phase: string; readonly podIPs: readonly { readonly ip: string }[] };
}

/** The cluster in the form of a case by hand. */
export function caseOf(objects: Objects, title: string): SmallCluster {
  const pods = objects.pods.map((pod): [string, SmallPod] => {
    const { spec, status } = pod as unknown as GeneratedPodFields;
    const ports = spec.containers.flatMap((container) => container.ports ?? []);
    const workload = pod.metadata.ownerReferences?.[0]?.name;
    return [
      `${pod.metadata.namespace}/${pod.metadata.name}`,
      {
        ...(Object.keys(pod.metadata.labels ?? {}).length === 0 ? {} : { labels: pod.metadata.labels ?? {} }),
        ips: status.podIPs.map(({ ip }) => ip),
        ...(spec.hostNetwork ? { hostNetwork: true } : {}),
        ...(pod.metadata.deletionTimestamp === undefined ? {} : { terminating: true }),
        ...(status.phase === 'Running' ? {} : { phase: status.phase }),
        ...(ports.length === 0 ? {} : { ports }),
        ...(workload === undefined ? {} : { workload }),
      },
    ];
  });
  const nodes = objects.nodes.map(({ metadata, status }) => {
    const { addresses } = status as { readonly addresses: readonly { readonly address: string }[] };
    return [metadata.name, { labels: metadata.labels ?? {}, ips: addresses.map(({ address }) => address) }] as const;
  });
  return {
    title,
    namespaces: Object.fromEntries(objects.namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
    nodes: Object.fromEntries(nodes),
    pods: Object.fromEntries(pods),
    policies: Object.fromEntries(
      objects.policies.map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec as object]),
    ),
    tiered: Object.fromEntries(
      objects.tieredPolicies.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec as object]),
    ),
  };
}

/** The case as the text of a file of test/regressions. */
export const caseText = (cluster: SmallCluster): string =>
  stringify(cluster, { lineWidth: 120, aliasDuplicateObjects: false });

/** One packet that opens a connection in a random cluster: its ends by key and address. */
export interface CaseFlow {
  readonly source: { readonly key: string; readonly ip: string; readonly endpoint: Endpoint };
  readonly destination: { readonly key: string; readonly ip: string; readonly endpoint: Endpoint };
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}

/**
 * What a failing test prints: the case with the flow that must be open or closed, ready to be stored, and the rules that
 * admit the flow as the specification and as the compiler have it.
 */
export function failingCase(cluster: GeneratedCluster, flow: CaseFlow, expected: boolean): string {
  const { source, destination, protocol, port } = flow;
  const family = source.ip.includes(':') ? ' v6' : ' v4';
  const text = `${source.key} > ${destination.key} ${protocol} ${port}${family}`;
  const title = `${text} must be ${expected ? 'open' : 'closed'}`;
  const whole = { ...caseOf(cluster.objects, title), [expected ? 'open' : 'closed']: [text] };
  return [
    `${title}. To keep the case, store this in test/regressions/<name>.yaml:`,
    '',
    caseText(whole),
    `specification: ${specifiedBy(cluster.state, flow)}`,
    `compiler: ${compiledBy(cluster.objects, flow)}`,
  ].join('\n');
}

const LISTS = { egress: 'Egress', ingress: 'Ingress' } as const;

/** NetworkPolicy rules that admit the flow, each found by leaving all others out. */
export function specifiedBy(state: SpecificationState, { source, destination, protocol, port }: CaseFlow): string {
  const ends = {
    source: source.endpoint,
    sourceIp: source.ip,
    destination: destination.endpoint,
    destinationIp: destination.ip,
  };
  const allows = (policies: readonly NetworkPolicyObject[]): boolean =>
    specificationAllows({ namespaceLabels: state.namespaceLabels, policies }, { ...ends, protocol, port });
  return (['egress', 'ingress'] as const)
    .map((direction) => {
      const admitting: string[] = [];
      let isolated = false;
      for (const policy of state.policies) {
        const bare = { podSelector: policy.spec.podSelector ?? {}, policyTypes: [LISTS[direction]] };
        const types = policy.spec.policyTypes ?? [];
        const speaks =
          types.length > 0
            ? types.includes(LISTS[direction])
            : direction === 'ingress' || (policy.spec.egress ?? []).length > 0;
        if (!speaks || allows([{ ...policy, spec: bare }])) continue;
        isolated = true;
        for (const [index, rule] of (policy.spec[direction] ?? []).entries()) {
          const name = `${policy.metadata.namespace}/${policy.metadata.name} ${direction}[${index}]`;
          if (allows([{ ...policy, spec: { ...bare, [direction]: [rule] } }])) admitting.push(name);
        }
      }
      return `${direction} ${isolated ? `isolated, admitted by ${admitting.join(', ') || 'no rule'}` : 'not isolated'}`;
    })
    .join('; ');
}

function compiledBy(objects: Objects, { source, destination, protocol, port }: CaseFlow): string {
  const { compiler, compiled } = compileOpen(snapshotOf(objects, 1), EMPTY_ALLOCATION, WIDE_POOL);
  const end = ({ key, ip }: { readonly key: string; readonly ip: string }): FlowEnd =>
    compiled.membership.has(key) ? { kind: 'pod', key } : { kind: 'address', address: parseAddress(ip) };
  const told = explainFlow(compiler, {
    source: end(source),
    destination: end(destination),
    family: source.ip.includes(':') ? 6 : 4,
    protocol: protocol.toLowerCase() as Protocol,
    port,
  });
  return told === undefined ? 'knows no such ends' : JSON.stringify(told);
}
