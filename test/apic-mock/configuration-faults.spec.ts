import assert from 'node:assert/strict';
import { type ManagedObject, managedObject as object, toWire } from '#model/aci';
import { objectsOf } from './apic-client.js';
import { useApic } from './apic-suite.js';

const tenant = (...children: readonly ManagedObject[]): ManagedObject => object('fvTenant', { name: 't' }, children);
const gone = (className: string, dn: string): ManagedObject => object(className, { dn, status: 'deleted' });
const group = (name: string, ...children: readonly ManagedObject[]): ManagedObject =>
  tenant(object('fvAp', { name: 'a' }, [object('fvAEPg', { name }, children)]));
const bridgeDomain = (name: string, vrf: string, ...subnets: readonly string[]): ManagedObject =>
  object('fvBD', { name }, [
    object('fvRsCtx', { tnFvCtxName: vrf }),
    ...subnets.map((ip) => object('fvSubnet', { ip })),
  ]);

/** A configuration that has a fault, and what ends it. */
interface Case {
  readonly what: string;
  readonly wrong: ManagedObject;
  readonly right: ManagedObject;
  readonly fault: string;
  readonly descr: string;
}

const EPG = 'uni/tn-t/ap-a/epg-e';
const RELATION_CASES: readonly Case[] = [
  {
    what: 'F0952: a bridge domain whose VRF is not there',
    wrong: tenant(bridgeDomain('b', 'v')),
    right: tenant(object('fvCtx', { name: 'v' })),
    fault: 'uni/tn-t/BD-b/rsctx/fault-F0952',
    descr: 'Failed to form relation to MO ctx-v of class fvCtx in context',
  },
  {
    what: 'F0955: a group whose bridge domain is not there',
    wrong: group('e', object('fvRsBd', { tnFvBDName: 'b' })),
    right: tenant(object('fvBD', { name: 'b' })),
    fault: `${EPG}/rsbd/fault-F0955`,
    descr: 'Failed to form relation to MO BD-b of class fvBD in context',
  },
  {
    what: 'F0967: a consumed contract that is not there',
    wrong: group('e', object('fvRsCons', { tnVzBrCPName: 'web' })),
    right: tenant(object('vzBrCP', { name: 'web' })),
    fault: `${EPG}/rscons-web/fault-F0967`,
    descr: 'Failed to form relation to MO brc-web of class vzBrCP in context',
  },
  {
    what: 'F0970: a contract interface that is not there',
    wrong: group('e', object('fvRsConsIf', { tnVzCPIfName: 'imported' })),
    right: tenant(object('vzCPIf', { name: 'imported' })),
    fault: `${EPG}/rsconsIf-imported/fault-F0970`,
    descr: 'Failed to form relation to MO cif-imported of class vzCPIf in context',
  },
  {
    what: 'F1127: a filter that is not there',
    wrong: tenant(
      object('vzBrCP', { name: 'web' }, [
        object('vzSubj', { name: 's' }, [object('vzRsSubjFiltAtt', { tnVzFilterName: 'http' })]),
      ]),
    ),
    right: tenant(object('vzFilter', { name: 'http' })),
    fault: 'uni/tn-t/brc-web/subj-s/rssubjFiltAtt-http/fault-F1127',
    descr: 'Failed to form relation to MO flt-http of class vzFilter in context',
  },
  {
    what: 'F1020: an L3Out whose VRF is not there',
    wrong: tenant(object('l3extOut', { name: 'o' }, [object('l3extRsEctx', { tnFvCtxName: 'v' })])),
    right: tenant(object('fvCtx', { name: 'v' })),
    fault: 'uni/tn-t/out-o/rsectx/fault-F1020',
    descr: 'Failed to form relation to MO ctx-v of class fvCtx in context',
  },
  {
    what: 'F1021: an L3Out whose domain is not there',
    wrong: tenant(object('l3extOut', { name: 'o' }, [object('l3extRsL3DomAtt', { tDn: 'uni/l3dom-d' })])),
    right: object('l3extDomP', { name: 'd' }),
    fault: 'uni/tn-t/out-o/rsl3DomAtt/fault-F1021',
    descr: 'Failed to form relation to MO uni/l3dom-d of class l3extDomP',
  },
  {
    what: 'F0981: a domain whose VLAN pool is not there',
    wrong: object('physDomP', { name: 'd' }, [object('infraRsVlanNs', { tDn: 'uni/infra/vlanns-[p]-static' })]),
    right: object('infraInfra', {}, [object('fvnsVlanInstP', { name: 'p', allocMode: 'static' })]),
    fault: 'uni/phys-d/rsvlanNs/fault-F0981',
    descr: 'Failed to form relation to MO uni/infra/vlanns-[p]-static of class fvnsVlanInstP',
  },
  {
    what: 'F3702: a group by selectors whose VRF is not there',
    wrong: tenant(
      object('fvAp', { name: 'a' }, [object('fvESg', { name: 's' }, [object('fvRsScope', { tnFvCtxName: 'v' })])]),
    ),
    right: tenant(object('fvCtx', { name: 'v' })),
    fault: 'uni/tn-t/ap-a/esg-s/rsscope/fault-F3702',
    descr: 'Failed to form relation to MO ctx-v of class fvCtx in context',
  },
];

