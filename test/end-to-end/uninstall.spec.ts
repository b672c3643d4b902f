import assert from 'node:assert/strict';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import type { ApicPort } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { ApicRest } from '#support/apic-client';
import { APIC_USER } from '#support/gateway-stack';
import { ADMIN, writeFabric } from '#support/written-fabric';
import { planRemoval, remove } from '#workers';

const forever = new AbortController().signal;

const WEST = { clusterId: 'west', withOthers: false } as const;

const OF_ADMIN = ['tenant', 'vrf', 'physicalDomain', 'attachableEntityProfile', 'vlanPool', 'l3out']
  .map((part) => `${part}: { name: shared, own: false }`)
  .concat('bridgeDomain: { name: shared, own: false, gateways: [10.244.0.1/16] }')
  .join();
const IN_COMMON = ['vrf', 'l3out'].map((part) => `${part}: { name: shared, own: false, tenant: common }`).join();
const PATH_1 = 'topology/pod-1/paths-101/pathep-[eth1/1]';
const ON_PATHS = `encoding: path, hostPaths: { node-1: ['${PATH_1}'] }`;

describe('end to end: a cluster is removed from an APIC', () => {
  let apic: ApicMock;
  let client: ApicPort;
  let admin: ApicRest;
  beforeEach(async () => {
    apic = await startApicMock({ tls: { mode: 'none' }, users: [APIC_USER, ADMIN] });
    // Whole tenants come in several pages.
    client = clientOf(50);
    admin = await ApicRest.login(apic.url, ADMIN);
    await admin.post('uni', {
      polUni: {
        attributes: {},
        children: [
          {
            fvTenant: {
              attributes: { name: 'shared' },
              children: [
                { fvCtx: { attributes: { name: 'shared' } } },
                { fvBD: { attributes: { name: 'shared' } } },
                { l3extOut: { attributes: { name: 'shared' } } },
              ],
            },
          },
          {
            fvTenant: {
              attributes: { name: 'common' },
              children: [
                { fvCtx: { attributes: { name: 'shared' } } },
                {
                  l3extOut: {
                    attributes: { name: 'shared' },
                    children: [{ l3extRsEctx: { attributes: { tnFvCtxName: 'shared' } } }],
                  },
                },
              ],
            },
          },
          { physDomP: { attributes: { name: 'shared' } } },
          {
            infraInfra: {
              attributes: {},
              children: [
                {
                  infraAttEntityP: {
                    attributes: { name: 'shared' },
                    children: [{ infraGeneric: { attributes: { name: 'default' } } }],
                  },
                },
                { fvnsVlanInstP: { attributes: { name: 'shared', allocMode: 'static' } } },
              ],
            },
          },
        ],
      },
    });
  });
  const clientOf = (pageSize: number): ApicPort =>
    createApicClient({
      urls: [apic.url],
      user: APIC_USER.name,
      password: APIC_USER.password,
      timeoutMs: 2000,
      refreshTimeoutSeconds: 60,
      pageSize,
      clock: systemClock(),
      random: Math.random,
      log: silentLogger,
    });
  afterEach(async () => {
    await client.close();
    await apic.stop();
  });

  /** Every object but how it is with them: counts of faults stay where there once was one. */
  const dns = async (): Promise<readonly string[]> =>
    (await admin.subtree('uni'))
      .filter(({ className }) => !/^(fault|health)/.test(className))
      .map(({ className, dn }) => `${className} ${dn}`)
      .sort();

  for (const [name, fabric] of [
    ['all of it is its own', 'l3out: { name: external }'],
    ['all of it is an admin’s', OF_ADMIN],
    ['groups are bound on paths', ON_PATHS],
    ['VRF, L3Out and contracts are in tenant common', IN_COMMON],
  ] as const) {
    it(`leaves the fabric as it was before the gateway came, where ${name}`, async () => {
      const before = await dns();
      await writeFabric(apic.url, 'west', fabric);
      assert.notDeepEqual(await dns(), before);
      const { found, left } = await remove(client, WEST, forever);
      assert.deepEqual(found.others, []);
      assert.deepEqual(await dns(), before);
      assert.deepEqual(left.objects, []);
    });
  }

  it('takes several tenants at once, and leaves those of others', async () => {
    await writeFabric(apic.url, 'east', 'vlanPool: { from: 3500, to: 3600 }');
    const before = await dns();
    await writeFabric(apic.url, 'west', 'tenant: { name: old }, attachableEntityProfile: { name: old }');
    await writeFabric(apic.url, 'west', OF_ADMIN);
    const quick = clientOf(5000);
    await planRemoval(quick, 'west', forever);
    assert.equal(
      quick.requests().reads,
      7,
      'the marks, two tenants, two AEPs, the VLAN pool and the domain, each once',
    );
    await quick.close();
    await remove(client, WEST, forever);
    assert.deepEqual(await dns(), before);
  });

  describe('what bindings hang below at an AEP of an admin’s', () => {
    const HOLDER = 'uni/infra/attentp-shared/gen-default';
    const OTHERS = `${HOLDER}/rsfuncToEpg-[uni/tn-vms/ap-vms/epg-db]`;
    const holder = () => admin.object(HOLDER);
    const bind = () => admin.post(OTHERS, { infraRsFuncToEpg: { attributes: { encap: 'vlan-12' } } });

    it('goes with the last binding, where a gateway made it', async () => {
      await admin.delete(HOLDER);
      const before = await dns();
      await writeFabric(apic.url, 'west', OF_ADMIN);
      assert.equal((await holder())?.attributes['annotation'], 'orchestrator:aci-gateway');
      assert.ok(
        (await planRemoval(client, 'west', forever)).objects.some(({ dn }) => dn === HOLDER),
        'is said before',
      );
      const { left } = await remove(client, WEST, forever);
      assert.deepEqual(left.objects, []);
      assert.deepEqual(await dns(), before);
    });

    it('stays with the text that an admin gave it, or a binding of his', async () => {
      await admin.delete(HOLDER);
      await writeFabric(apic.url, 'west', OF_ADMIN);
      await bind();
      const { found, left } = await remove(client, WEST, forever);
      assert.deepEqual([found.holders, left.objects], [[], []]);
      assert.ok((await admin.object(OTHERS)) !== undefined);
      await admin.delete(OTHERS);
      await admin.post(HOLDER, { infraGeneric: { attributes: { descr: 'for the VMs' } } });
      await writeFabric(apic.url, 'west', OF_ADMIN);
      await remove(client, WEST, forever);
      assert.ok((await holder()) !== undefined);
    });

    it('stays for a binding that comes while the others go', async () => {
      await admin.delete(HOLDER);
      await writeFabric(apic.url, 'west', OF_ADMIN);
      const busy: Pick<ApicPort, 'list' | 'post'> = {
        list: (...given) => client.list(...given),
        post: async (...given) => {
          await client.post(...given);
          if ((await admin.object(OTHERS)) === undefined) await bind();
        },
      };
      const { left } = await remove(busy, WEST, forever);
      assert.deepEqual(left.objects, []);
      assert.ok((await admin.object(OTHERS)) !== undefined);
    });

    it('goes with the last cluster, whichever made it', async () => {
      await admin.delete(HOLDER);
      const before = await dns();
      await writeFabric(apic.url, 'west', OF_ADMIN);
      await writeFabric(apic.url, 'east', OF_ADMIN);
      await remove(client, WEST, forever);
      assert.ok((await holder()) !== undefined);
      await remove(client, { ...WEST, clusterId: 'east' }, forever);
      assert.deepEqual(await dns(), before);
    });
  });

  describe('of which others have objects below the gateway’s', () => {
    const TENANT = 'uni/tn-k8s-west';
    const EPG = `${TENANT}/ap-k8s-west/epg-shop`;
    beforeEach(() => writeFabric(apic.url, 'west'));

    const others = async (): Promise<readonly string[]> =>
      (await planRemoval(client, 'west', forever)).others.map(({ dn }) => dn);

    it('finds what they added anywhere below, the topmost of each', async () => {
      const added: readonly (readonly [dn: string, object: object])[] = [
        [`${EPG}/rscons-mine`, { fvRsCons: { attributes: { tnVzBrCPName: 'mine' } } }],
        [`${TENANT}/ap-vms`, { fvAp: { attributes: {}, children: [{ fvAEPg: { attributes: { name: 'vmdb' } } }] } }],
        [`${TENANT}/brc-mine`, { vzBrCP: { attributes: {}, children: [{ vzSubj: { attributes: { name: 's' } } }] } }],
        [`${TENANT}/out-external/lnodep-x`, { l3extLNodeP: { attributes: {} } }],
        ['uni/infra/attentp-k8s-west/rsdomP-[uni/phys-shared]', { infraRsDomP: { attributes: {} } }],
        [
          `uni/infra/attentp-k8s-west/gen-default/rsfuncToEpg-[${TENANT}/ap-vms/epg-vmdb]`,
          { infraRsFuncToEpg: { attributes: { encap: 'vlan-12' } } },
        ],
        [
          'uni/infra/vlanns-[k8s-west]-static/from-[vlan-10]-to-[vlan-20]',
          { fvnsEncapBlk: { attributes: { from: 'vlan-10', to: 'vlan-20' } } },
        ],
      ];
      for (const [dn, object] of added) await admin.post(dn, object);
      assert.deepEqual(await others(), added.map(([dn]) => dn).sort());
    });

    it('finds those of another gateway', async () => {
      await writeFabric(
        apic.url,
        'east',
        [
          'tenant: { name: k8s-west, own: false }, vrf: { name: k8s-west, own: false }, l3out: { name: out-east }',
          'bridgeDomain: { name: pods-east, gateways: [10.245.0.1/16] }, vlanPool: { from: 3500, to: 3600 }',
        ].join(),
      );
      const found = await others();
      assert.ok(found.includes(`${TENANT}/ap-k8s-east`) && found.includes(`${TENANT}/BD-pods-east`), found.join('\n'));
      const before = await dns();
      const { found: first, left } = await remove(client, WEST, forever);
      assert.equal(left, first);
      assert.deepEqual(await dns(), before);
    });

    it('does not take for theirs what they set on its own objects, nor what the APIC makes', async () => {
      await admin.post(`${TENANT}/rsTenantMonPol`, { fvRsTenantMonPol: { attributes: { tnMonEPGPolName: 'x' } } });
      await admin.post(`${TENANT}/ctx-k8s-west/any`, { vzAny: { attributes: { descr: 'by hand' } } });
      await admin.post(EPG, {
        fvAEPg: {
          attributes: { descr: 'by hand' },
          children: [{ tagTag: { attributes: { key: 'team', value: 'a' } } }],
        },
      });
      const encap = apic.objects('infraRsFuncToEpg').find(({ dn }) => dn.includes(EPG))?.attributes['encap'] ?? '';
      apic.learn({ mac: '00:50:56:AA:BB:01', ips: ['10.244.0.2'], encap, path: PATH_1 });
      assert.ok(apic.objects('fvCEp').some(({ dn }) => dn.startsWith(EPG)));
      assert.deepEqual(await others(), []);
    });

    it('takes theirs as well when it may', async () => {
      await admin.post(`${TENANT}/out-external/lnodep-x`, { l3extLNodeP: { attributes: {} } });
      const refused = await remove(client, WEST, forever);
      assert.equal(refused.left, refused.found);
      const { found, left } = await remove(client, { ...WEST, withOthers: true }, forever);
      assert.equal(found.others.length, 1);
      assert.deepEqual([left.objects, left.others], [[], []]);
      assert.deepEqual(await admin.subtree(TENANT), []);
    });

    it('stops when others come between two rounds', async () => {
      const late = `${TENANT}/ap-late`;
      const mark = { tagAnnotation: { attributes: { key: 'aci-gateway-owner', value: 'west' } } };
      let isBack = false;
      const interrupted: Pick<ApicPort, 'list' | 'post'> = {
        list: (...given) => client.list(...given),
        // A gateway that still runs makes the tenant anew, and an admin an application profile in it.
        post: async (...given) => {
          await client.post(...given);
          if (isBack || (await admin.object(TENANT)) !== undefined) return;
          isBack = true;
          await admin.post(TENANT, { fvTenant: { attributes: {}, children: [mark] } });
          await admin.post(late, { fvAp: { attributes: {} } });
        },
      };
      const { found, left } = await remove(interrupted, WEST, forever);
      assert.deepEqual([found.others, left.others.map(({ dn }) => dn)], [[], [late]]);
    });
  });
});
