import assert from 'node:assert/strict';
import { InvalidInputError } from '#errors';
import { classNames, classRow } from '#model/aci';
import { dnsOf, objectsOf, type Reply, startPlain } from './apic-client.js';
import { useApic } from './apic-suite.js';

const plain = (className: string, name: string, children: readonly unknown[] = []): unknown => ({
  [className]: { attributes: { name }, children },
});
const unnamed = (className: string, children: readonly unknown[] = []): unknown => ({
  [className]: { attributes: {}, children },
});

const interfaceProfile = plain('l3extLIfP', 'i', [unnamed('bfdIfP'), unnamed('ospfIfP')]);
const peer = { bgpPeerP: { attributes: { addr: '192.0.2.1' } } };
const everyTenantObject = [
  plain('fvCtx', 'v'),
  plain('fvBD', 'b', [{ fvRsCtx: { attributes: { tnFvCtxName: 'v' } } }]),
  plain('fvBD', 'without-vrf'),
  plain('fvAp', 'a', [plain('fvAEPg', 'e'), plain('fvESg', 's')]),
  plain('l3extOut', 'o', [
    plain('l3extInstP', 'all'),
    plain('l3extLNodeP', 'n', [interfaceProfile, unnamed('bgpProtP'), peer]),
  ]),
];
const everyPortObject = [
  plain('infraAttEntityP', 'p'),
  unnamed('infraFuncP', [
    plain('infraAccPortGrp', 'access'),
    plain('infraAccBndlGrp', 'bundle'),
    plain('infraAccBndlPolGrp', 'policy'),
    plain('infraSpAccPortGrp', 'spine'),
  ]),
];

/** What a client asks for before anything else, and a Dn that it does not do without (apic-protocol.md §7). */
const FIRST_QUESTIONS: readonly (readonly [client: string, url: string, dn: string])[] = [
  ['aci-containers', '/api/node/class/firmwareCtrlrRunning.json?&', `${sys(1)}/ctrlrfwstatuscont/ctrlrrunning`],
  ['aci-containers', '/api/node/class/topSystem.json?query-target-filter=and(eq(topSystem.role,"leaf"))', sys(101)],
  ['terraform', '/api/node/class/topSystem.json?query-target-filter=eq(topSystem.role,"controller")', sys(1)],
  ['acitoolkit', '/api/node/class/fabricNode.json', 'topology/pod-1/node-201'],
  ['acitoolkit', '/api/node/class/fabricPod.json', 'topology/pod-1'],
  ['acitoolkit', '/api/node/class/topology/pod-1/node-101/l1PhysIf.json', `${sys(101)}/phys-[eth1/48]`],
  ['acc-provision', '/api/node/mo/uni/fabric/bgpInstP-default/as.json', 'uni/fabric/bgpInstP-default/as'],
  ['acc-provision', '/api/mo/uni/tn-mgmt/mgmtp-default/oob-default.json', 'uni/tn-mgmt/mgmtp-default/oob-default'],
  ['acc-provision', '/api/mo/uni/vmmp-Kubernetes.json', 'uni/vmmp-Kubernetes'],
  ['acc-provision', '/api/mo/uni/infra.json?query-target=children', 'uni/infra/attentp-default'],
  ['pre-upgrade', '/api/class/infraWiNode.json', 'topology/pod-1/node-1/av/node-1'],
  ['pre-upgrade', '/api/class/firmwareRunning.json', `${sys(102)}/fwstatuscont/running`],
  ['pre-upgrade', '/api/class/lldpAdjEp.json', `${sys(101)}/lldp/inst/if-[eth1/49]/adj-1`],
  ['pre-upgrade', '/api/class/fabricPathEp.json', 'topology/pod-1/paths-101/pathep-[eth1/1]'],
  ['exporters', '/api/class/ethpmPhysIf.json', `${sys(201)}/phys-[eth1/1]/phys`],
  ['ansible', '/api/mo/uni/userext/pwdprofile.json', 'uni/userext/pwdprofile'],
  ['ansible', '/api/mo/uni/controller/nodeidentpol.json?query-target=children', nodeIdentity(101)],
  ['ansible', '/api/mo/uni/fabric/comm-default/https.json', 'uni/fabric/comm-default/https'],
  ['pre-upgrade', '/api/class/eqptCh.json?query-target-filter=wcard(eqptCh.descr,"APIC")', `${sys(1)}/ch`],
  ['exporters', '/api/class/eqptcapacityEntity.json', `${sys(101)}/eqptcapacity`],
  ['acitoolkit', '/api/node/class/fabricLink.json', 'topology/pod-1/lnkcnt-201/lnk-102-1-49-to-201-1-2'],
  ['terraform', '/api/mo/uni/userext/authrealm.json?query-target=children', 'uni/userext/authrealm/consoleauth'],
  ['terraform', '/api/mo/uni/userext/authrealm/defaultauth.json', 'uni/userext/authrealm/defaultauth'],
  ['ansible', '/api/class/datetimePol.json', 'uni/fabric/time-default'],
  ['ansible', '/api/class/snmpPol.json', 'uni/fabric/snmppol-default'],
  ['pre-upgrade', '/api/class/coopPol.json', 'uni/fabric/pol-default'],
  ['pre-upgrade', '/api/class/isisDomPol.json', 'uni/fabric/isisDomP-default'],
  ['ansible', '/api/class/mcpInstPol.json', 'uni/infra/mcpInstP-default'],
  ['terraform', '/api/mo/uni/fabric.json?query-target=children', 'uni/fabric/fwrepop'],
  ['GUI', '/api/node/class/aaaRole.json', 'uni/userext/role-tenant-admin'],
  ['GUI', '/api/node/mo/comp.json?query-target=children', 'comp/prov-VMware'],
];

