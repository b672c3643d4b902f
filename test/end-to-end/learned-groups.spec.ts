import assert from 'node:assert/strict';
import { FabricEvaluator } from '#fabric';
import { fieldAt, listAt, textAt } from '#model/kubernetes';
import { ApicRest } from '#support/apic-client';
import { CLOSED_SHOP, webAsks } from '#support/closed-shop';
import { eventually } from '#support/eventually';
import { FlowQuestions } from '#support/fabric-flows';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';
import { sliceOpens } from '#support/slice-verdict';
import { addressOf, epgOf, startUpStack, type UpStack } from '#support/up-stack';

const TENANT = 'uni/tn-k8s-test';
const DB = `${TENANT}/ap-legacy/epg-db`;
const CRITICAL = `${TENANT}/ap-legacy/esg-critical`;
const BRANCH = `${TENANT}/out-wan/instP-branch`;
const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const MAC = '00:50:56:AA:BB:01';

const CONFIGURATION = `
fabric:
  foreignEpgs: [{ dn: ${DB} }, { dn: ${BRANCH} }]
fabricPolicies:
  allow: [{ namespaces: [shop], groups: ['*'] }]
`;

const ask = (group: string): string => webAsks(group, 5432);

/** A bridge domain with an EPG, an endpoint security group and an external EPG of an admin's in the tenant of the stack. */
const OTHERS = {
  fvTenant: {
    attributes: { name: 'k8s-test' },
    children: [
      {
        fvBD: {
          attributes: { name: 'machines' },
          children: [
            { fvRsCtx: { attributes: { tnFvCtxName: 'k8s-test' } } },
            { fvSubnet: { attributes: { ip: '10.20.0.1/16' } } },
          ],
        },
      },
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
            {
              fvESg: {
                attributes: { name: 'critical' },
                children: [{ fvRsScope: { attributes: { tnFvCtxName: 'k8s-test' } } }],
              },
            },
          ],
        },
      },
      {
        l3extOut: {
          attributes: { name: 'wan' },
          children: [
            { l3extRsEctx: { attributes: { tnFvCtxName: 'k8s-test' } } },
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
};

describeWith([KUBECTL], 'end to end: groups with the addresses that the fabric knows', function () {
  let stack: UpStack;
  let kubectl: Kubectl;
  let apic: ApicRest;

  const waitFor = (check: () => void | Promise<void>): Promise<void> => eventually(check, 10_000);
  const apply = (text: string): Promise<string> => kubectl.ok(['apply', '-f', '-'], text);
  const learn = (mac: string, ip: string) => stack.apic.learn({ mac, ip, encap: 'vlan-10', path: PORT, epg: DB });
  const granted = (): string => {
    const [policy] = stack.kube.objects('fabricpolicies.aci-gateway.io');
    const one = listAt(policy, 'status', 'conditions').find((condition) => fieldAt(condition, 'type') === 'Granted');
    return `${textAt(one, 'status')}: ${textAt(one, 'message')}`;
  };
  const onHost = async (machine: string): Promise<boolean> => {
    const slice = await stack.store.get('node-1');
    const flow = { source: addressOf(stack, 'web'), destination: machine, protocol: 'tcp' as const, port: 5432 };
    return slice !== undefined && sliceOpens(slice, flow);
  };
  const inFabric = async (group: string, machine: string): Promise<boolean> => {
    const flows = new FlowQuestions(new FabricEvaluator(await apic.subtree(TENANT)), `${TENANT}/ctx-k8s-test`);
    const [from, to] = [
      { ip: addressOf(stack, 'web'), epg: epgOf(stack, 'web') },
      { ip: machine, epg: group },
    ];
    return flows.opens(from, to, 'TCP', 5432) && !flows.opens(from, to, 'TCP', 22);
  };
  const writes = (): number =>
    stack.apic.requestLog().filter(({ method, url }) => method === 'POST' && url.includes('/api/mo/')).length;
  const converged = (): Promise<void> =>
    waitFor(() => assert.ok(stack.state().status().converged, stack.state().status().waitingFor.join()));

  beforeEach(async () => {
    stack = await startUpStack({ configuration: CONFIGURATION });
    kubectl = kubectlFor(stack.kube.url);
    apic = await ApicRest.login(stack.apic.url);
    await waitFor(() => assert.notEqual(stack.apic.object(TENANT), undefined));
    stack.apic.load(OTHERS);
    await apply(CLOSED_SHOP);
    await converged();
  });
  afterEach(async () => {
    kubectl.dispose();
    await stack.stop();
  });

  it('an EPG: as its machines come, and for some time after one was heard of last', async () => {
    await apply(ask('epg.k8s-test.legacy.db'));
    await waitFor(() => assert.match(granted(), /^True/));
    const empty = (): boolean =>
      stack
        .state()
        .findings()
        .some(({ code }) => code === 'FABRIC_GROUP_EMPTY');
    assert.ok(empty(), 'nobody is in it yet');
    learn(MAC, '10.20.0.7');
    await waitFor(() => assert.ok(!empty()));
    await waitFor(async () =>
      assert.deepEqual([await onHost('10.20.0.7'), await inFabric(DB, '10.20.0.7')], [true, true]),
    );
    assert.equal(await onHost('10.20.0.8'), false);
    await converged();
    const before = writes();
    learn('00:50:56:AA:BB:02', '10.20.0.8');
    await waitFor(async () => assert.equal(await onHost('10.20.0.8'), true));
    assert.equal(writes(), before, 'the contract is there already');
    stack.apic.forget(MAC);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await onHost('10.20.0.7'), true, 'it may only be silent');
    await waitFor(async () => assert.equal(await onHost('10.20.0.7'), false));
    assert.equal(await onHost('10.20.0.8'), true);
  });

  it('an EPG: without the machines that a selector puts into an endpoint security group', async () => {
    await apply(ask('epg.k8s-test.legacy.db'));
    const { dn } = learn(MAC, '10.20.0.9');
    await waitFor(async () => assert.equal(await onHost('10.20.0.9'), true));
    stack.apic.load({ fvCEp: { attributes: { dn, esgUsegDn: CRITICAL } } });
    await waitFor(async () => assert.equal(await onHost('10.20.0.9'), false));
    assert.equal(await inFabric(CRITICAL, '10.20.0.9'), false);
  });

  it('an endpoint security group: cannot be asked for, and the condition says why', async () => {
    await apply(ask('esg.k8s-test.legacy.critical'));
    await waitFor(() => assert.match(granted(), /^False: .*is an endpoint security group: ACI has no contracts/));
  });

  it('one that runs empty closes nothing but itself', async () => {
    learn(MAC, '10.20.0.7');
    await apply(`
apiVersion: aci-gateway.io/v1alpha1
kind: FabricPolicy
metadata: { name: web-out, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  egress: [{ to: [{ group: epg.k8s-test.legacy.db }, { group: ext.k8s-test.wan.branch }], ports: [{ port: 5432 }] }]
`);
    const open = async (): Promise<readonly boolean[]> => [await onHost('10.20.0.7'), await onHost('203.0.113.5')];
    await waitFor(async () => assert.deepEqual(await open(), [true, true]));
    stack.apic.forget(MAC);
    await waitFor(async () => assert.deepEqual(await open(), [false, true]));
    assert.match(granted(), /^True/);
  });

  it('an external EPG: by its subnets, also when these change', async () => {
    await apply(ask('ext.k8s-test.wan.branch'));
    await waitFor(() => assert.equal(granted().split(':')[0], 'True', granted()));
    await waitFor(async () =>
      assert.deepEqual([await onHost('203.0.113.5'), await inFabric(BRANCH, '203.0.113.5')], [true, true]),
    );
    stack.apic.load({
      l3extSubnet: { attributes: { dn: `${BRANCH}/extsubnet-[198.51.100.0/24]`, scope: 'import-security' } },
    });
    await waitFor(async () => assert.equal(await onHost('198.51.100.9'), true));
    const scope = 'export-rtctrl';
    stack.apic.load({ l3extSubnet: { attributes: { dn: `${BRANCH}/extsubnet-[172.16.0.0/12]`, scope } } });
    await apic.delete(`${BRANCH}/extsubnet-[203.0.113.0/24]`);
    await waitFor(async () =>
      assert.equal(await onHost('203.0.113.5'), false, 'it is not a machine that may be silent'),
    );
    assert.deepEqual([await onHost('198.51.100.9'), await onHost('172.16.0.1')], [true, false], 'a route is no member');
    await converged();
    assert.deepEqual(
      stack
        .state()
        .findings()
        .filter(({ code }) => code === 'EXT_DUP'),
      [],
      'the gateway makes no external EPG of its own for these addresses',
    );
  });

  it('are waited for after a restart, which writes nothing', async () => {
    learn(MAC, '10.20.0.7');
    await apply(ask('epg.k8s-test.legacy.db'));
    await waitFor(async () => assert.equal(await inFabric(DB, '10.20.0.7'), true));
    await converged();
    const before = writes();
    await stack.restart();
    await converged();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(writes(), before);
    assert.equal(await onHost('10.20.0.7'), true);
  });
});
