import assert from 'node:assert/strict';
import { FabricEvaluator } from '#fabric';
import { ApicRest } from '#support/apic-client';
import { CLOSED_SHOP, webAsks } from '#support/closed-shop';
import { eventually } from '#support/eventually';
import { FlowQuestions } from '#support/fabric-flows';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';
import { sliceOpens } from '#support/slice-verdict';
import { addressOf, epgOf, startUpStack, type UpStack } from '#support/up-stack';

const DB = 'uni/tn-vms/ap-legacy/epg-db';
const BRANCH = 'uni/tn-common/out-wan/instP-branch';
const VRF = 'uni/tn-common/ctx-shared';
const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';

const CONFIGURATION = `
fabric:
  vrf: { name: shared, own: false, tenant: common }
  l3out: { name: wan, own: false, tenant: common }
  foreignEpgs: [{ dn: ${DB} }, { dn: ${BRANCH} }]
fabricPolicies:
  allow: [{ namespaces: [shop], groups: ['*'] }]
`;

const inVrf = (name: string) => ({ attributes: { tnFvCtxName: name } });

/** What admins have: a VRF and an L3Out for everybody, and machines in a tenant of their own. */
const OTHERS = {
  polUni: {
    attributes: {},
    children: [
      {
        fvTenant: {
          attributes: { name: 'common' },
          children: [
            { fvCtx: { attributes: { name: 'shared' } } },
            { fvCtx: { attributes: { name: 'lab' } } },
            {
              l3extOut: {
                attributes: { name: 'wan' },
                children: [
                  { l3extRsEctx: inVrf('shared') },
                  {
                    l3extInstP: {
                      attributes: { name: 'branch' },
                      children: [{ l3extSubnet: { attributes: { ip: '203.0.113.0/24', scope: 'import-security' } } }],
                    },
                  },
                ],
              },
            },
          ],
        },
      },
      {
        fvTenant: {
          attributes: { name: 'vms' },
          children: [
            { fvBD: { attributes: { name: 'machines' }, children: [{ fvRsCtx: inVrf('shared') }] } },
            { fvBD: { attributes: { name: 'elsewhere' }, children: [{ fvRsCtx: inVrf('lab') }] } },
            {
              fvAp: {
                attributes: { name: 'legacy' },
                children: [
                  {
                    fvAEPg: {
                      attributes: { name: 'db' },
                      children: [{ fvRsBd: { attributes: { tnFvBDName: 'machines' } } }],
                    },
                  },
                ],
              },
            },
          ],
        },
      },
    ],
  },
};

