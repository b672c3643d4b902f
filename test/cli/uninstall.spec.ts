import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApicMock, startApicMock } from '#apic-mock';
import { ApicRest } from '#support/apic-client';
import { APIC_USER } from '#support/gateway-stack';
import { runAcigw } from '#support/run-command';
import { ADMIN, configurationOf, writeFabric } from '#support/written-fabric';

interface Row {
  readonly className: string;
  readonly dn: string;
}

interface Output {
  readonly removed: boolean;
  readonly objects: readonly Row[];
  readonly others: readonly Row[];
  readonly left: number;
}

const TENANT = 'uni/tn-k8s-west';
const PROFILE = `${TENANT}/ap-admin`;
const NODES = `${TENANT}/out-external/lnodep-x`;
const OTHERS: readonly Row[] = [
  { className: 'fvAp', dn: PROFILE },
  { className: 'l3extLNodeP', dn: NODES },
];

describe('acigw uninstall', () => {
  let folder: string;
  let apic: ApicMock;
  let admin: ApicRest;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-uninstall-'));
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER, ADMIN] });
    admin = await ApicRest.login(apic.url, ADMIN);
  });
  afterEach(async () => {
    await apic.stop();
    rmSync(folder, { recursive: true });
  });

  function uninstall(text: string, ...more: readonly string[]): ReturnType<typeof runAcigw> {
    const file = join(folder, 'acigw.yaml');
    writeFileSync(file, text);
    return runAcigw(['uninstall', '--config', file, ...more]);
  }
  async function inJson(
    text: string,
    ...more: readonly string[]
  ): Promise<Output & { readonly exitCode: number | null }> {
    const { stdout, stderr, exitCode } = await uninstall(text, '--output', 'json', ...more);
    assert.notEqual(stdout, '', stderr);
    return { ...(JSON.parse(stdout) as Output), exitCode };
  }
  /** Dns of what carries the mark of the cluster. */
  const markedBy = (clusterId: string): readonly string[] =>
    apic
      .objects('tagAnnotation')
      .filter(({ attributes }) => attributes['key'] === 'aci-gateway-owner' && attributes['value'] === clusterId)
      .map(({ dn }) => dn.replace('/annotationKey-[aci-gateway-owner]', ''));
  const everything = async (): Promise<string> => JSON.stringify(await admin.subtree('uni'));

  describe('where an admin has objects below the gateway’s', () => {
    let text: string;
    beforeEach(async () => {
      text = await writeFabric(apic.url, 'west');
      await admin.post(PROFILE, { fvAp: { attributes: {}, children: [{ fvAEPg: { attributes: { name: 'vmdb' } } }] } });
      await admin.post(NODES, { l3extLNodeP: { attributes: {} } });
    });

    it('lists the topmost of them beside its own', async () => {
      const { objects, others, left, exitCode } = await inJson(text);
      assert.deepEqual(others, OTHERS);
      assert.deepEqual([exitCode, left], [3, objects.length]);
      const { stdout } = await uninstall(text);
      const rows = OTHERS.map(({ className, dn }) => `${className} +${dn}`).join('\n');
      assert.match(stdout, new RegExp(`\\nOF OTHERS +BELOW THEM\\n${rows}\\n\\n`));
      assert.match(
        stdout,
        /\n\d+ objects of cluster 'west' would go, but --yes removes nothing as long as others have /,
      );
    });

    it('removes nothing with --yes, and says what to do', async () => {
      const before = await everything();
      const { stdout, stderr, exitCode } = await uninstall(text, '--yes', '--output', 'json');
      const { removed, objects, others, left } = JSON.parse(stdout) as Output;
      assert.deepEqual([exitCode, removed, left], [1, false, objects.length]);
      assert.deepEqual(others, OTHERS);
      assert.match(
        stderr,
        /^acigw: 2 objects of others are below those of cluster 'west' .*: move or remove them, or give --with-others\n$/,
      );
      assert.equal(await everything(), before);
    });

    it('removes all of it with --with-others', async () => {
      const { removed, others, left, exitCode } = await inJson(text, '--yes', '--with-others');
      assert.deepEqual([exitCode, removed, left], [0, true, 0]);
      assert.deepEqual(others, OTHERS);
      assert.deepEqual(await admin.subtree(TENANT), []);
      assert.deepEqual(markedBy('west'), []);
    });

    it('only looks with --with-others alone', async () => {
      const before = await everything();
      const { stdout, exitCode } = await uninstall(text, '--with-others');
      assert.equal(exitCode, 3);
      assert.match(stdout, /\nOF OTHERS +BELOW THEM\n/);
      assert.equal(await everything(), before);
    });

    it('removes its own once they are gone', async () => {
      await admin.delete(PROFILE);
      await admin.delete(NODES);
      const { removed, others, exitCode } = await inJson(text, '--yes');
      assert.deepEqual([exitCode, removed, others], [0, true, []]);
      assert.deepEqual(markedBy('west'), []);
    });
  });

  it('removes what carries the mark of the cluster also where the configuration no longer leads', async () => {
    await writeFabric(apic.url, 'west', 'tenant: { name: old }, attachableEntityProfile: { name: old }');
    await writeFabric(apic.url, 'east', 'vlanPool: { from: 3500, to: 3600 }');
    const text = await writeFabric(apic.url, 'west', 'tenant: { name: new }');
    const ofEast = markedBy('east');
    const east = await Promise.all(ofEast.map((dn) => admin.subtree(dn)));
    assert.ok(markedBy('west').includes('uni/tn-old') && markedBy('west').includes('uni/infra/attentp-old'));
    const { objects, left, exitCode } = await inJson(text, '--yes');
    assert.deepEqual([exitCode, left], [0, 0]);
    const removed = objects.map(({ dn }) => dn);
    for (const dn of ['uni/tn-old', 'uni/tn-new', 'uni/infra/attentp-old']) assert.ok(removed.includes(dn), dn);
    assert.deepEqual(markedBy('west'), []);
    assert.deepEqual(await admin.subtree('uni/tn-old'), []);
    assert.deepEqual(await Promise.all(ofEast.map((dn) => admin.subtree(dn))), east);
    assert.equal((await uninstall(text)).stdout, "nothing on the APIC belongs to cluster 'west'\n");
  });

  it('finds nothing of a cluster that has written nothing', async () => {
    await writeFabric(apic.url, 'west');
    const { objects, others, exitCode } = await inJson(configurationOf(apic.url, 'wes', 'tenant: { name: k8s-west }'));
    assert.deepEqual([objects, others, exitCode], [[], [], 0]);
  });
});
