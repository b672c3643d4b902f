import assert from 'node:assert/strict';
import {
  contractsOfGroup,
  contractViews,
  encapBindings,
  explainPacket,
  FabricEvaluator,
  openingPacket,
  replyPacket,
} from '#fabric';
import { flatten, managedObject } from '#model/aci';
import { formatConn } from '#model/net';

const relation = (className: string, name: string) => managedObject(className, { tnVzBrCPName: name });
const epg = (name: string, ...relations: readonly ReturnType<typeof relation>[]) =>
  managedObject('fvAEPg', { name }, [managedObject('fvRsBd', { tnFvBDName: 'bd' }), ...relations]);
const filter = (name: string, entry: Readonly<Record<string, string>>) =>
  managedObject('vzFilter', { name }, [managedObject('vzEntry', { name: 'e', etherT: 'ip', prot: 'tcp', ...entry })]);
const term = (className: string, name: string) =>
  managedObject(className, {}, [managedObject('vzRsFiltAtt', { tnVzFilterName: name })]);
const tag = (key: string, value: string) => managedObject('tagAnnotation', { key, value });

/** A contract of ours with terms and marks, and one of an admin's that goes both ways. */
const OBJECTS = flatten(
  managedObject('fvTenant', { name: 't' }, [
    managedObject('fvCtx', { name: 'v' }),
    managedObject('fvBD', { name: 'bd' }, [managedObject('fvRsCtx', { tnFvCtxName: 'v' })]),
    filter('web', { dFromPort: '80', dToPort: '81' }),
    filter('back', { sFromPort: '80', sToPort: '81', tcpRules: 'est' }),
    filter('ssh', { dFromPort: 'ssh', dToPort: 'ssh' }),
    managedObject('vzBrCP', { name: 'ours' }, [
      managedObject('vzSubj', { name: 'flows' }, [term('vzInTerm', 'web'), term('vzOutTerm', 'back')]),
      tag('aci-gateway-owner', 'prod1'),
      tag('aci-gateway-source', 'NetworkPolicy/shop/a NetworkPolicy/shop/b'),
    ]),
    managedObject('vzBrCP', { name: 'admins' }, [
      managedObject('vzSubj', { name: 'all', revFltPorts: 'yes' }, [
        managedObject('vzRsSubjFiltAtt', { tnVzFilterName: 'ssh' }),
      ]),
    ]),
    managedObject('fvAp', { name: 'a' }, [
      epg('server', relation('fvRsProv', 'ours'), relation('fvRsProv', 'admins')),
      epg('client', relation('fvRsCons', 'ours'), relation('fvRsCons', 'admins')),
      managedObject('fvAEPg', { name: 'closed', pcEnfPref: 'enforced' }, [
        managedObject('fvRsBd', { tnFvBDName: 'bd' }),
      ]),
    ]),
  ]),
  'uni',
);
const [SERVER, CLIENT, CLOSED] = ['server', 'client', 'closed'].map((name) => `uni/tn-t/ap-a/epg-${name}`) as [
  string,
  string,
  string,
];

describe('why the fabric lets a packet pass', () => {
  const evaluator = new FabricEvaluator(OBJECTS);
  const opening = openingPacket(4, 6, 80);

  it('names rule, contract, subject, filter, entry, owner and the policies on the mark', () => {
    const told = explainPacket(evaluator, { source: CLIENT, destination: SERVER }, opening);
    assert.deepEqual(told, {
      permitted: true,
      kind: 'contract',
      source: CLIENT,
      destination: SERVER,
      rule: {
        action: 'permit',
        priority: 7,
        priorityName: 'fully_qual',
        contract: 'uni/tn-t/brc-ours',
        subject: 'flows',
        filter: 'web',
        entry: 'e',
        matches: 'ip tcp to 80-81',
        owner: 'prod1',
        sources: ['NetworkPolicy/shop/a', 'NetworkPolicy/shop/b'],
      },
    });
    const back = explainPacket(evaluator, { source: SERVER, destination: CLIENT }, replyPacket(opening));
    assert.deepEqual([back.permitted, back.rule?.filter, back.rule?.matches], [true, 'back', 'ip tcp from 80-81 est']);
  });

  it('tells an admin’s contract from ours', () => {
    const { rule } = explainPacket(evaluator, { source: CLIENT, destination: SERVER }, openingPacket(4, 6, 22));
    assert.deepEqual([rule?.contract, rule?.owner, rule?.sources], ['uni/tn-t/brc-admins', undefined, []]);
  });

  it('tells the ways to be denied, and free talk inside a group, apart', () => {
    const kindOf = (source: string | undefined, destination: string): string =>
      explainPacket(evaluator, { source, destination }, openingPacket(4, 6, 443)).kind;
    assert.equal(kindOf(CLIENT, SERVER), 'no-rule');
    assert.equal(kindOf(CLIENT, CLIENT), 'same-group');
    assert.equal(kindOf(CLOSED, CLOSED), 'isolation');
    assert.equal(kindOf(undefined, SERVER), 'no-class');
    assert.equal(kindOf('uni/tn-t/ap-a/epg-nowhere', SERVER), 'no-class');
  });
});

describe('contracts read back from managed objects', () => {
  const views = contractViews(OBJECTS);

  it('says who takes part and what may be opened in each direction', () => {
    const [admins, ours] = views;
    assert.deepEqual([admins?.name, ours?.name], ['admins', 'ours']);
    assert.deepEqual([ours?.providers, ours?.consumers, ours?.inside], [[SERVER], [CLIENT], []]);
    assert.equal(formatConn(ours?.forward.opens ?? never()), 'TCP:80-81');
    assert.equal(formatConn(ours?.backward.opens ?? never()), 'NONE');
    assert.deepEqual(ours?.backward.others, ['ip tcp from 80-81 est']);
    assert.equal(formatConn(admins?.forward.opens ?? never()), 'TCP:22');
    assert.deepEqual(admins?.backward.others, ['ip tcp from 22']);
  });

  it('says which of them a group provides and consumes', () => {
    const names = (dn: string): readonly (readonly string[])[] => {
      const { provides, consumes, inside } = contractsOfGroup(views, dn);
      return [provides, consumes, inside].map((list) => list.map(({ name }) => name));
    };
    assert.deepEqual(names(SERVER), [['admins', 'ours'], [], []]);
    assert.deepEqual(names(CLIENT), [[], ['admins', 'ours'], []]);
    assert.deepEqual(names(CLOSED), [[], [], []]);
  });
});

describe('where a VLAN leads', () => {
  it('reads bindings at AEPs and at ports', () => {
    const bindings = encapBindings([
      { className: 'infraRsFuncToEpg', dn: 'x', attributes: { tDn: SERVER, encap: 'vlan-5' } },
      {
        className: 'fvRsPathAtt',
        dn: `${CLIENT}/rspathAtt-[topology/pod-1/paths-101/pathep-[eth1/1]]`,
        attributes: { encap: 'vlan-5' },
      },
      { className: 'fvRsPathAtt', dn: `${CLIENT}/rspathAtt-[p]`, attributes: { encap: 'vlan-6' } },
    ]);
    assert.deepEqual([...(bindings.get('vlan-5') ?? [])], [SERVER, CLIENT]);
    assert.deepEqual([...(bindings.get('vlan-6') ?? [])], [CLIENT]);
    assert.equal(bindings.get('vlan-7'), undefined);
  });
});

function never(): never {
  throw new Error('no such contract');
}
