import assert from 'node:assert/strict';
import { parseConfiguration } from '#config';

/** The message of the refusal. */
function refusal(text: string): string {
  try {
    parseConfiguration('acigw.yaml', text);
  } catch (error) {
    return String(error);
  }
  return assert.fail('it is refused');
}

const nested = (depth: number): string => `apic: ${'['.repeat(depth)}hunter2${']'.repeat(depth)}`;
const bomb = [
  'a0: &a0 [hunter2, hunter2]',
  ...Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`),
].join('\n');

const BROKEN: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  [
    'a password that needs quotes',
    'apic:\n  password: @hunter2',
    /acigw\.yaml:2:13: not YAML: bad scalar start; .* quotes/,
  ],
  ['a quote that is not closed', 'apic:\n  password: "hunter2', /acigw\.yaml:2:\d+: not YAML: missing char/],
  ['an alias of nothing', 'apic:\n  password: *hunter2', /acigw\.yaml: not YAML: an alias that leads nowhere/],
  ['a tag that nobody knows', 'apic:\n  password: !hunter2', /acigw\.yaml:2:13: not YAML: tag resolve failed/],
  [
    'a key given twice',
    'apic:\n  password: hunter2\n  password: hunter2',
    /acigw\.yaml:3:\d+: not YAML: duplicate key/,
  ],
  ['two documents', 'apic: {}\n---\npassword: hunter2', /acigw\.yaml:\d+:\d+: not YAML: multiple docs/],
  ['aliases that grow without bounds', bomb, /acigw\.yaml: not YAML: an alias that leads .* to too much/],
  ['a list in a list in a list', nested(100_000), /acigw\.yaml:1:\d+: not YAML: resource exhaustion/],
];

const URLS: readonly (readonly [field: string, text: string, instead: string])[] = [
  [
    'store.endpoints.0',
    'store: { kind: etcd, endpoints: ["http://u:hunter2@127.0.0.1:1"] }',
    'store.user and store.passwordFile',
  ],
  [
    'store.endpoints.0',
    'store: { kind: etcd, endpoints: ["http://:hunter2@etcd"] }',
    'store.user and store.passwordFile',
  ],
  ['apic.urls.0', 'apic: { urls: ["https://u:hunter2@apic1"] }', 'apic.user and apic.passwordFile'],
  ['kubernetes.url', 'kubernetes: { url: "https://u:hunter2@api" }', 'kubernetes.kubeconfig'],
];

describe('configuration: what is secret stays out of messages', () => {
  for (const [what, text, says] of BROKEN) {
    it(`${what}: says where and what kind of mistake, and nothing of the text`, () => {
      const message = refusal(text);
      assert.match(message, says);
      assert.ok(!message.includes('hunter2'), message);
    });
  }

  for (const [field, text, instead] of URLS) {
    it(`refuses a user in ${field}, for URLs get into logs`, () => {
      const message = refusal(text);
      assert.ok(
        message.includes(`${field}: expected a URL without user and password; set ${instead} instead`),
        message,
      );
      assert.ok(!message.includes('hunter2'), message);
    });
  }
});