describeWith([KUBECTL], 'end to end: groups of other tenants, in a VRF of tenant common', function () {
  let stack: UpStack;
  let kubectl: Kubectl;
  let apic: ApicRest;

  const waitFor = (check: () => void | Promise<void>): Promise<void> => eventually(check, 10_000);
  const apply = (text: string): Promise<string> => kubectl.ok(['apply', '-f', '-'], text);
  const converged = (): Promise<void> =>
    waitFor(() => assert.ok(stack.state().status().converged, stack.state().status().waitingFor.join()));
  const onHost = async (machine: string, port: number): Promise<boolean> => {
    const slice = await stack.store.get('node-1');
    const flow = { source: addressOf(stack, 'web'), destination: machine, protocol: 'tcp' as const, port };
    return slice !== undefined && sliceOpens(slice, flow);
  };
  const everything = async () =>
    (await Promise.all(['k8s-test', 'common', 'vms'].map((name) => apic.subtree(`uni/tn-${name}`)))).flat();
  const inFabric = async (group: string, machine: string, port: number): Promise<boolean> => {
    const flows = new FlowQuestions(new FabricEvaluator(await everything()), VRF);
    const source = { ip: addressOf(stack, 'web'), epg: epgOf(stack, 'web') };
    return flows.opens(source, { ip: machine, epg: group }, 'TCP', port);
  };
  const opens = async (group: string, machine: string, port: number): Promise<string> =>
    `host ${await onHost(machine, port)}, fabric ${await inFabric(group, machine, port)}`;
  const OPEN = 'host true, fabric true';
  const CLOSED = 'host false, fabric false';
  /** Everything of the admins', without what the gateway has put there. */
  const ofAdmins = async (): Promise<readonly string[]> =>
    (await everything())
      .filter(({ dn }) => !dn.startsWith('uni/tn-k8s-test') && !/k8s-test|test_|rs(prov|cons)-/.test(dn))
      .map(({ dn, attributes }) => `${dn} ${JSON.stringify({ ...attributes, modTs: '' })}`)
      .sort();

  beforeEach(async () => {
    stack = await startUpStack({ configuration: CONFIGURATION });
    kubectl = kubectlFor(stack.kube.url);
    apic = await ApicRest.login(stack.apic.url);
    stack.apic.load(OTHERS);
    stack.apic.learn({ mac: '00:50:56:AA:BB:01', ip: '10.20.0.7', encap: 'vlan-10', path: PORT, epg: DB });
    await apply(CLOSED_SHOP);
    await converged();
  });
  afterEach(async () => {
    kubectl.dispose();
    await stack.stop();
  });

  for (const [what, name, group, machine] of [
    ['an EPG', 'epg.vms.legacy.db', DB, '10.20.0.7'],
    ['an external EPG of an L3Out in common', 'ext.common.wan.branch', BRANCH, '203.0.113.9'],
  ] as const) {
    it(`${what}: a FabricPolicy opens what it asks for, and nothing once it is gone`, async () => {
      const before = await ofAdmins();
      assert.equal(await opens(group, machine, 5432), CLOSED);
      await apply(webAsks(name, 5432));
      await waitFor(async () => assert.equal(await opens(group, machine, 5432), OPEN));
      assert.equal(await opens(group, machine, 22), CLOSED);
      await kubectl.ok(['delete', 'fabricpolicy', 'web-out', '-n', 'shop']);
      await waitFor(async () => assert.equal(await opens(group, machine, 5432), CLOSED));
      await converged();
      assert.deepEqual(await ofAdmins(), before);
    });
  }

  it('contracts and filters are in common, named after the cluster; the pods’ EPGs in the gateway’s tenant', async () => {
    await apply(webAsks('epg.vms.legacy.db', 5432));
    await waitFor(async () => assert.equal(await opens(DB, '10.20.0.7', 5432), OPEN));
    const made = (await everything()).filter(({ className }) => /^(vzBrCP|vzFilter|fvAEPg)$/.test(className));
    const misplaced = made.filter(
      ({ className, dn }) =>
        !/^uni\/tn-common\/(brc|flt)-(test_|default|arp$|icmp$|est$)/.test(dn) &&
        !(className === 'fvAEPg' && /^uni\/tn-(k8s-test|vms)\//.test(dn)),
    );
    assert.deepEqual(
      misplaced.map(({ dn }) => dn),
      [],
    );
    assert.ok(made.some(({ dn }) => dn.startsWith('uni/tn-common/brc-test_')));
  });

  it('keeps all of it through a restart without a write', async () => {
    await apply(webAsks('ext.common.wan.branch', 5432));
    await waitFor(async () => assert.equal(await opens(BRANCH, '203.0.113.9', 5432), OPEN));
    await converged();
    const writes = (): number =>
      stack.apic.requestLog().filter(({ method, url }) => method === 'POST' && url.includes('/api/mo/')).length;
    const before = writes();
    await stack.restart();
    await converged();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(writes(), before);
  });

  it('a group in another VRF is told: contracts with it open nothing', async () => {
    assert.deepEqual(
      stack
        .state()
        .findings()
        .filter(({ code }) => code === 'FOREIGN_VRF'),
      [],
    );
    await apic.post(DB, {
      fvAEPg: { attributes: {}, children: [{ fvRsBd: { attributes: { tnFvBDName: 'elsewhere' } } }] },
    });
    await waitFor(() => {
      const [finding] = stack
        .state()
        .findings()
        .filter(({ code }) => code === 'FOREIGN_VRF');
      assert.equal(finding?.object, `ACI/${DB}`);
      assert.match(finding.message, /is in VRF uni\/tn-common\/ctx-lab, the pods are in uni\/tn-common\/ctx-shared/);
    });
  });
});
