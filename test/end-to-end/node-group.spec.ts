import assert from 'node:assert/strict';
import { type ApicMock, startApicMock } from '#apic-mock';
import { type GatewayProcess, startGateway } from '#cli';
import { parseConfiguration } from '#config';
import { FabricEvaluator } from '#fabric';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type KubernetesObject, snapshotOf } from '#model/kubernetes';
import { formatAddress } from '#model/net';
import { silentLogger } from '#runtime';
import { ApicRest } from '#support/apic-client';
import { eventually } from '#support/eventually';
import { FlowQuestions } from '#support/fabric-flows';
import { APIC_USER } from '#support/gateway-stack';

const TENANT = 'uni/tn-prod';
const NODES = `${TENANT}/ap-infra/epg-nodes`;
const PATIENCE = 5_000;

/** What the admin has made: a VRF, and the EPG in which the nodes are. */
const ADMINS = {
  fvTenant: {
    attributes: { name: 'prod' },
    children: [
      { fvCtx: { attributes: { name: 'prod' } } },
      {
        fvBD: {
          attributes: { name: 'nodes' },
          children: [{ fvRsCtx: { attributes: { tnFvCtxName: 'prod' } } }],
        },
      },
      {
        fvAp: {
          attributes: { name: 'infra' },
          children: [
            {
              fvAEPg: {
                attributes: { name: 'nodes' },
                children: [{ fvRsBd: { attributes: { tnFvBDName: 'nodes' } } }],
              },
            },
          ],
        },
      },
    ],
  },
};

const SHOP: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  },
];

const from = (cidrs: readonly string[]): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    podSelector: {},
    ingress: [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ port: 80 }] }],
  },
});

describe('end to end: the nodes in an EPG of an admin’s', () => {
  let apic: ApicMock;
  let kube: KubeMock;
  let rest: ApicRest;
  let gateway: GatewayProcess;
  let addresses: readonly string[];
  let nodes: readonly KubernetesObject[];

  before(async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER] });
    apic.load(ADMINS);
    apic.load({
      infraInfra: {
        attributes: {},
        children: [
          {
            fvnsVlanInstP: {
              attributes: { name: 'pods', allocMode: 'static' },
              children: [{ fvnsEncapBlk: { attributes: { from: 'vlan-2000', to: 'vlan-2999' } } }],
            },
          },
        ],
      },
    });
    rest = await ApicRest.login(apic.url);
    kube = await startKubeMock();
    kube.apply(SHOP);
    nodes = kube.objects('nodes');
    const views = snapshotOf({ namespaces: [], nodes, pods: [], policies: [] }, 1).nodes;
    addresses = [...views.values()].flatMap((node) => node.internalAddresses.map(formatAddress));
    const text = `
clusterId: test
kubernetes: { url: '${kube.url}' }
apic: { urls: ['${apic.url}'], user: ${APIC_USER.name}, password: ${APIC_USER.password} }
api: { port: 0 }
fabric:
  tenant: { name: prod, own: false }
  vrf: { name: prod, own: false }
  vlanPool: { name: pods, own: false, from: 1000, to: 1099 }
  nodes: { epg: ${NODES} }
`;
    gateway = await startGateway(parseConfiguration('test', text), silentLogger, {});
    await eventually(() => assert.ok(gateway.state.status().converged), 10_000);
  });

  after(async () => {
    await gateway.stop();
    await apic.stop();
    await kube.stop();
  });

  const opens = async (port: number): Promise<boolean> => {
    const flows = new FlowQuestions(new FabricEvaluator(await rest.subtree(TENANT)), `${TENANT}/ctx-prod`);
    const [group] = gateway.state.groups().filter(({ pods }) => pods.includes('shop/web'));
    const pod = { ip: '10.244.0.2', epg: group?.epg ?? '' };
    return flows.opens({ ip: addresses[0] ?? '', epg: NODES }, pod, 'TCP', port);
  };
  const told = (code: string): readonly string[] =>
    gateway.state.findings().flatMap((finding) => (finding.code === code ? [finding.object] : []));
  const relations = async (): Promise<readonly string[]> =>
    (await rest.subtree(NODES)).map(({ className }) => className).filter((name) => /^fvRs(Prov|Cons)$/.test(name));

  it('a policy that lets the nodes in opens the EPG of the nodes to the pods, at that port', async () => {
    assert.ok(addresses.length >= 2);
    kube.apply([from(addresses.map((ip) => `${ip}/32`))]);
    await eventually(async () => {
      assert.ok(await opens(80));
      assert.ok(!(await opens(81)));
    }, PATIENCE);
    assert.deepEqual(told('NODE_SPLIT'), []);
    const subnets = (await rest.subtree(TENANT)).filter(({ className }) => className === 'l3extSubnet');
    assert.ok(!subnets.some(({ attributes }) => addresses.includes(attributes['ip']?.split('/')[0] ?? '')));
  }).timeout(20_000);

  it('one that lets a single node in opens the EPG as well, and is told', async () => {
    kube.apply([from([`${addresses[0]}/32`])]);
    await eventually(() => assert.deepEqual(told('NODE_SPLIT'), [`EPG/${NODES}`]), PATIENCE);
    await eventually(async () => assert.ok(await opens(80)), PATIENCE);
  }).timeout(20_000);

  it('the address of a node that comes later belongs to the EPG too; without nodes nothing is left on it', async () => {
    const before = (await rest.object(NODES))?.attributes['modTs'];
    for (const node of nodes) kube.remove(node);
    await eventually(async () => assert.deepEqual(await relations(), []), PATIENCE);
    assert.deepEqual(told('NODE_SPLIT'), []);
    kube.apply(nodes);
    await eventually(async () => assert.ok(await opens(80)), PATIENCE);
    assert.equal((await rest.object(NODES))?.attributes['modTs'], before, 'the EPG itself is never edited');
  }).timeout(20_000);

  it('DEPLOY_FAULT: a VLAN that the admin’s pool does not have is told until the admin adds it', async () => {
    const epg = gateway.state.groups().find(({ pods }) => pods.includes('shop/web'))?.epg;
    const find = () => gateway.state.findings().find(({ object }) => object.endsWith(`rsfuncToEpg-[${epg}]`));
    await eventually(() => assert.match(find()?.message ?? '', /^F0467 .*vlan-10\d\d/), PATIENCE);
    assert.equal(find()?.code, 'DEPLOY_FAULT');
    const [first] = gateway.state.findings();
    assert.equal(first?.code, 'DEPLOY_FAULT', 'what matters comes first');
    await rest.post('uni/infra/vlanns-[pods]-static', {
      fvnsEncapBlk: { attributes: { from: 'vlan-1000', to: 'vlan-1099' } },
    });
    await eventually(() => assert.deepEqual(told('DEPLOY_FAULT'), []), PATIENCE);
    await eventually(() => assert.ok(gateway.state.status().converged), PATIENCE);
  }).timeout(20_000);
});
