import assert from 'node:assert/strict';
import axios from 'axios';
import { FabricEvaluator } from '#fabric';
import type { FlatObject } from '#model/aci';
import type { GatewayStatus, GroupRow } from '#ports';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { FlowQuestions } from '#support/fabric-flows';
import { type GatewayStack, inOneProcess, inSeparateProcesses } from '#support/gateway-stack';
import { KUBECTL, type Kubectl, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';

const TENANT = 'uni/tn-k8s-test';
const PROFILE = `${TENANT}/ap-k8s-test`;
const SECOND = { withinMs: 1000, everyMs: 10 };

const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;

const deployment = (name: string, replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: c, image: none, ports: [{ containerPort: 80 }] }] }
`;

const denyAll = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
`;

const allow = (port: number): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }], ports: [{ port: ${port} }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client, namespace: shop }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: web } } }] }]
`;

const denyToWeb = `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: deny-to-web }
spec:
  priority: 20
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: web } } } }
  ingress: [{ action: Deny, from: [{ namespaces: {} }], ports: [{ portRange: { start: 1, end: 9999 } }] }]
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: { name: default }
spec:
  subject: { namespaces: {} }
  ingress: [{ action: Allow, from: [{ namespaces: {} }] }]
`;

const acceptToWeb = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: accept-to-web }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  ingress: [{ action: Accept, from: [{ namespaces: {} }], protocols: [{ tcp: { destinationPort: { number: 9000 } } }] }]
`;

