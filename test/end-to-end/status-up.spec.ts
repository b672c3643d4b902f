import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '#model/kubernetes';
import { fieldAt, listAt, textAt } from '#model/kubernetes';
import { eventually } from '#support/eventually';
import { loadLegacyEpg, startUpStack, type UpStack } from '#support/up-stack';

const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const PROFILE = 'uni/tn-k8s-test/ap-k8s-test';

const MANIFESTS = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: c, image: none, ports: [{ containerPort: 80, name: http }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: shop, labels: { app: client } }
spec: { containers: [{ name: c, image: none }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }], ports: [{ port: 80 }] }]
`;

const adminPolicy = (port: string): KubernetesObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'monitoring' },
  spec: {
    priority: 10,
    subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
    ingress: [{ action: 'Allow', from: [{ namespaces: {} }], ports: [{ [port]: { protocol: 'TCP', port: 9100 } }] }],
  },
});

describe('end to end: faults, findings and addresses told in Kubernetes', function () {
  let stack: UpStack;

  const waitFor = (check: () => void): Promise<void> => eventually(check, 10_000);
  const objects = (text: string): readonly KubernetesObject[] =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  const epgOf = (pod: string): string =>
    stack
      .state()
      .groups()
      .find(({ pods }) => pods.includes(`shop/${pod}`))?.epg ?? '';
  const addressOf = (pod: string): string =>
    textAt(
      stack.kube.objects('pods').find(({ metadata }) => metadata.name === pod),
      'status',
      'podIP',
    ) ?? '';
  const programmed = (): unknown =>
    listAt(stack.kube.objects('adminnetworkpolicies.policy.networking.k8s.io')[0], 'status', 'conditions').find(
      (condition) => fieldAt(condition, 'type') === 'aci-gateway.io/Programmed',
    );

  beforeEach(async () => {
    stack = await startUpStack();
    stack.kube.apply(objects(MANIFESTS));
    await waitFor(() => {
      assert.ok(stack.state().status().converged);
      assert.notEqual(epgOf('web'), '');
    });
  });
  afterEach(() => stack.stop());

  it('a fault on an object of ours is an Event on what it was made for, with cause and Dn, once; and so is its end', async () => {
    const epg = epgOf('web');
    const dn = `${epg}/fault-F0467`;
    const fault = { dn, code: 'F0467', severity: 'major', lc: 'raised', cause: 'invalid-vlan', descr: 'VLAN in use' };
    stack.apic.load({ faultInst: { attributes: fault } });
    await waitFor(() => {
      const [event = '', ...more] = stack.events('DeployFault');
      assert.equal(more.length, 0);
      assert.equal(event, `Namespace/shop: F0467 (major): VLAN in use; cause: invalid-vlan (${epg})`);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [told] = stack.kube.objects('events').filter((event) => event['reason'] === 'DeployFault');
    assert.equal(told?.['count'], 1, 'told once, however often it is looked at');
    stack.apic.load({ faultInst: { attributes: { dn, lc: 'retaining', severity: 'cleared' } } });
    await waitFor(() => assert.equal(stack.events('DeployFaultCleared').length, 1));
    const told_ = stack
      .measures()
      .read()
      .filter(({ name }) => name === 'findings_told_total');
    assert.deepEqual(told_, [{ name: 'findings_told_total', labels: { code: 'DEPLOY_FAULT' }, value: 1 }]);
  });

  it('a namespace says what is wrong with its groups in the fabric, beside what others say, and that nothing is any more', async () => {
    const namespace = (): KubernetesObject | undefined =>
      stack.kube.objects('namespaces').find(({ metadata }) => metadata.name === 'shop');
    const said = (): readonly unknown[] => listAt(namespace(), 'status', 'conditions');
    const ours = (): unknown => said().find((condition) => fieldAt(condition, 'type') === 'aci-gateway.io/Programmed');
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(said(), [], 'nothing is said where nothing is wrong');
    const others = { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'none' };
    const { status } = await fetch(`${stack.kube.url}/api/v1/namespaces/shop/status?fieldManager=others`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/apply-patch+yaml' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', status: { conditions: [others] } }),
    });
    assert.equal(status, 200);
    const dn = `${epgOf('web')}/fault-F0467`;
    const fault = { dn, code: 'F0467', severity: 'major', lc: 'raised', cause: 'invalid-vlan', descr: 'VLAN in use' };
    stack.apic.load({ faultInst: { attributes: fault } });
    await waitFor(() => assert.equal(fieldAt(ours(), 'status'), 'False'));
    assert.equal(fieldAt(ours(), 'reason'), 'DeployFault');
    assert.ok(String(fieldAt(ours(), 'message')).includes(epgOf('web')));
    assert.equal(said().length, 2);
    await stack.restart();
    stack.apic.load({ faultInst: { attributes: { dn, lc: 'retaining', severity: 'cleared' } } });
    await waitFor(() => assert.equal(fieldAt(ours(), 'status'), 'True'));
    assert.equal(said().length, 2);
    const { revision } = stack.kube;
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(Number(namespace()?.metadata.resourceVersion) <= revision, 'it is said once');
  });

  it('low health of an EPG is told', async () => {
    stack.apic.load({ healthInst: { attributes: { dn: `${epgOf('web')}/health`, cur: '60' } } });
    await waitFor(() => assert.match(stack.events('LowHealth').join(), /Namespace\/shop: .* below 75 of 100/));
  });

  it('a finding about a policy is an Event on it, and told once to be over', async () => {
    const [, , , policy] = objects(MANIFESTS);
    assert.ok(policy !== undefined);
    const named = JSON.parse(JSON.stringify(policy).replace('"port":80', '"port":"grpc"')) as KubernetesObject;
    stack.kube.apply([named]);
    await waitFor(() => assert.match(stack.events('NamedPortUnresolved').join(), /^NetworkPolicy\/web: .*grpc/));
    stack.kube.apply([policy]);
    await waitFor(() => assert.equal(stack.events('NamedPortUnresolvedCleared').length, 1));
  });

  it('policies of other tiers say whether they are in force, beside the conditions of others', async () => {
    stack.kube.apply([adminPolicy('portNumber')]);
    await waitFor(() => assert.equal(fieldAt(programmed(), 'status'), 'True'));
    const since = fieldAt(programmed(), 'lastTransitionTime');
    assert.ok(!Number.isNaN(Date.parse(String(since))));
    stack.kube.apply([adminPolicy('portNumbr')]);
    await waitFor(() => assert.equal(fieldAt(programmed(), 'status'), 'False'));
    assert.equal(fieldAt(programmed(), 'reason'), 'InvalidPort');
    const { revision } = stack.kube;
    await stack.restart();
    await waitFor(() => assert.ok(stack.state().status().converged));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const conditions = stack.kube.objects('adminnetworkpolicies.policy.networking.k8s.io')[0]?.metadata.resourceVersion;
    assert.ok(Number(conditions) <= revision, 'a restart changes no condition');
  });

  it('an API server that takes neither Events nor conditions stops nothing, and is complained of once', async () => {
    stack.proxy.refuse((method) => (method === 'GET' ? undefined : 403));
    stack.kube.apply([adminPolicy('portNumbr')]);
    await waitFor(() => assert.ok(stack.proxy.calls.filter(({ status }) => status === 403).length > 3));
    const [, , , policy] = objects(MANIFESTS);
    stack.kube.remove(policy as KubernetesObject);
    await waitFor(() => assert.ok(stack.state().status().converged));
    const said = (start: string): number => stack.warnings.filter((line) => line.startsWith(start)).length;
    await waitFor(() => assert.deepEqual([said('an event'), said('conditions')], [1, 1], stack.warnings.join('\n')));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual([said('an event'), said('conditions')], [1, 1], 'however often it is tried');
    stack.proxy.refuse(undefined);
    await waitFor(() => assert.equal(fieldAt(programmed(), 'status'), 'False'));
  });

  it('an address of a pod in somebody else’s group is a conflict, until it is forgotten', async () => {
    loadLegacyEpg(stack, 'vm');
    const epg = 'uni/tn-k8s-test/ap-legacy/epg-vm';
    const ip = addressOf('web');
    stack.apic.learn({ mac: '00:50:56:AA:BB:01', ip, encap: 'vlan-10', path: PORT, epg });
    await waitFor(() => {
      const [event = ''] = stack.events('IpConflict');
      assert.ok(
        event.startsWith(`Pod/web: address ${ip} is known to the fabric by MAC 00:50:56:AA:BB:01 in ${epg}`),
        event,
      );
    });
    assert.deepEqual(
      stack
        .state()
        .findings()
        .filter(({ code }) => code === 'IP_CONFLICT')
        .map(({ object }) => object),
      ['Pod/shop/web'],
    );
    stack.apic.forget('00:50:56:AA:BB:01');
    await waitFor(() => assert.equal(stack.events('IpConflictCleared').length, 1));
  });

  it('a pod that the fabric still knows in its former group is no conflict before its time; in its own it is none', async () => {
    const vlan = (pod: string): string =>
      stack
        .state()
        .groups()
        .find(({ pods }) => pods.includes(`shop/${pod}`))?.encap ?? '';
    const own = { mac: '0A:58:0A:F4:00:01', ip: addressOf('client'), encap: vlan('client'), path: PORT };
    const former = { mac: '0A:58:0A:F4:00:02', ip: addressOf('web'), encap: vlan('client'), path: PORT };
    assert.equal(stack.apic.learn(own).group, `${PROFILE}/epg-${epgOf('client').split('epg-')[1] ?? ''}`);
    const learnedAt = Date.now();
    stack.apic.learn(former);
    await waitFor(() => assert.equal(stack.events('IpConflict').length, 1));
    assert.ok(Date.now() - learnedAt >= 400, 'it had its time to pass');
    assert.match(stack.events('IpConflict')[0] ?? '', /^Pod\/web/);
  });
});
