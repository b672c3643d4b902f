import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, runAcigw } from '#support/run-command';

const NAMES = ['a', 'b', 'c', 'd'] as const;

const pod = (name: string, index: number): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }
spec: { nodeName: node-1, containers: [{ name: c, image: none }] }
status: { phase: Running, podIPs: [{ ip: 10.244.0.${index + 1} }] }
`;

/** Lets each in from the one before it. */
const policy = (name: string, index: number): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec:
  podSelector: { matchLabels: { app: ${name} } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: ${NAMES[(index + 3) % 4]} } } }], ports: [{ port: 80 }] }]
`;

const INPUT = [...NAMES.map(pod), ...NAMES.map(policy)].join('---\n');

/** Codes of findings that are about limits, each once. */
const codesOf = ({ findings }: Output): readonly string[] =>
  [...new Set(findings.filter(isParticular).map(({ code }) => code))].sort();

/** Not a limit of every fabric, nor of one without state. */
const isParticular = ({ code, object }: Output['findings'][number]): boolean =>
  !object.startsWith('Cluster/') && code !== 'UDP_REVERSE' && code !== 'SCTP_PORTS';

interface Output {
  readonly endpoints: readonly { readonly pod: string; readonly groupDn: string; readonly encap: string | null }[];
  readonly findings: readonly { readonly code: string; readonly object: string; readonly message: string }[];
  readonly forecast: readonly { readonly resource: string; readonly used: number; readonly limit: number }[];
}

describe('acigw compile: what the objects take of the fabric', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-budget-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  async function run(command: string, fabric: string, args: readonly string[] = []): Promise<CommandResult> {
    const file = join(folder, 'acigw.yaml');
    writeFileSync(file, `fabric: ${fabric}\n`);
    return runAcigw([command, '--from', '-', '--config', file, ...args], INPUT);
  }

  const compiled = async (fabric: string): Promise<Output> => {
    const { exitCode, stdout, stderr } = await run('compile', fabric);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout) as Output;
  };

  it('lists each resource with its limit', async () => {
    const output = await compiled('{ limits: { contracts: 77 }, hostPortsPerLeaf: 3 }');
    const rows = Object.fromEntries(output.forecast.map(({ resource, used, limit }) => [resource, [used, limit]]));
    assert.deepEqual(rows['endpointGroups'], [4, 15_000]);
    assert.deepEqual(rows['portVlansPerLeaf'], [12, 64_000]);
    assert.equal(rows['contracts']?.[1], 77);
    assert.deepEqual(codesOf(output), []);
  });

  it('prints a table for people', async () => {
    const { stdout } = await run('compile', '{}', ['--output', 'text']);
    assert.match(stdout, /^RESOURCE +USED +LIMIT +SHARE\nvlanPool +4 +2500 +1 %\n/);
  });

  it('permits established TCP for the whole VRF when rules are too many', async () => {
    const { forecast } = await compiled('{}');
    const entries = forecast.find(({ resource }) => resource === 'policyEntriesPerLeaf')?.used ?? 0;
    const tight = await compiled(`{ limits: { policyEntriesPerLeaf: ${entries - 1} } }`);
    assert.deepEqual(codesOf(tight), ['ACK_PROBE', 'LIMIT']);
    const never = await compiled(`{ vzAnyContracts: never, limits: { policyEntriesPerLeaf: ${entries - 5} } }`);
    assert.deepEqual(codesOf(never), ['FABRIC_APPROXIMATED', 'LIMIT']);
  });

  it('puts pods of groups that are joined into one EPG, and names their policies', async () => {
    const { endpoints, findings } = await compiled('{ vlanPool: { from: 100, to: 100 } }');
    assert.equal(endpoints.length, 4);
    assert.deepEqual([...new Set(endpoints.map(({ encap }) => encap))], ['vlan-100']);
    assert.equal(new Set(endpoints.map(({ groupDn }) => groupDn)).size, 1);
    const objects = findings.filter(({ code }) => code === 'FABRIC_APPROXIMATED').map(({ object }) => object);
    assert.deepEqual(
      objects,
      NAMES.map((name) => `NetworkPolicy/shop/${name}`),
    );
  });

  it('verify proves it, and says how much more the fabric permits', async () => {
    const { exitCode, stdout } = await run('verify', '{ limits: { endpointGroups: 2 } }');
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /FABRIC_APPROXIMATED: at \d+ points the fabric permits more; the hosts are exact/);
  });

  it('explain names the reason', async () => {
    const args = ['shop/a', 'shop/c', 'TCP/80'];
    const { exitCode, stdout } = await run('explain', '{ limits: { endpointGroups: 1 } }', args);
    assert.equal(exitCode, 1, 'the hosts deny it');
    assert.match(stdout, /FABRIC_APPROXIMATED/);
  });
});
