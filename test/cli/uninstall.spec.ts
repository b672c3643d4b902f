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
  readonly left: number;
}

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
    const { objects, exitCode } = await inJson(configurationOf(apic.url, 'wes', 'tenant: { name: k8s-west }'));
    assert.deepEqual([objects, exitCode], [[], 0]);
  });
});
