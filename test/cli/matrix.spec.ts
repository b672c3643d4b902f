import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podManifest, policyManifest, SHOP, writeManifests } from '#support/policy-manifests';
import { runAcigw } from '#support/run-command';

const CLOSED = [
  podManifest('vault/safe', '10.244.0.20'),
  policyManifest('vault/closed', '{ podSelector: {}, policyTypes: [Ingress, Egress] }'),
];

describe('acigw matrix', () => {
  let folder: string;
  let from: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-matrix-'));
    from = writeManifests(folder, [...SHOP, ...CLOSED]);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('lists what each group may open, with everything and nothing in one word', async () => {
    const { exitCode, stdout } = await runAcigw(['matrix', '--from', from]);
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `FROM              MAY OPEN  TOWARD
shop.client       ALL       shop.dns, ext-0.0.0.0-1, ext-192.0.2.0-24
shop.client       TCP:80    shop.web
shop.dns          ALL       shop.client, ext-0.0.0.0-1, ext-192.0.2.0-24
shop.web          UDP:53    shop.dns
shop.web          TCP:443   ext-192.0.2.0-24
vault.safe        NONE      everyone
ext-0.0.0.0-1     ALL       shop.client, shop.dns
ext-192.0.2.0-24  ALL       shop.client, shop.dns
`,
    );
  });

  it('the same by pod, as JSON', async () => {
    const { stdout } = await runAcigw(['matrix', '--from', from, '--by', 'pod', '--output', 'json']);
    const { schema, by, names, reach } = JSON.parse(stdout) as {
      readonly schema: string;
      readonly by: string;
      readonly names: readonly string[];
      readonly reach: readonly object[];
    };
    assert.deepEqual([schema, by], ['acigw.matrix/v1', 'pod']);
    assert.deepEqual(names, ['shop/client', 'shop/dns', 'shop/web', 'vault/safe', 'ext-0.0.0.0-1', 'ext-192.0.2.0-24']);
    const nothing = { source: 'vault/safe', family: 'ip', connections: 'NONE', destinations: '*', except: [] };
    const dns = { source: 'shop/web', family: 'ip', connections: 'UDP:53', destinations: ['shop/dns'], except: [] };
    for (const row of [nothing, dns])
      assert.ok(
        reach.some((one) => JSON.stringify(one) === JSON.stringify(row)),
        stdout,
      );
  });

  it('long lists are told by who is missing', async () => {
    const many = Array.from({ length: 12 }, (_, index) => podManifest(`many/p${index}`, `10.244.1.${index + 1}`));
    const one = policyManifest('many/closed', '{ podSelector: { matchLabels: { app: p3 } } }');
    const second = writeManifests(folder, [...many, one], 'many.yaml');
    const { stdout } = await runAcigw(['matrix', '--from', second, '--by', 'pod']);
    assert.match(stdout, /^many\/p7 +ALL +everyone but many\/p3$/m);
  });
});