function sys(node: number): string {
  return `topology/pod-1/node-${node}/sys`;
}

function nodeIdentity(node: number): string {
  return `uni/controller/nodeidentpol/nodep-MOCK${String(node).padStart(7, '0')}`;
}

describe('apic-mock: an empty fabric', () => {
  const apic = useApic();

  it('has what each client reads when it starts', async () => {
    const missing: string[] = [];
    for (const [name, url, dn] of FIRST_QUESTIONS) {
      if (!dnsOf(await apic.http.get(url)).includes(dn)) missing.push(`${name}: ${url} has no ${dn}`);
    }
    assert.deepEqual(missing, []);
  });

  it('leaves no relation of a plain object without its target', async () => {
    await apic.http.post('/api/mo/uni.json', plain('fvTenant', 't', everyTenantObject));
    await apic.http.post('/api/mo/uni.json', unnamed('infraInfra', everyPortObject));
    const made = (await apic.http.get<Reply>('/api/class/l3extLIfP.json')).data;
    assert.equal(made.totalCount, '1', 'the objects were made');
    assert.deepEqual(dnsOf(await apic.http.get('/api/class/faultInst.json')), []);
    const [default_] = objectsOf(await apic.http.get('/api/mo/uni/tn-t/BD-without-vrf/rsctx.json'));
    assert.deepEqual([default_?.stateQual, default_?.tDn], ['default-target', 'uni/tn-common/ctx-default']);
    const [lacp] = objectsOf(await apic.http.get('/api/mo/uni/infra/funcprof/accbundle-bundle/rslacpPol.json'));
    assert.equal(lacp?.tDn, 'uni/infra/lacplagp-default');
  });

  it('has a default for every relation that an APIC makes by itself', () => {
    const targets = classNames()
      .filter((name) => classRow(name)?.creatable === 'never')
      .map((name) => classRow(name)?.relation)
      .filter((relation) => relation?.type === 'named' && classRow(relation.to) !== undefined)
      .map((relation) => relation?.to ?? '');
    const upgrades = ['maintMaintP', 'firmwareFwP'];
    const without = [...new Set(targets)]
      .filter((target) => !upgrades.includes(target))
      .filter((target) => !apic.mock.objects(target).some(({ attributes }) => attributes['name'] === 'default'));
    assert.deepEqual(without, []);
    assert.ok(targets.length > 30, 'the class table has such relations');
  });

  it('says of each node what an APIC says', () => {
    const { attributes = {} } = apic.mock.object(sys(101)) ?? {};
    assert.ok(Object.keys(attributes).length >= 45);
    assert.match(attributes['lastRebootTime'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    const node = apic.mock.object('topology/pod-1/node-101')?.attributes ?? {};
    assert.deepEqual(
      [node['fabricSt'], node['role'], node['model'], node['version']],
      ['active', 'leaf', 'N9K-C93180YC-FX', 'n9000-16.0(9c)'],
    );
  });

  it('says of each chassis what it is', () => {
    const told = (node: number): readonly unknown[] => {
      const { attributes = {} } = apic.mock.object(`${sys(node)}/ch`) ?? {};
      return ['descr', 'ser', 'role', 'operSt'].map((name) => attributes[name]);
    };
    assert.deepEqual(told(1), ['APIC-SERVER-M3', 'MOCK0000001', 'controller', 'online']);
    assert.deepEqual(told(201), ['Nexus9000 C9332C Chassis', 'MOCK0000201', 'spine', 'online']);
    assert.equal(apic.mock.object(`${sys(1)}/eqptcapacity`), undefined);
  });

  it('has as many nodes as it is told, wired leaf to spine, and refuses what has no numbers', async () => {
    const large = await startPlain({ topology: { leaves: 5, spines: 3, controllers: 3 } });
    try {
      const roles = large.objects('fabricNode').map(({ attributes }) => attributes['role']);
      const count = (role: string): number => roles.filter((other) => other === role).length;
      assert.deepEqual([count('leaf'), count('spine'), count('controller')], [5, 3, 3]);
      assert.equal(large.objects('infraWiNode').length, 9);
      assert.equal(large.objects('lldpAdjEp').length, 2 * 5 * 3);
      const links = large.objects('fabricLink').map(({ attributes }) => `${attributes['r1']} ${attributes['r2']}`);
      assert.deepEqual([links.length, new Set(links)], [2 * 5 * 3, new Set(['leaf spine', 'spine leaf'])]);
      assert.equal(large.objects('fabricLinkCont').length, 5 + 3);
      assert.equal(large.object('topology/pod-1/lnkcnt-105/lnk-203-1-5-to-105-1-51')?.attributes['linkState'], 'ok');
      const peer = large.object(`${sys(105)}/lldp/inst/if-[eth1/51]/adj-1`)?.attributes['portDesc'];
      assert.equal(peer, 'topology/pod-1/paths-203/pathep-[eth1/5]');
      const pairs = large.objects('fabricProtPathEpCont').map(({ dn }) => dn);
      assert.deepEqual(pairs, ['topology/pod-1/protpaths-101-102', 'topology/pod-1/protpaths-103-104']);
    } finally {
      await large.stop();
    }
    await assert.rejects(startPlain({ topology: { controllers: 0 } }), InvalidInputError);
    await assert.rejects(startPlain({ topology: { leaves: 100 } }), /topology\.leaves: expected 0 to 99, found 100/);
  });

  it('is small', () => {
    apic.mock.reset();
    assert.ok(apic.mock.size() < 1000, `${apic.mock.size()} objects`);
  });
});