const OWN_CASES: readonly Case[] = [
  {
    what: 'F1386: unknown unicast is flooded and ARP is not',
    wrong: tenant(object('fvBD', { name: 'b', unkMacUcastAct: 'flood' })),
    right: tenant(object('fvBD', { name: 'b', arpFlood: 'yes' })),
    fault: 'uni/tn-t/BD-b/fault-F1386',
    descr:
      'Configuration failed for uni/tn-t/BD-b due to ARP flooding has to be enabled when unknown unicast is flooded',
  },
  {
    what: 'F2305: multicast routing without unicast routing',
    wrong: tenant(object('fvBD', { name: 'b', unicastRoute: 'no', arpFlood: 'yes', mcastAllow: 'yes' })),
    right: tenant(object('fvBD', { name: 'b', mcastAllow: 'no' })),
    fault: 'uni/tn-t/BD-b/fault-F2305',
    descr: 'Configuration failed for uni/tn-t/BD-b due to multicast routing is enabled without unicast routing',
  },
];

describe('apic-mock: faults of a configuration', () => {
  const apic = useApic({ reset: true });

  const post = async (body: ManagedObject): Promise<void> => {
    const answer = await apic.http.post('/api/mo/uni.json', toWire(body));
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
  };
  /** The faults of a code as a client sees them: where, in which state, what is said. */
  const faults = async (code: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => {
    const answer = await apic.http.get(`/api/class/faultInst.json?query-target-filter=eq(faultInst.code,"${code}")`);
    return new Map(objectsOf(answer).map((fault) => [fault.dn ?? '', fault]));
  };

  for (const { what, wrong, right, fault, descr } of [...RELATION_CASES, ...OWN_CASES]) {
    it(`${what}: raised, and cleared when it is set right`, async () => {
      const code = what.slice(0, 5);
      await post(wrong);
      const raised = (await faults(code)).get(fault);
      assert.deepEqual([raised?.lc, raised?.descr, raised?.severity], ['soaking', descr, 'warning']);
      await post(right);
      assert.equal((await faults(code)).get(fault)?.lc, 'soaking-clearing');
      apic.mock.advance(121_000);
      assert.equal((await faults(code)).get(fault), undefined);
    });
  }

  it('F0469: two bridge domains of a VRF with one subnet, on both, until they differ', async () => {
    await post(tenant(object('fvCtx', { name: 'v' }), object('fvCtx', { name: 'w' })));
    await post(tenant(bridgeDomain('a', 'v', '10.1.1.1/24'), bridgeDomain('b', 'w', '10.1.1.1/24')));
    assert.equal((await faults('F0469')).size, 0, 'another VRF');
    await post(tenant(bridgeDomain('b', 'v')));
    const raised = await faults('F0469');
    assert.deepEqual([...raised.keys()].sort(), ['uni/tn-t/BD-a/fault-F0469', 'uni/tn-t/BD-b/fault-F0469']);
    assert.equal(
      raised.get('uni/tn-t/BD-b/fault-F0469')?.descr,
      'BD Configuration failed for uni/tn-t/BD-b  due to duplicate-subnets-within-ctx: uni/tn-t/BD-b ,uni/tn-t/BD-a',
    );
    await post(gone('fvSubnet', 'uni/tn-t/BD-a/subnet-[10.1.1.1/24]'));
    assert.deepEqual(
      [...(await faults('F0469')).values()].map(({ lc }) => lc),
      ['soaking-clearing', 'soaking-clearing'],
    );
    await post(tenant(bridgeDomain('a', 'v', '10.1.1.254/24')));
    assert.deepEqual(
      [...(await faults('F0469')).values()].map(({ lc }) => lc),
      ['raised', 'raised'],
      'the same network',
    );
    await post(gone('fvBD', 'uni/tn-t/BD-b'));
    assert.deepEqual([...(await faults('F0469')).keys()], ['uni/tn-t/BD-a/fault-F0469']);
  });

  const PORT = 'topology/pod-1/paths-101/pathep-[eth1/1]';
  const out = (encap: string): ManagedObject =>
    tenant(
      object('l3extOut', { name: 'o' }, [
        object('l3extRsL3DomAtt', { tDn: 'uni/l3dom-d' }),
        object('l3extLNodeP', { name: 'n' }, [
          object('l3extLIfP', { name: 'i' }, [
            object('l3extRsPathL3OutAtt', { tDn: PORT, encap, ifInstT: 'ext-svi', addr: '192.0.2.1/30' }),
          ]),
        ]),
      ]),
    );
  const isBroken = async (dn: string): Promise<string | undefined> => {
    const fault = (await faults('F0467')).get(`${dn}/fault-F0467`);
    return fault?.lc?.includes('clearing') === true ? undefined : fault?.descr;
  };

  it('F0467: an L3Out without a domain, with a VLAN outside of its pool, and with that of a group', async () => {
    await post(out('vlan-300'));
    assert.match((await isBroken('uni/tn-t/out-o')) ?? '', /node 101 eth1\/1 due to Invalid Path Configuration/);
    const pool = object('fvnsVlanInstP', { name: 'p', allocMode: 'static' }, [
      object('fvnsEncapBlk', { from: 'vlan-100', to: 'vlan-199' }),
    ]);
    const inPool = object('infraRsVlanNs', { tDn: 'uni/infra/vlanns-[p]-static' });
    const profile = object('infraAttEntityP', { name: 'aep' }, [
      object('infraRsDomP', { tDn: 'uni/l3dom-d' }),
      object('infraRsDomP', { tDn: 'uni/phys-d' }),
    ]);
    await post(object('infraInfra', {}, [pool, profile]));
    await post(object('l3extDomP', { name: 'd' }, [inPool]));
    await post(object('physDomP', { name: 'd' }, [inPool]));
    assert.match((await isBroken('uni/tn-t/out-o')) ?? '', /debug message: invalid-vlan: vlan-300 :/);
    await post(out('vlan-150'));
    assert.equal(await isBroken('uni/tn-t/out-o'), undefined);
    const inDomain = object('fvRsDomAtt', { tDn: 'uni/phys-d' });
    await post(group('e', inDomain, object('fvRsPathAtt', { tDn: PORT, encap: 'vlan-150' })));
    assert.match((await isBroken(EPG)) ?? '', /encap-already-in-use: Encap \(vlan-150\) is already in use by t:o;/);
    await post(gone('l3extOut', 'uni/tn-t/out-o'));
    assert.equal(await isBroken(EPG), undefined);
  });
});
