import assert from 'node:assert/strict';
import { FabricEvaluator } from '#fabric';
import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';
import { ApicRest } from '#support/apic-client';
import { CLOSED_SHOP, webAsks } from '#support/closed-shop';
import { eventually } from '#support/eventually';
import { FlowQuestions } from '#support/fabric-flows';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';
import { sliceOpens } from '#support/slice-verdict';
import { addressOf, epgOf, loadLegacyEpg, startUpStack, type UpStack } from '#support/up-stack';

const TENANT = 'uni/tn-k8s-test';
const DB = `${TENANT}/ap-legacy/epg-db`;
const MACHINE = '10.20.0.7';

const CONFIGURATION = `
fabric:
  foreignEpgs: [{ dn: ${DB}, addresses: [10.20.0.0/24] }]
fabricPolicies:
  allow: [{ namespaces: [shop], groups: [epg.k8s-test.legacy.db], ports: [TCP:5432] }]
`;

const ask = (port: number): string => webAsks('epg.k8s-test.legacy.db', port);

describeWith([KUBECTL], 'end to end: namespaces ask for flows to groups of the fabric', function () {
  let stack: UpStack;
  let kubectl: Kubectl;
  let apic: ApicRest;

  const waitFor = (check: () => void | Promise<void>): Promise<void> => eventually(check, 10_000);
  const apply = (text: string): Promise<string> => kubectl.ok(['apply', '-f', '-'], text);
  const stored = (): KubernetesObject | undefined => stack.kube.objects('fabricpolicies.aci-gateway.io')[0];
  const granted = (): unknown =>
    listAt(stored(), 'status', 'conditions').find((one) => fieldAt(one, 'type') === 'Granted');
  const onHost = async (pod: string, port: number): Promise<boolean> => {
    const slice = await stack.store.get('node-1');
    return (
      slice !== undefined &&
      sliceOpens(slice, { source: addressOf(stack, pod), destination: MACHINE, protocol: 'tcp', port })
    );
  };
  const inFabric = async (pod: string, port: number): Promise<boolean> => {
    const evaluator = new FabricEvaluator(await apic.subtree(TENANT));
    const flows = new FlowQuestions(evaluator, `${TENANT}/ctx-k8s-test`);
    return flows.opens({ ip: addressOf(stack, pod), epg: epgOf(stack, pod) }, { ip: MACHINE, epg: DB }, 'TCP', port);
  };
  const opens = async (pod: string, port: number): Promise<string> =>
    `host ${await onHost(pod, port)}, fabric ${await inFabric(pod, port)}`;
  const OPEN = 'host true, fabric true';
  const CLOSED = 'host false, fabric false';

  beforeEach(async () => {
    stack = await startUpStack({ configuration: CONFIGURATION });
    kubectl = kubectlFor(stack.kube.url);
    apic = await ApicRest.login(stack.apic.url);
    // A tenant that an admin's object made would be the admin's.
    await waitFor(() => assert.notEqual(stack.apic.object(TENANT), undefined));
    loadLegacyEpg(stack, 'db');
    await apply(CLOSED_SHOP);
    await waitFor(() => {
      assert.ok(stack.state().status().converged, stack.state().status().waitingFor.join());
      assert.notEqual(epgOf(stack, 'web'), '');
    });
  });
  afterEach(async () => {
    kubectl.dispose();
    await stack.stop();
  });

  it('what is granted is open in the fabric and on the hosts, for the selected pods, until the policy goes', async () => {
    assert.equal(await opens('web', 5432), CLOSED);
    await apply(ask(5432));
    await waitFor(async () => assert.equal(await opens('web', 5432), OPEN));
    assert.equal(await opens('web', 22), CLOSED);
    // Until the hosts have followed, the group that web leaves may do what its new one may.
    await waitFor(async () => assert.equal(await opens('batch', 5432), CLOSED));
    await waitFor(() => assert.equal(fieldAt(granted(), 'status'), 'True'));
    await waitFor(async () => {
      const line = await kubectl.ok(['get', 'fabricpolicies', '-n', 'shop', '--no-headers']);
      assert.match(line, /web-out\s+True\s+True/);
    });
    await kubectl.ok(['delete', 'fabricpolicy', 'web-out', '-n', 'shop']);
    await waitFor(async () => assert.equal(await opens('web', 5432), CLOSED));
  });

  it('what is not granted opens nothing, and the reason is a condition, an Event and a finding', async () => {
    await apply(ask(5432));
    await waitFor(async () => assert.equal(await opens('web', 5432), OPEN));
    await apply(ask(22));
    await waitFor(() => {
      assert.equal(fieldAt(granted(), 'status'), 'False');
      assert.equal(fieldAt(granted(), 'reason'), 'FabricPolicyDenied');
      assert.match(textAt(granted(), 'message') ?? '', /grants it TCP:5432/);
    });
    await waitFor(async () => assert.equal(await opens('web', 5432), CLOSED, 'all of it or nothing'));
    assert.equal(await opens('web', 22), CLOSED);
    await waitFor(() => assert.match(stack.events('FabricPolicyDenied').join(), /^FabricPolicy\/web-out: /));
    const { findings } = stack.sync().object('FabricPolicy/shop/web-out') ?? assert.fail('it is there, and says why');
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['FABRIC_POLICY_DENIED'],
    );
    await apply(ask(5432));
    await waitFor(() => assert.equal(fieldAt(granted(), 'status'), 'True'));
    await waitFor(() => assert.equal(stack.events('FabricPolicyDeniedCleared').length, 1));
  });

  it('isolates nothing, and is kept through a restart without a write', async () => {
    await kubectl.ok(['delete', 'networkpolicy', 'deny-all', '-n', 'shop']);
    await apply(ask(5432));
    await waitFor(() => assert.equal(fieldAt(granted(), 'status'), 'True'));
    await waitFor(async () => assert.equal(await opens('web', 22), OPEN, 'no NetworkPolicy isolates it'));
    await waitFor(() => assert.ok(stack.state().status().converged));
    const writes = stack.apic
      .requestLog()
      .filter(({ method, url }) => method === 'POST' && url.includes('/api/mo/')).length;
    await stack.restart();
    await waitFor(() => assert.ok(stack.state().status().converged));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = stack.apic
      .requestLog()
      .filter(({ method, url }) => method === 'POST' && url.includes('/api/mo/')).length;
    assert.equal(after, writes);
  });
});
