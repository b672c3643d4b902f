import type { Finding } from '#model/policy';
import type { ContractRow, GroupRow } from '#ports';
import { listCell, renderTable } from '../table.js';

/** What `npm start -- --output json` prints on one line. Stable: scripts read it. */
export interface DemoResult {
  readonly kubernetesUrl: string;
  readonly apicUrl: string;
  readonly apicUser: string;
  readonly apicPassword: string;
  readonly gatewayUrl: string;
  readonly groups: readonly GroupRow[];
  readonly contracts: readonly ContractRow[];
  readonly seconds: number;
  readonly apicRequests: number;
}

/** Prints the result on stdout: one JSON line for scripts, or URLs and tables for people. */
export function printResult(result: DemoResult, findings: readonly Finding[], output: 'text' | 'json'): void {
  process.stdout.write(output === 'json' ? `${JSON.stringify(result)}\n` : `${resultText(result, findings)}\n`);
}

function resultText(result: DemoResult, findings: readonly Finding[]): string {
  const urls = [
    `Kubernetes API  ${result.kubernetesUrl}   kubectl --server ${result.kubernetesUrl} get pods -A`,
    `APIC            ${result.apicUrl}   user ${result.apicUser}, password ${result.apicPassword}`,
    `gateway API     ${result.gatewayUrl}   ${result.gatewayUrl}/api/v1/status`,
  ];
  const counts = `${result.groups.length} groups, ${result.contracts.length} contracts, ${result.apicRequests} APIC requests, ${result.seconds.toFixed(1)} s`;
  const grave = findings.filter((finding) => finding.severity !== 'info');
  const notes = findings.length - grave.length;
  return [
    '',
    ...urls,
    '',
    groupTable(result.groups),
    '',
    contractTable(result.contracts),
    ...(grave.length === 0 ? [] : ['', findingTable(grave)]),
    '',
    ...(notes === 0
      ? []
      : [`${notes} notes on what a fabric without connection state cannot say: ${result.gatewayUrl}/api/v1/findings`]),
    counts,
  ].join('\n');
}

const groupTable = (groups: readonly GroupRow[]): string =>
  renderTable(
    ['NAMESPACE', 'GROUP', 'EPG', 'VLAN', 'PODS'],
    groups.map(({ namespace, group, epg, encap, pods }) => [
      namespace ?? 'any',
      group,
      epg,
      encap ?? 'none left',
      listCell(pods.map((pod) => pod.slice(namespace === undefined ? 0 : namespace.length + 1))),
    ]),
  );

const contractTable = (contracts: readonly ContractRow[]): string =>
  renderTable(
    ['CONTRACT', 'PROVIDER', 'OPENS', 'CONSUMERS'],
    contracts.map(({ name, provider, providers, connections, consumers, intra }) => [
      name,
      listCell(providers.length === 0 ? [provider] : providers),
      connections,
      listCell(intra ? [...consumers, '(among themselves)'] : consumers),
    ]),
  );

const findingTable = (findings: readonly Finding[]): string =>
  renderTable(
    ['FINDING', 'OBJECT', 'MESSAGE'],
    findings.map(({ code, object, message }) => [code, object, message]),
  );
