import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { classNames, classRow, type ManagedObject, managedObject, toWire } from '#model/aci';
import { type LoggedIn, loggedIn, type Reply, startPlain } from './apic-client.js';

const object = managedObject;

const MARKS = [object('tagAnnotation', { key: 'gateway.io/owner', value: 'cluster-1' })];

const access = object('infraInfra', {}, [
  object('fvnsVlanInstP', { name: 'k8s', allocMode: 'static' }, [
    object('fvnsEncapBlk', { from: 'vlan-1000', to: 'vlan-1999', allocMode: 'static' }),
  ]),
  object('infraAttEntityP', { name: 'k8s' }, [
    object('infraRsDomP', { tDn: 'uni/phys-k8s' }),
    object('infraGeneric', { name: 'default' }, [
      object('infraRsFuncToEpg', { tDn: 'uni/tn-k/ap-k8s/epg-web', encap: 'vlan-1001' }),
    ]),
  ]),
]);

const contract = object('vzBrCP', { name: 'c' }, [
  object('vzSubj', { name: 's', revFltPorts: 'no' }, [
    object('vzInTerm', {}, [object('vzRsFiltAtt', { tnVzFilterName: 'f' })]),
    object('vzOutTerm', {}, [object('vzRsFiltAtt', { tnVzFilterName: 'f' })]),
  ]),
  ...MARKS,
]);

const group = object('fvAEPg', { name: 'web', pcEnfPref: 'enforced' }, [
  object('fvRsBd', { tnFvBDName: 'b' }),
  object('fvRsDomAtt', { tDn: 'uni/phys-k8s', instrImedcy: 'immediate' }),
  object('fvRsPathAtt', { tDn: 'topology/pod-1/paths-101/pathep-[eth1/1]', encap: 'vlan-1001' }),
  object('fvRsProv', { tnVzBrCPName: 'c' }),
  object('fvRsCons', { tnVzBrCPName: 'c' }),
  object('fvRsIntraEpg', { tnVzBrCPName: 'c' }),
  object('fvRsAepAtt', { tnInfraAttEntityPName: 'k8s', encap: 'vlan-1001' }),
  ...MARKS,
]);

const tenant = object('fvTenant', { name: 'k', annotation: 'orchestrator:aci-gateway' }, [
  object('fvCtx', { name: 'v' }, [object('vzAny', {}, [object('vzRsAnyToCons', { tnVzBrCPName: 'c' })])]),
  object('fvBD', { name: 'b' }, [
    object('fvRsCtx', { tnFvCtxName: 'v' }),
    object('fvSubnet', { ip: '10.2.0.1/16', scope: 'public,shared' }, MARKS),
    object('fvRsBDToOut', { tnL3extOutName: 'out' }),
  ]),
  object('vzFilter', { name: 'f' }, [
    object('vzEntry', { name: 'est', etherT: 'ip', prot: '6', dFromPort: '1', dToPort: '65535', tcpRules: 'est' }),
    object('vzEntry', { name: 'sctp', etherT: 'ip', prot: '132', dFromPort: '80', dToPort: '80' }),
    object('vzEntry', {
      name: 'back',
      etherT: 'ip',
      prot: 'tcp',
      sFromPort: '8080',
      sToPort: '8081',
      tcpRules: 'rst,ack',
    }),
    object('vzEntry', { name: 'icmp', etherT: 'ip', prot: 'icmp', icmpv4T: '8' }),
    object('vzEntry', { name: 'all' }),
  ]),
  contract,
  object('fvAp', { name: 'k8s' }, [
    group,
    object('fvESg', { name: 'esg' }, [
      object('fvRsScope', { tnFvCtxName: 'v' }),
      object('fvTagSelector', { matchKey: 'k', matchValue: 'v' }),
      object('fvEPgSelector', { matchEpgDn: 'uni/tn-k/ap-k8s/epg-web' }),
    ]),
  ]),
  object('l3extOut', { name: 'out' }, [
    object('l3extRsEctx', { tnFvCtxName: 'v' }),
    object('l3extRsL3DomAtt', { tDn: 'uni/l3dom-l3' }),
    object('l3extInstP', { name: 'ext' }, [
      object('l3extSubnet', { ip: '0.0.0.0/1', scope: 'shared-security,import-security' }),
      object('l3extSubnet', { ip: '2001:db8::/32' }),
      object('fvRsProv', { tnVzBrCPName: 'c' }),
    ]),
  ]),
]);

const TREE: ManagedObject = object('polUni', {}, [
  access,
  object('physDomP', { name: 'k8s' }, [object('infraRsVlanNs', { tDn: 'uni/infra/vlanns-[k8s]-static' })]),
  object('l3extDomP', { name: 'l3' }),
  tenant,
]);

describe('apic-mock: a tree as a gateway posts it', () => {
  let mock: ApicMock;
  let http: LoggedIn['http'];
  let sizeBefore: number;

  before(async () => {
    mock = await startPlain();
    sizeBefore = mock.size();
    ({ http } = await loggedIn(mock));
    const answer = await http.post<Reply>('/api/mo/uni.json', toWire(TREE));
    assert.deepEqual(answer.data, { totalCount: '0', imdata: [] });
  });
  after(() => mock.stop());

  it('forms every relation', () => {
    const relations = classNames().filter((name) => {
      const type = classRow(name)?.relation?.type;
      return type === 'named' || type === 'explicit';
    });
    const all = relations.flatMap((name) => mock.objects(name));
    assert.ok(all.length > 50);
    assert.deepEqual(
      all.filter(({ attributes }) => attributes.state !== 'formed').map(({ dn }) => dn),
      [],
    );
  });

  it('changes nothing when it is posted again', async () => {
    const answer = await http.post<Reply>('/api/mo/uni.json?rsp-subtree=modified', toWire(TREE));
    assert.deepEqual(answer.data, { totalCount: '0', imdata: [] });
  });

  it('changes nothing when any object is posted back as config-only shows it', async () => {
    let posted = 0;
    for (const className of classNames()) {
      const isWritable = classRow(className)?.configurable !== false && className !== 'faultInst';
      for (const { dn } of isWritable ? mock.objects(className) : []) {
        const [shown] = (await http.get<Reply>(`/api/mo/${dn}.json?rsp-prop-include=config-only`)).data.imdata;
        const [body] = Object.values(shown ?? {});
        const isNamed = classRow(className)?.relation?.type === 'named';
        const { tDn: _, ...writable } = body?.attributes ?? {};
        const attributes = isNamed ? writable : body?.attributes;
        const url = `/api/mo/${dn}.json?rsp-subtree=modified`;
        const answer = await http.post<Reply>(url, { [className]: { attributes } });
        assert.deepEqual(answer.data, { totalCount: '0', imdata: [] }, `${dn} ${JSON.stringify(attributes)}`);
        posted += 1;
      }
    }
    assert.ok(posted > 150, String(posted));
  });

  it('leaves nothing behind when its parts are deleted', async () => {
    const parts = [
      'uni/tn-k',
      'uni/phys-k8s',
      'uni/l3dom-l3',
      'uni/infra/attentp-k8s',
      'uni/infra/vlanns-[k8s]-static',
    ];
    for (const dn of parts) assert.equal((await http.delete(`/api/mo/${dn}.json`)).status, 200);
    assert.equal(mock.size(), sizeBefore);
  });
});