for (const kind of [inOneProcess, inSeparateProcesses]) {
  describeWith([KUBECTL], `end to end, ${kind.name}`, () => {
    let stack: GatewayStack;
    let kubectl: Kubectl;
    let apic: ApicRest;

    const apply = (manifests: string): Promise<string> => kubectl.ok(['apply', '-f', '-'], manifests);
    const converged = (): Promise<void> =>
      eventually(async () => {
        const { data } = await axios.get<GatewayStatus>(`${stack.gatewayUrl()}/api/v1/status`, { proxy: false });
        assert.ok(data.converged, data.waitingFor.join());
      }, 15_000);
    const groups = async (): Promise<readonly GroupRow[]> =>
      (await axios.get<GroupRow[]>(`${stack.gatewayUrl()}/api/v1/groups`, { proxy: false })).data;
    /** Whether the managed objects on the APIC let the client open TCP to a port of web. */
    const opens = async (port: number): Promise<boolean> => {
      const evaluator = new FabricEvaluator(await apic.subtree(TENANT));
      const flows = new FlowQuestions(evaluator, `${TENANT}/ctx-k8s-test`);
      const place = (group: string): { ip: string; epg: string } => ({
        ip: '10.244.0.9',
        epg: `${PROFILE}/epg-${group}`,
      });
      return flows.opens(place('shop.client'), place('shop.web'), 'TCP', port);
    };

    before(async function () {
      this.timeout(60_000);
      stack = await kind.start();
      kubectl = kubectlFor(stack.kubernetesUrl);
      apic = await ApicRest.login(stack.apicUrl);
      await apply([namespace('shop'), deployment('web', 2), deployment('client', 1), denyAll, allow(80)].join('---\n'));
      await converged();
      await eventually(async () => assert.ok(await opens(80)), 5000);
    });

    after(async function () {
      this.timeout(20_000);
      kubectl?.dispose();
      await stack?.stop();
    });

    it('opens what the policies allow and nothing else', async () => {
      assert.ok(await opens(80));
      assert.ok(!(await opens(81)));
    });

    it('follows a changed and a deleted policy within a second', async () => {
      await apply(allow(8443));
      await eventually(async () => {
        assert.ok(await opens(8443));
        assert.ok(!(await opens(80)));
      }, SECOND);
      await kubectl.ok(['delete', 'networkpolicy', 'web', '-n', 'shop']);
      await eventually(async () => assert.ok(!(await opens(8443))), SECOND);
      await apply(allow(80));
      await eventually(async () => assert.ok(await opens(80)), SECOND);
    });

    it('follows policies of the tiers around NetworkPolicy within a second, in all three kinds', async () => {
      await apply(denyToWeb);
      await eventually(async () => assert.ok(!(await opens(80))), SECOND);
      await apply(acceptToWeb);
      await eventually(async () => {
        assert.ok(await opens(9000), 'accepted before the Deny, and before the NetworkPolicies are asked');
        assert.ok(!(await opens(80)));
      }, SECOND);
      await kubectl.ok(['delete', 'anp,cnp,banp', '--all']);
      await eventually(async () => {
        assert.ok(await opens(80));
        assert.ok(!(await opens(9000)));
      }, SECOND);
    }).timeout(10_000);

    it('gives a new namespace its EPG within a second, and takes it away again', async () => {
      await apply(namespace('fresh'));
      await eventually(async () => assert.ok(await apic.object(`${PROFILE}/epg-fresh`)), SECOND);
      await kubectl.ok(['delete', 'namespace', 'fresh']);
      await eventually(async () => assert.equal(await apic.object(`${PROFILE}/epg-fresh`), undefined), SECOND);
    }).timeout(10_000);

    it('follows a relabelled pod within a second', async () => {
      const pod = (await groups()).find(({ group }) => group === 'shop.client')?.pods[0]?.replace('shop/', '') ?? '';
      await kubectl.ok(['label', 'pod', pod, '-n', 'shop', 'app=stranger', '--overwrite']);
      await eventually(async () => {
        const holder = (await groups()).find(({ pods }) => pods.includes(`shop/${pod}`));
        assert.ok(holder !== undefined);
        const relations = (await apic.subtree(holder.epg)).filter(({ className }) => className === 'fvRsCons');
        assert.deepEqual(relations, [], 'a stranger consumes nothing');
      }, SECOND);
      await kubectl.ok(['delete', 'pod', pod, '-n', 'shop']);
      await converged();
    });

    it('knows the pods of a scaled Deployment within a second', async () => {
      await kubectl.ok(['scale', 'deployment', 'web', '-n', 'shop', '--replicas=5']);
      await eventually(async () => {
        const web = (await groups()).find(({ group }) => group === 'shop.web');
        assert.equal(web?.pods.length, 5);
      }, SECOND);
      await kubectl.ok(['scale', 'deployment', 'web', '-n', 'shop', '--replicas=2']);
      await converged();
    });

    it('puts back within a second what an admin deleted or changed', async () => {
      const contract = `${TENANT}/brc-shop.web_tcp-80`;
      const before = await apic.subtree(contract);
      assert.ok(before.length > 0);
      await apic.delete(contract);
      await eventually(async () => assert.deepEqual(dns(await apic.subtree(contract)), dns(before)), SECOND);
      const entry = `${TENANT}/flt-f-tcp-80/e-f-tcp-80`;
      await apic.post(entry, { vzEntry: { attributes: { dFromPort: '22', dToPort: '22' } } });
      await eventually(async () => {
        const { dFromPort, dToPort } = (await apic.object(entry))?.attributes ?? {};
        assert.deepEqual([dFromPort, dToPort], ['http', 'http']);
      }, SECOND);
    });

    it('never touches what is not its own', async () => {
      const foreign = {
        fvAp: {
          attributes: { name: 'admins', descr: 'hands off' },
          children: [{ fvAEPg: { attributes: { name: 'vm' } } }],
        },
      };
      await apic.post(TENANT, foreign);
      await apic.post(`${PROFILE}/epg-shop.web`, { fvRsCons: { attributes: { tnVzBrCPName: 'of-the-admin' } } });
      const own = [`${TENANT}/ap-admins`, `${PROFILE}/epg-shop.web/rscons-of-the-admin`];
      const before = await Promise.all(own.map((dn) => apic.subtree(dn)));
      await apply(allow(81));
      await eventually(async () => assert.ok(await opens(81)), SECOND);
      await apply(allow(80));
      await eventually(async () => assert.ok(await opens(80)), SECOND);
      assert.deepEqual(await Promise.all(own.map((dn) => apic.subtree(dn))), before);
    });

    it('writes nothing when it is started again with nothing changed', async () => {
      await converged();
      const before = (await groups()).map(({ group, encap }) => [group, encap]);
      await stack.restartGateway();
      await converged();
      const { data } = await axios.get<GatewayStatus>(`${stack.gatewayUrl()}/api/v1/status`, { proxy: false });
      assert.equal(data.apicRequests.writes, 0);
      assert.deepEqual(
        (await groups()).map(({ group, encap }) => [group, encap]),
        before,
      );
    }).timeout(30_000);
  });
}

const dns = (objects: readonly FlatObject[]): readonly string[] => objects.map(({ dn }) => dn).sort();
