import assert from 'node:assert/strict';
import { fieldAt, type KubernetesObject, listAt, textAt } from '#model/kubernetes';
import { crd } from '#support/crds';
import { eventually } from '#support/eventually';
import { KUBECTL, kubectlFor } from '#support/kubectl';
import { describeWith } from '#support/requirement';
import { startUpStack, type UpStack } from '#support/up-stack';

const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const EPG = 'uni/tn-prod/ap-legacy/epg-db';

const INVENTORY = `
inventory:
  groups: [uni/tn-prod/ap-legacy/epg-*, uni/tn-prod/ap-legacy/esg-*, uni/tn-prod/out-*/instP-*]
`;

type Wire = Readonly<Record<string, { attributes: Readonly<Record<string, string>>; children?: readonly Wire[] }>>;
const wire = (name: string, attributes: Readonly<Record<string, string>>, children: readonly Wire[] = []): Wire => ({
  [name]: { attributes, children },
});

const epg = (name: string): Wire => wire('fvAEPg', { name }, [wire('fvRsBd', { tnFvBDName: 'bd' })]);
const prod = (...groups: readonly Wire[]): Wire =>
  wire('fvTenant', { name: 'prod' }, [
    wire('fvCtx', { name: 'v' }),
    wire('fvBD', { name: 'bd' }, [wire('fvRsCtx', { tnFvCtxName: 'v' }), wire('fvSubnet', { ip: '10.20.0.1/16' })]),
    wire('fvAp', { name: 'legacy' }, groups),
    wire('fvAp', { name: 'other' }, [epg('not-selected')]),
    wire('l3extOut', { name: 'wan' }, [
      wire('l3extInstP', { name: 'Internet' }, [
        wire('l3extSubnet', { ip: '0.0.0.0/1' }),
        wire('l3extSubnet', { ip: '128.0.0.0/1' }),
      ]),
    ]),
  ]);

