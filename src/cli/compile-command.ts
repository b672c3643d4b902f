import {
  type Configuration,
  defaultConfiguration,
  fabricSettings,
  foreignEpgs,
  loadConfiguration,
  nodeEpg,
} from '#config';
import type { CapacityUse } from '#fabric';
import { type Encoding, epgDn, generalLimits, groupPools } from '#mappers';
import { toWire } from '#model/aci';
import {
  addressTexts,
  type ClusterSnapshot,
  expandWorkloads,
  type KubernetesObject,
  policyInputs,
  snapshotOf,
} from '#model/kubernetes';
import { type Allocation, type CompiledPolicy, EMPTY_ALLOCATION, type Finding, type FindingCode } from '#model/policy';
import { compileOpen, policiesOf } from '#policy';
import { fabricPolicy } from '#workers';
import { readAllocation, writeAllocation } from './allocation-file.js';
import { EXIT } from './exit-codes.js';
import { loadManifests, type Manifests } from './manifests.js';
import { offlineGrants } from './offline-grants.js';
import { renderTable } from './table.js';

/** Arguments of `acigw compile`. */
export interface CompileArguments {
  /** File, folder, or `-` for standard input. */
  readonly from: string;
  readonly config?: string;
  readonly ignoreUnknownKinds: boolean;
  /** File that keeps names and VLANs from one run to the next. */
  readonly allocation?: string;
}

/** Version of the output's form; a field may be added under it, never changed or removed. */
export const COMPILE_SCHEMA = 'acigw.compile/v1';

/** One pod of the output. */
interface EndpointRow {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string | null;
  readonly ips: readonly string[];
  readonly groupDn: string;
  readonly encap: string | null;
}

/** What `acigw compile` prints; described in docs/cli.md. */
export interface CompileOutput {
  readonly schema: typeof COMPILE_SCHEMA;
  readonly managedObjects: object;
  readonly endpoints: readonly EndpointRow[];
  readonly findings: readonly Finding[];
  /** What the managed objects take of the fabric. */
  readonly forecast: readonly CapacityUse[];
}

/** Findings that say that an input was not taken as it is. */
export const INPUT_CODES: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'UNPARSABLE_DOCUMENT',
  'UNKNOWN_KIND',
  'INVALID_OBJECT',
  'INVALID_CIDR',
  'INVALID_SELECTOR',
  'INVALID_PORT',
  'INVALID_PEER',
  'DUPLICATE_OBJECT',
  'POD_WITHOUT_IP',
  'NAME_SHORTENED',
  'VLANS_EXHAUSTED',
  'VNIS_EXHAUSTED',
  'NODE_WITHOUT_PATH',
]);

/** Compiles manifests offline. Gives the output and the exit code: 2 when some input was not taken as it is. */
export function compileManifests(given: CompileArguments): {
  readonly output: CompileOutput;
  readonly exitCode: number;
} {
  const configuration = given.config === undefined ? defaultConfiguration() : loadConfiguration(given.config);
  const manifests = loadManifests(given.from, { ignoreUnknownKinds: given.ignoreUnknownKinds });
  const snapshot = snapshotOfObjects(expandWorkloads(manifests.objects), configuration);
  const remembered = given.allocation === undefined ? EMPTY_ALLOCATION : readAllocation(given.allocation);
  const { output, allocation } = outputOf(configuration, { snapshot, manifests, remembered });
  if (given.allocation !== undefined) writeAllocation(given.allocation, allocation);
  const refused = output.findings.some((finding) => INPUT_CODES.has(finding.code));
  return { output, exitCode: refused ? EXIT.badInput : EXIT.ok };
}

/** What the managed objects take of the fabric, as a table for people. */
export function forecastText({ forecast }: CompileOutput): string {
  const rows = forecast.map(({ resource, used, limit }) => [
    resource,
    `${used}`,
    `${limit}`,
    `${Math.ceil((100 * used) / limit)} %`,
  ]);
  return `${renderTable(['RESOURCE', 'USED', 'LIMIT', 'SHARE'], rows)}\n`;
}

interface CompileInput {
  readonly snapshot: ClusterSnapshot;
  readonly manifests: Manifests;
  readonly remembered: Allocation;
}

function outputOf(
  configuration: Configuration,
  { snapshot, manifests, remembered }: CompileInput,
): { readonly output: CompileOutput; readonly allocation: Allocation } {
  const settings = fabricSettings(configuration);
  const { compiler, compiled } = compileOpen(snapshot, remembered, {
    ...groupPools(settings),
    foreignEpgs: foreignEpgs(configuration),
    nodeEpg: nodeEpg(configuration),
  });
  const context = { settings, policiesOf: policiesOf(compiler) };
  const { hosts, encoding, joined, fabric, forecast } = fabricPolicy(compiled, snapshot, context);
  const output = {
    schema: COMPILE_SCHEMA,
    managedObjects: toWire(fabric.tree),
    endpoints: endpointRows(hosts, snapshot, {
      encoding,
      dnOf: (group) => epgDn(settings, joined.of.get(group) ?? group),
    }),
    findings: [
      ...manifests.findings,
      ...hosts.findings.map((finding) => placed(finding, manifests)),
      ...generalLimits(hosts, settings),
    ],
    forecast,
  } as const;
  return { output, allocation: hosts.allocation };
}

function endpointRows(
  compiled: CompiledPolicy,
  snapshot: ClusterSnapshot,
  { encoding, dnOf }: { readonly encoding: Encoding; readonly dnOf: (group: string) => string },
): readonly EndpointRow[] {
  return [...compiled.membership].flatMap(([key, group]) => {
    const pod = snapshot.pods.get(key);
    if (pod === undefined) return [];
    const vlan = encoding.vlan(group, pod.node);
    return [
      {
        namespace: pod.namespace,
        pod: pod.name,
        node: pod.node ?? null,
        ips: addressTexts(pod),
        groupDn: dnOf(group),
        encap: vlan === undefined ? null : `vlan-${vlan}`,
      },
    ];
  });
}

/** Puts the file and line of the object before a finding's message. */
export function placed(finding: Finding, { places }: Manifests): Finding {
  const place = places.get(finding.object);
  return place === undefined ? finding : { ...finding, message: `${place}: ${finding.message}` };
}

/** The snapshot of the objects that policies depend on, with what the configuration lets FabricPolicies ask for. */
export const snapshotOfObjects = (
  objects: readonly KubernetesObject[],
  configuration: Configuration,
): ClusterSnapshot => snapshotOf(policyInputs(objects), 1, offlineGrants(configuration));
