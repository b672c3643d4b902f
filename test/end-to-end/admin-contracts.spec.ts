import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '#model/kubernetes';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { sliceOpens } from '#support/slice-verdict';
import { addressOf, epgOf, startUpStack, type UpStack } from '#support/up-stack';

const TENANT = 'uni/tn-k8s-test';
const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';

const pod = (name: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }
spec: { nodeName: node-1, containers: [{ name: c, image: none }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: { podSelector: { matchLabels: { app: ${name} } }, policyTypes: [Ingress, Egress] }
`;

const contract = (port: string) => ({
  fvTenant: {
    attributes: { name: 'k8s-test' },
    children: [
      {
        vzFilter: {
          attributes: { name: 'admin' },
          children: [
            { vzEntry: { attributes: { name: 'e', etherT: 'ip', prot: 'tcp', dFromPort: port, dToPort: port } } },
          ],
        },
      },
      {
        vzBrCP: {
          attributes: { name: 'admin' },
          children: [
            {
              vzSubj: {
                attributes: { name: 's' },
                children: [{ vzRsSubjFiltAtt: { attributes: { tnVzFilterName: 'admin' } } }],
              },
            },
          ],
        },
      },
    ],
  },
});

describe('end to end: what an admin opens in the fabric is open on the hosts', function () {
  let stack: UpStack;
  let admin: ApicRest;

  const waitFor = (check: () => void | Promise<void>): Promise<void> => eventually(check, 10_000);
  const opens = async (source: string, destination: string, port: number): Promise<boolean> => {
    const slice = await stack.store.get('node-1');
    assert.ok(slice !== undefined);
    return sliceOpens(slice, { source, destination, protocol: 'tcp', port });
  };
  const told = (): readonly string[] =>
    stack
      .state()
      .findings()
      .filter(({ code }) => code === 'ADMIN_CONTRACT')
      .map(({ object }) => object);

  beforeEach(async () => {
    stack = await startUpStack();
    const manifests = `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---${pod('web')}---${pod('client')}`;
    stack.kube.apply(parseAllDocuments(manifests).map((document) => document.toJS() as KubernetesObject));
    admin = await ApicRest.login(stack.apic.url);
    await waitFor(() => {
      assert.ok(stack.state().status().converged);
      assert.notEqual(epgOf(stack, 'web'), '');
      assert.notEqual(epgOf(stack, 'web'), epgOf(stack, 'client'));
    });
    await admin.post('uni', contract('8443'));
  });
  afterEach(() => stack.stop());

  const relate = async (): Promise<void> => {
    await admin.post(epgOf(stack, 'client'), { fvRsCons: { attributes: { tnVzBrCPName: 'admin' } } });
    await admin.post(epgOf(stack, 'web'), { fvRsProv: { attributes: { tnVzBrCPName: 'admin' } } });
  };

  it('as long as the contract is there, whatever the policies say, and it is told', async () => {
    const [client, web] = [addressOf(stack, 'client'), addressOf(stack, 'web')];
    assert.equal(await opens(client, web, 8443), false);
    await relate();
    await waitFor(async () => assert.equal(await opens(client, web, 8443), true));
    assert.equal(await opens(client, web, 8444), false);
    assert.equal(await opens(web, client, 8443), false);
    assert.deepEqual(told().toSorted(), [`EPG/${epgOf(stack, 'client')}`, `EPG/${epgOf(stack, 'web')}`].toSorted());
    await waitFor(() => assert.ok(stack.state().status().converged));
    await admin.post('uni', contract('9443'));
    await waitFor(async () => assert.equal(await opens(client, web, 9443), true));
    await admin.delete(`${epgOf(stack, 'web')}/rsprov-admin`);
    await waitFor(async () => assert.equal(await opens(client, web, 9443), false));
    assert.ok(
      (await admin.object(`${epgOf(stack, 'client')}/rscons-admin`)) !== undefined,
      'the relation is the admin’s',
    );
  });

  it('toward machines that the fabric has learned in a group of others, and through a restart', async () => {
    const [client, vm] = [addressOf(stack, 'client'), '10.244.99.7'];
    const epg = `${TENANT}/ap-legacy/epg-vm`;
    await admin.post(TENANT, { fvAp: { attributes: { name: 'legacy' } } });
    await admin.post(`${TENANT}/ap-legacy`, {
      fvAEPg: {
        attributes: { name: 'vm' },
        children: [
          { fvRsBd: { attributes: { tnFvBDName: 'pods' } } },
          { fvRsProv: { attributes: { tnVzBrCPName: 'admin' } } },
        ],
      },
    });
    await admin.post(epgOf(stack, 'client'), { fvRsCons: { attributes: { tnVzBrCPName: 'admin' } } });
    await waitFor(() => assert.deepEqual(told(), [`EPG/${epgOf(stack, 'client')}`]));
    assert.equal(await opens(client, vm, 8443), false, 'nobody knows that the address is in the group');
    stack.apic.learn({ mac: '00:50:56:AA:BB:01', ip: vm, encap: 'vlan-10', path: PORT, epg });
    await waitFor(async () => assert.equal(await opens(client, vm, 8443), true));
    const closed = new Set<boolean>();
    const stop = new AbortController();
    const watching = stack.store.watch(
      'node-1',
      {
        policy: (slice) => {
          if (slice !== undefined)
            closed.add(!sliceOpens(slice, { source: client, destination: vm, protocol: 'tcp', port: 8443 }));
        },
        trouble: () => undefined,
      },
      stop.signal,
    );
    await stack.restart();
    await waitFor(() => {
      assert.ok(stack.state().status().converged);
      assert.deepEqual(told(), [`EPG/${epgOf(stack, 'client')}`]);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    await watching;
    assert.deepEqual([...closed], [false], 'never closed for a moment');
    stack.apic.forget('00:50:56:AA:BB:01');
    await waitFor(async () => assert.equal(await opens(client, vm, 8443), false));
  });
});
