import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyExplanation, SideExplanation } from '#policy';
import { SHOP, TIERS, writeManifests } from '#support/policy-manifests';
import { runAcigw } from '#support/run-command';

describe('acigw explain, with policies of the tiers', () => {
  let folder: string;
  let from: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acigw-explain-tiers-'));
    from = writeManifests(folder, [...SHOP, ...TIERS]);
  });
  after(() => rmSync(folder, { recursive: true }));

  const explain = (...args: readonly string[]): ReturnType<typeof runAcigw> =>
    runAcigw(['explain', '--from', from, ...args]);

  const cases: readonly {
    readonly what: string;
    readonly flow: readonly [string, string, string];
    readonly exitCode: number;
    readonly says: readonly RegExp[];
  }[] = [
    {
      what: 'an Accept of the Admin tier stands above the NetworkPolicy, and the contract names it',
      flow: ['shop/client', 'shop/web', 'TCP/9100'],
      exitCode: 0,
      says: [
        /ingress {2}shop\/web: allowed by ClusterNetworkPolicy\/metrics ingress\[0\]/,
        /selected by .*ClusterNetworkPolicy\/metrics/,
        /asked for by .*ClusterNetworkPolicy\/metrics/,
      ],
    },
    {
      what: 'a Deny of the Admin tier stands above everything, and no other ports are offered',
      flow: ['shop/web', 'shop/client', 'TCP/5000'],
      exitCode: 1,
      says: [
        /egress {3}shop\/web: denied: isolated, and no rule admits it/,
        /ingress {2}shop\/client: denied by AdminNetworkPolicy\/closed ingress\[0\]/,
        /^fabric {2}DROPS/m,
      ],
    },
    {
      what: 'a pod that no NetworkPolicy isolates is denied by the Admin tier alone',
      flow: ['shop/client', 'shop/dns', 'TCP/5500'],
      exitCode: 1,
      says: [/ingress {2}shop\/dns: denied by AdminNetworkPolicy\/closed ingress\[0\]/],
    },
    {
      what: 'a Pass hands on to the NetworkPolicy, which has no rule for it',
      flow: ['shop/web', '198.51.100.7', 'UDP/53'],
      exitCode: 1,
      says: [
        /egress {3}shop\/web: denied: isolated, and no rule admits it/,
        /passed on by AdminNetworkPolicy\/closed egress\[0\]/,
      ],
    },
    {
      what: 'a Pass where nobody isolates, and the Baseline tier says nothing of it',
      flow: ['shop/client', '198.51.100.7', 'UDP/53'],
      exitCode: 0,
      says: [
        /egress {3}shop\/client: allowed, not isolated/,
        /passed on by AdminNetworkPolicy\/closed egress\[0\]/,
        /^fabric {2}PERMITS/m,
      ],
    },
    {
      what: 'the Baseline tier decides where no NetworkPolicy isolates',
      flow: ['shop/client', '203.0.113.7', 'TCP/25'],
      exitCode: 1,
      says: [/egress {3}shop\/client: denied by BaselineAdminNetworkPolicy\/default egress\[0\]/, /^fabric {2}DROPS/m],
    },
    {
      what: 'and has no say where one does',
      flow: ['shop/web', '203.0.113.7', 'TCP/25'],
      exitCode: 1,
      says: [/egress {3}shop\/web: denied: isolated, and no rule admits it/],
    },
  ];
  for (const { what, flow, exitCode, says } of cases) {
    it(what, async () => {
      const told = await explain(...flow);
      assert.equal(told.exitCode, exitCode, told.stdout + told.stderr);
      for (const text of says) assert.match(told.stdout, text);
      assert.doesNotMatch(told.stdout, /^differ/m);
    });
  }

  it('says the same as JSON: the deciding rule, and who handed the decision on', async () => {
    const sideOf = async (...flow: readonly string[]): Promise<SideExplanation | undefined> => {
      const { stdout } = await explain('--output', 'json', ...flow);
      const { flows } = JSON.parse(stdout) as { readonly flows: readonly { readonly policy: PolicyExplanation }[] };
      return flows[0]?.policy.egress;
    };
    const denied = await sideOf('shop/client', '203.0.113.7', 'TCP/25');
    assert.deepEqual([denied?.decision, denied?.allowed, denied?.isolated], ['rule-denies', false, false]);
    assert.deepEqual(denied?.rules, [{ policy: 'BaselineAdminNetworkPolicy/default', direction: 'egress', rule: 0 }]);
    const passed = await sideOf('shop/web', '198.51.100.7', 'UDP/53');
    assert.deepEqual([passed?.decision, passed?.isolated], ['no-rule', true]);
    assert.deepEqual(passed?.passedBy, [{ policy: 'AdminNetworkPolicy/closed', direction: 'egress', rule: 0 }]);
  });
}).timeout(60_000);