describeWith([KUBECTL], 'end to end: groups of the fabric as FabricGroup objects', function () {
  let stack: UpStack;

  const groups = (): readonly KubernetesObject[] => stack.kube.objects('fabricgroups.aci-gateway.io');
  const group = (name: string): KubernetesObject | undefined => groups().find(({ metadata }) => metadata.name === name);
  const condition = (name: string, type: string): string | undefined =>
    textAt(
      listAt(group(name), 'status', 'conditions').find((found) => fieldAt(found, 'type') === type),
      'status',
    );
  const waitFor = (check: () => void): Promise<void> => eventually(check, 10_000);
  const learn = (mac: string, ip: string, group_ = EPG) =>
    stack.apic.learn({ mac, ip, encap: 'vlan-10', path: PORT, epg: group_ });

  beforeEach(async () => {
    stack = await startUpStack({ configuration: INVENTORY, definitions: [] });
    stack.apic.load(prod(epg('db')));
  });
  afterEach(() => stack.stop());

  const installed = async (): Promise<void> => {
    stack.kube.apply([crd('fabricgroups')]);
    await waitFor(() => assert.equal(groups().length, 2));
  };

  it('tells endpoints, prefixes and faults of the selected groups, and follows them', async () => {
    await installed();
    assert.deepEqual(
      groups().map(({ metadata }) => metadata.name.replace(/-[0-9a-z]{8}$/, '-HASH')),
      ['epg.prod.legacy.db', 'ext.prod.wan.internet-HASH'],
      'a name that Kubernetes does not take ends in a hash',
    );
    learn('00:50:56:AA:BB:01', '10.20.0.7');
    await waitFor(() => {
      assert.deepEqual(fieldAt(group('epg.prod.legacy.db'), 'status', 'endpoints'), [
        { mac: '00:50:56:AA:BB:01', addresses: ['10.20.0.7'], path: PORT },
      ]);
    });
    const external = groups().find(({ metadata }) => metadata.name.startsWith('ext.'));
    assert.deepEqual(fieldAt(external, 'status', 'prefixes'), ['0.0.0.0/1', '128.0.0.0/1']);
    const kubectl = kubectlFor(stack.kube.url);
    try {
      assert.match(
        await kubectl.ok(['get', 'fg', '--no-headers']),
        /epg\.prod\.legacy\.db\s+EndpointGroup\s+1\s+\S*\s*True/,
      );
    } finally {
      kubectl.dispose();
    }
    stack.apic.load(
      wire('faultInst', {
        dn: `${EPG}/fault-F0467`,
        code: 'F0467',
        severity: 'major',
        lc: 'raised',
        cause: 'invalid-vlan',
        descr: 'no vlan',
      }),
    );
    await waitFor(() => assert.equal(condition('epg.prod.legacy.db', 'Healthy'), 'False'));
    const [fault] = listAt(group('epg.prod.legacy.db'), 'status', 'faults');
    assert.deepEqual(fault, { code: 'F0467', severity: 'major', cause: 'invalid-vlan', dn: EPG, message: 'no vlan' });
    stack.apic.forget('00:50:56:AA:BB:01');
    await waitFor(() => assert.equal(fieldAt(group('epg.prod.legacy.db'), 'status', 'endpointCount'), 0));
  });

  it('counts members of an endpoint security group that stand below an EPG', async () => {
    await installed();
    const ESG = 'uni/tn-prod/ap-legacy/esg-critical';
    stack.apic.load(prod(epg('db'), wire('fvESg', { name: 'critical' }, [wire('fvRsScope', { tnFvCtxName: 'v' })])));
    const other = 'uni/tn-prod/ap-other/epg-not-selected';
    const { dn } = learn('00:50:56:AA:BB:02', '10.20.0.8', other);
    stack.apic.load(wire('fvCEp', { dn, esgUsegDn: ESG }));
    await waitFor(() => {
      const found = listAt(group('esg.prod.legacy.critical'), 'status', 'endpoints');
      assert.deepEqual(found, [{ mac: '00:50:56:AA:BB:02', addresses: ['10.20.0.8'], path: PORT }]);
    });
    assert.equal(group('epg.prod.other.not-selected'), undefined);
  });

  it('counts addresses that a selector names apart from their endpoint', async () => {
    await installed();
    const security = (name: string): string => `uni/tn-prod/ap-legacy/esg-${name}`;
    const groupsOf = ['critical', 'spare'].map((name) =>
      wire('fvESg', { name }, [wire('fvRsScope', { tnFvCtxName: 'v' })]),
    );
    stack.apic.load(prod(epg('db'), ...groupsOf));
    const { dn } = learn('00:50:56:AA:BB:02', '10.20.0.8', EPG);
    learn('00:50:56:AA:BB:02', '10.20.0.9', EPG);
    stack.apic.load(wire('fvCEp', { dn, esgUsegDn: security('critical') }));
    stack.apic.load(wire('fvIp', { dn: `${dn}/ip-[10.20.0.9]`, esgUsegDn: security('spare') }));
    const addresses = (name: string): unknown =>
      listAt(group(name), 'status', 'endpoints').map((endpoint) => fieldAt(endpoint, 'addresses'));
    await waitFor(() => {
      assert.deepEqual(addresses('esg.prod.legacy.critical'), [['10.20.0.8']]);
      assert.deepEqual(addresses('esg.prod.legacy.spare'), [['10.20.0.9']]);
    });
  });

  it('deletes on proof only: not while the fabric is not followed, and then what is really gone', async () => {
    const without = stack.apic.snapshot();
    stack.apic.load(prod(epg('db'), epg('short-lived')));
    stack.kube.apply([crd('fabricgroups')]);
    await waitFor(() => assert.equal(groups().length, 3));
    stack.apic.failNext(100_000, 503);
    stack.apic.killSockets();
    stack.apic.restore(without);
    await waitFor(() => assert.equal(condition('epg.prod.legacy.db', 'Current'), 'False'));
    assert.equal(groups().length, 3, 'nobody has seen that it is gone');
    await stack.restart();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(groups().length, 3, 'a gateway that never saw the fabric deletes nothing');
    stack.apic.endFaults();
    await waitFor(() => {
      assert.equal(group('epg.prod.legacy.short-lived'), undefined);
      assert.equal(condition('epg.prod.legacy.db', 'Current'), 'True');
    });
    assert.equal(groups().length, 2);
  });

  it('says once that the definition is not installed, and goes on with everything else', async () => {
    stack.kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]);
    await waitFor(() => assert.ok(stack.state().status().converged));
    const tries = (): number => stack.proxy.calls.filter(({ path }) => path.includes('fabricgroups')).length;
    await waitFor(() => assert.ok(tries() >= 3));
    const said = stack.warnings.filter((line) => line.includes('FabricGroup'));
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /404/);
    await installed();
  });

  it('gets over writes that are refused or in conflict, of some objects or of all', async () => {
    await installed();
    stack.proxy.refuse((method, path) => (method === 'PATCH' && path.includes('epg.prod') ? 403 : undefined));
    learn('00:50:56:AA:BB:01', '10.20.0.7');
    stack.apic.load(
      wire('l3extSubnet', {
        dn: 'uni/tn-prod/out-wan/instP-Internet/extsubnet-[10.9.0.0/16]',
        ip: '10.9.0.0/16',
      }),
    );
    await waitFor(() => {
      const external = groups().find(({ metadata }) => metadata.name.startsWith('ext.'));
      assert.equal(listAt(external, 'status', 'prefixes').length, 3, 'the other object is written');
    });
    await waitFor(() => assert.equal(stack.warnings.filter((line) => line.includes('403')).length, 1));
    stack.proxy.refuse((method) => (method === 'PATCH' ? 409 : undefined));
    await waitFor(() => assert.ok(stack.warnings.some((line) => line.includes('409'))));
    stack.proxy.refuse(undefined);
    await waitFor(() => assert.equal(fieldAt(group('epg.prod.legacy.db'), 'status', 'endpointCount'), 1));
  });

  it('writes nothing after a restart, and puts back what somebody deletes or changes', async () => {
    await installed();
    learn('00:50:56:AA:BB:01', '10.20.0.7');
    await waitFor(() => assert.equal(fieldAt(group('epg.prod.legacy.db'), 'status', 'endpointCount'), 1));
    // The answer to the last write is on its way.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { revision } = stack.kube;
    const writes = (): number => stack.proxy.calls.filter(({ method }) => method !== 'GET').length;
    const before = writes();
    await stack.restart();
    const lists = (): number => stack.proxy.calls.filter(({ path }) => path.includes('fabricgroups?')).length;
    const listed = lists();
    await waitFor(() => assert.ok(lists() > listed + 1, 'listed twice since the restart'));
    assert.equal(stack.kube.revision, revision);
    assert.equal(writes(), before);
    const [db] = groups().filter(({ metadata }) => metadata.name === 'epg.prod.legacy.db');
    if (db !== undefined) stack.kube.remove(db);
    await waitFor(() => assert.equal(fieldAt(group('epg.prod.legacy.db'), 'status', 'endpointCount'), 1));
  });

  it('deletes them when their tenant is gone, and nobody else’s', async () => {
    await installed();
    const byHand = { apiVersion: 'aci-gateway.io/v1alpha1', kind: 'FabricGroup', metadata: { name: 'by-hand' } };
    stack.kube.apply([byHand]);
    stack.apic.load(wire('fvTenant', { dn: 'uni/tn-prod', status: 'deleted' }));
    await waitFor(() =>
      assert.deepEqual(
        groups().map(({ metadata }) => metadata.name),
        ['by-hand'],
      ),
    );
  });
});
