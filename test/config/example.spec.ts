import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { defaultConfiguration, fabricSettings, loadConfiguration, parseConfiguration } from '#config';

const FILE = fileURLToPath(new URL('../../../config/acigw.example.yaml', import.meta.url));

/** Takes the `#` away from settings, which have none or several spaces after it; a remark has one. */
const uncommented = (text: string): string =>
  text.replace(/^( *)#(?! ?$)(?! \S)/gm, '$1').replace('kind: memory', 'kind: etcd');

/** Paths of all values of the configuration, lists as one value. */
function paths(value: unknown, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [prefix];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, prefix === '' ? key : `${prefix}.${key}`));
}

/** Settings of the APIC that stand instead of others, and those others. */
const EITHER: readonly string[] = ['certificateName', 'keyFile', 'ca'];
const OR: readonly string[] = ['password', 'passwordFile', 'domain', 'caFile'];

/** The configuration with every setting but those of the APIC that go with the others only. */
function everythingBut(text: string, left: readonly string[]): string {
  const all = parse(uncommented(text)) as { readonly apic: Readonly<Record<string, unknown>> };
  const apic = Object.fromEntries(Object.entries(all.apic).filter(([key]) => !left.includes(key)));
  return JSON.stringify({ ...all, apic });
}

/** Every setting of config/schema.ts, so that a new one is not forgotten in the example. */
const ALL_SETTINGS = [
  ...['url', 'kubeconfig', 'context'].map((key) => `kubernetes.${key}`),
  ...['urls', 'user', 'password', 'passwordFile', 'domain', 'caFile'].map((key) => `apic.${key}`),
  ...['certificateName', 'keyFile', 'ca', 'pinnedSha256', 'format'].map((key) => `apic.${key}`),
  ...['insecureSkipTlsVerify', 'timeoutSeconds', 'subscriptionSeconds'].map((key) => `apic.${key}`),
  ...['tenant', 'vrf', 'physicalDomain', 'attachableEntityProfile'].map((key) => `fabric.${key}.name`),
  ...['applicationProfile', 'vlanPool.name', 'vrfWidePermits', 'vzAnyContracts'].map((key) => `fabric.${key}`),
  ...['epg', 'addresses'].map((key) => `fabric.nodes.${key}`),
  ...['from', 'to'].map((key) => `fabric.vniPool.${key}`),
  ...['endpoints', 'user', 'passwordFile', 'caFile', 'certificateFile', 'keyFile'].map((key) => `store.${key}`),
  'api.tokenFile',
  ...['url', 'prefix', 'passwordFile', 'caFile', 'concurrency', 'takeoverSeconds'].map((key) => `queue.redis.${key}`),
  ...paths(defaultConfiguration()).filter((path) => path !== 'kubernetes'),
];

describe('config/acigw.example.yaml', () => {
  const text = readFileSync(FILE, 'utf8');

  it('loads, and says the defaults', () => {
    assert.deepEqual(loadConfiguration(FILE), defaultConfiguration());
  });

  it('names every setting, and each one loads with its comment sign removed', () => {
    for (const left of [EITHER, OR]) parseConfiguration(FILE, everythingBut(text, left));
    const named = new Set(paths(parse(uncommented(text))));
    assert.deepEqual(
      ALL_SETTINGS.filter((path) => !named.has(path)),
      [],
    );
  });

  it('shows the derived names that come without a name', () => {
    const { apic: _, ...rest } = parseConfiguration(FILE, everythingBut(text, EITHER));
    const { vniPool: _pool, ...derived } = fabricSettings({ ...rest, apic: undefined });
    assert.deepEqual(derived, fabricSettings(defaultConfiguration()));
  });
});
