import assert from 'node:assert/strict';
import { createApicClient } from '#apic';
import { type ApicMock, startApicMock } from '#apic-mock';
import type { ApicPort } from '#ports';
import { silentLogger, systemClock } from '#runtime';
import { ApicRest } from '#support/apic-client';
import { APIC_USER } from '#support/gateway-stack';
import { ADMIN, writeFabric } from '#support/written-fabric';
import { carryOutRemoval, planRemoval } from '#workers';

const forever = new AbortController().signal;

const OF_ADMIN = ['tenant', 'vrf', 'physicalDomain', 'attachableEntityProfile', 'vlanPool', 'l3out']
  .map((part) => `${part}: { name: shared, own: false }`)
  .concat('bridgeDomain: { name: shared, own: false, gateways: [10.244.0.1/16] }')
  .join();
const ON_PATHS = "encoding: path, hostPaths: { node-1: ['topology/pod-1/paths-101/pathep-[eth1/1]'] }";

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
  ] as const) {
    it(`leaves the fabric as it was before the gateway came, where ${name}`, async () => {
      const before = await dns();
      await writeFabric(apic.url, 'west', fabric);
      assert.notDeepEqual(await dns(), before);
      const removal = await planRemoval(client, 'west', forever);
      await carryOutRemoval(client, removal, forever);
      assert.deepEqual(await dns(), before);
      assert.deepEqual((await planRemoval(client, 'west', forever)).objects, []);
    });
  }

  it('takes several tenants at once, and leaves those of others', async () => {
    await writeFabric(apic.url, 'east', 'vlanPool: { from: 3500, to: 3600 }');
    const before = await dns();
    await writeFabric(apic.url, 'west', 'tenant: { name: old }, attachableEntityProfile: { name: old }');
    await writeFabric(apic.url, 'west', OF_ADMIN);
    const quick = clientOf(5000);
    const removal = await planRemoval(quick, 'west', forever);
    assert.equal(
      quick.requests().reads,
      7,
      'the marks, two tenants, two AEPs, the VLAN pool and the domain, each once',
    );
    await quick.close();
    await carryOutRemoval(client, removal, forever);
    assert.deepEqual(await dns(), before);
  });
});
