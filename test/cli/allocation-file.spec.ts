import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { encodePolicy, groupPools } from '#mappers';
import { snapshotOf } from '#model/kubernetes';
import { EMPTY_ALLOCATION } from '#model/policy';
import { compile } from '#policy';
import { clusterArbitrary } from '#support/cluster-arbitrary';
import { runAcigw } from '#support/run-command';
import { OWN_FABRIC } from '#support/settings';
import { formatAllocation, parseAllocation } from '../../src/cli/allocation-file.js';

const pod = (namespace: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: ${namespace} }
spec: { containers: [{ name: c, image: none }] }
status: { phase: Running, podIP: 10.0.0.${namespace.length}, podIPs: [{ ip: 10.0.0.${namespace.length} }] }
`;

describe('the file of names and VLANs', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-allocation-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  /** VLAN of the pod of each namespace. */
  async function vlans(file: string, ...namespaces: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const args = ['compile', '--from', '-', '--allocation', file];
    const { exitCode, stdout, stderr } = await runAcigw(args, namespaces.map(pod).join('---'));
    assert.equal(exitCode, 0, stderr);
    const { endpoints } = JSON.parse(stdout) as { endpoints: { namespace: string; encap: string }[] };
    return Object.fromEntries(endpoints.map(({ namespace, encap }) => [namespace, encap]));
  }

  it('keeps a group its VLAN when others come before it', async () => {
    const file = join(folder, 'kept.json');
    const before = await vlans(file, 'middle');
    const after = await vlans(file, 'a', 'middle', 'zz');
    assert.equal(after['middle'], before['middle']);
    assert.equal(new Set(Object.values(after)).size, 3);
    assert.notEqual((await vlans(join(folder, 'fresh.json'), 'a', 'middle'))['middle'], before['middle']);
    assert.deepEqual(readdirSync(folder).sort(), ['fresh.json', 'kept.json']);
  });

  it('is the same bytes when nothing changed', async () => {
    const file = join(folder, 'same.json');
    await vlans(file, 'one', 'three');
    const text = readFileSync(file, 'utf8');
    await vlans(file, 'one', 'three');
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  it('is refused with file and field when it is not what it should be, and left as it is', async () => {
    const file = join(folder, 'broken.json');
    const broken: readonly (readonly [text: string, says: RegExp])[] = [
      ['{', /broken\.json: not JSON/],
      ['{"schema":"acigw.allocation/v9"}', /broken\.json: field schema/],
      [
        '{"schema":"acigw.allocation/v1","groups":[{"name":"x","vlan":5000,"signature":""}],"membership":{},"spaces":{}}',
        /field groups\.0\.vlan: .*4094; remove the file/,
      ],
    ];
    for (const [text, says] of broken) {
      writeFileSync(file, text);
      const { exitCode, stdout, stderr } = await runAcigw(['compile', '--from', '-', '--allocation', file], pod('x'));
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.equal(readFileSync(file, 'utf8'), text);
    }
  });

  it('says which place it cannot read', async () => {
    const { exitCode, stdout, stderr } = await runAcigw(['compile', '--from', '-', '--allocation', folder], pod('x'));
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.ok(stderr.includes(`acigw: --allocation: cannot read ${folder}: EISDIR`), stderr);
  });

  it('says which place it cannot write to', async () => {
    const file = join(folder, 'nowhere', 'file.json');
    const { exitCode, stderr } = await runAcigw(['compile', '--from', '-', '--allocation', file], pod('x'));
    assert.equal(exitCode, 2);
    assert.match(stderr, /--allocation: cannot write .*nowhere/);
    assert.ok(!existsSync(file));
  });

  it('says everything that the compiler and the encoding remember', () => {
    const settings = {
      ...OWN_FABRIC,
      encoding: 'path' as const,
      hostPaths: [{ nodes: '*', paths: ['topology/pod-1/paths-101/pathep-[eth1/1]'] }],
    };
    fc.assert(
      fc.property(clusterArbitrary, fc.constantFrom(OWN_FABRIC, settings), ({ objects }, given) => {
        const way = { ...given, vniPool: { from: 9000, to: 9999 } };
        const snapshot = snapshotOf(objects, 1);
        const options = { ...groupPools(way), foreignEpgs: [] };
        const { allocation } = encodePolicy(compile(snapshot, EMPTY_ALLOCATION, options), snapshot, way).compiled;
        assert.deepEqual(parseAllocation(formatAllocation(allocation), 'here'), allocation);
      }),
      { numRuns: 100 },
    );
  });
});
