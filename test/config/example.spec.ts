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

/** Every setting of config/schema.ts, so that a new one is not forgotten in the example. */
const ALL_SETTINGS = [
  ...['url', 'kubeconfig', 'context'].map((key) => `kubernetes.${key}`),
  ...['urls', 'user', 'password', 'passwordFile', 'domain', 'caFile'].map((key) => `apic.${key}`),
  ...['insecureSkipTlsVerify', 'timeoutSeconds', 'subscriptionSeconds'].map((key) => `apic.${key}`),
  ...['tenant', 'vrf', 'physicalDomain', 'attachableEntityProfile'].map((key) => `fabric.${key}.name`),
  ...['applicationProfile', 'vlanPool.name', 'vrfWidePermits', 'vzAnyContracts'].map((key) => `fabric.${key}`),
  ...['epg', 'addresses'].map((key) => `fabric.nodes.${key}`),
  ...['endpoints', 'user', 'passwordFile', 'caFile', 'certificateFile', 'keyFile'].map((key) => `store.${key}`),
  ...['url', 'prefix', 'passwordFile', 'caFile', 'concurrency', 'takeoverSeconds'].map((key) => `queue.redis.${key}`),
  ...paths(defaultConfiguration()).filter((path) => path !== 'kubernetes'),
];

describe('config/acigw.example.yaml', () => {
  const text = readFileSync(FILE, 'utf8');

  it('loads, and says the defaults', () => {
    assert.deepEqual(loadConfiguration(FILE), defaultConfiguration());
  });

  it('names every setting, and each one loads with its comment sign removed', () => {
    const all = uncommented(text);
    parseConfiguration(FILE, all);
    const named = new Set(paths(parse(all)));
    assert.deepEqual(
      ALL_SETTINGS.filter((path) => !named.has(path)),
      [],
    );
  });

  it('shows the derived names that come without a name', () => {
    const { apic: _, ...rest } = parseConfiguration(FILE, uncommented(text));
    assert.deepEqual(fabricSettings({ ...rest, apic: undefined }), fabricSettings(defaultConfiguration()));
  });
});
