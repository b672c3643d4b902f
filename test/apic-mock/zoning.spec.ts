import assert from 'node:assert/strict';
import type { ApicMock, FlowQuestion } from '#apic-mock';
import { InvalidInputError } from '#errors';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { type LoggedIn, loggedIn, openSocket, type Reply, startPlain } from './apic-client.js';
import { base, CLIENT, consumes, epg, pair, provides, SERVER } from './zoning-objects.js';

describe('apic-mock: zoning rules', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  beforeEach(() => mock.reset());
  after(() => mock.stop());

  const of = (dn: string): Readonly<Record<string, string>> => mock.object(dn)?.attributes ?? {};
  const scopeDn = (node = 101): string => `topology/pod-1/node-${node}/sys/actrl/scope-${of('uni/tn-t/ctx-v').scope}`;
  const rules = (): readonly Readonly<Record<string, string>>[] =>
    mock
      .objects('actrlRule')
      .filter(({ dn }) => dn.startsWith(scopeDn()))
      .map(({ attributes }) => attributes);
  const permits = (question: Partial<FlowQuestion>): boolean =>
    mock.permits({ source: CLIENT, destination: SERVER, protocol: 'tcp', destinationPort: 80, ...question }).permitted;

  it('stand below every leaf, there and back, with their filters', () => {
    mock.load(base(pair));
    const [client, server] = [of(CLIENT).pcTag, of(SERVER).pcTag];
    const contractRules = rules().filter((rule) => rule.ctrctName === 't:web');
    assert.deepEqual(
      contractRules.map((rule) => [rule.sPcTag, rule.dPcTag, rule.direction, rule.prio, rule.action, rule.operSt]),
      [
        [client, server, 'bi-dir', 'fully_qual', 'permit', 'enabled'],
        [server, client, 'uni-dir-ignore', 'fully_qual', 'permit', 'enabled'],
      ],
    );
    const [there, back] = contractRules.map((rule) => {
      const filter = mock.tree(`topology/pod-1/node-101/sys/actrl/filt-${rule.fltId}`);
      return filter?.children.map(({ attributes }) => [attributes['sFromPort'], attributes['dFromPort']]);
    });
    assert.deepEqual([there, back], [[['unspecified', 'http']], [['http', 'unspecified']]]);
    const rn = `rule-${of('uni/tn-t/ctx-v').scope}-s-${client}-d-${server}-f-${contractRules[0]?.fltId}`;
    for (const node of [101, 102]) assert.equal(mock.object(`${scopeDn(node)}/${rn}`)?.className, 'actrlRule');
    assert.equal(mock.object('topology/pod-1/node-201/sys/actrl'), undefined, 'a spine enforces nothing');
  });

  it('of a VRF alone: ARP, the bridge domain, and the deny of the rest', () => {
    mock.load(base());
    assert.deepEqual(
      rules().map((rule) => [rule.sPcTag, rule.dPcTag, rule.fltId, rule.action, rule.prio]),
      [
        ['any', 'any', 'implarp', 'permit', 'any_any_filter'],
        ['any', 'any', 'implicit', 'deny,log', 'any_any_any'],
        ['any', '15', 'implicit', 'deny,log', 'any_vrf_any_deny'],
        ['any', of('uni/tn-t/BD-b').pcTag, 'implicit', 'permit', 'any_dest_any'],
      ],
    );
  });

  it('answer for a flow, and name the rule that decides', () => {
    mock.load(base(pair));
    const question = { source: CLIENT, destination: SERVER, protocol: 'tcp', destinationPort: 80 } as const;
    const verdict = mock.permits(question);
    assert.equal(verdict.permitted, true);
    assert.deepEqual([verdict.rule?.contract, verdict.rule?.filter], ['t:web', 'http']);
    const other = mock.permits({ ...question, destinationPort: 81 });
    assert.deepEqual([other.permitted, other.rule?.priority], [false, 'any_any_any']);
    assert.equal(
      permits({ source: SERVER, destination: CLIENT, sourcePort: 80, destinationPort: 40_000, flags: ['rst'] }),
      true,
    );
    assert.equal(permits({ source: SERVER, destination: CLIENT }), false);
    const inside = mock.permits({ ...question, destination: CLIENT });
    assert.deepEqual([inside.permitted, inside.rule], [true, undefined]);
  });

  it('follow every change of what they come from', () => {
    mock.load(base(pair));
    const steps: readonly (readonly [string, ManagedObject, boolean])[] = [
      ['another port', object('vzEntry', { dn: 'uni/tn-t/flt-http/e-e', dFromPort: '81', dToPort: '81' }), false],
      ['the port again', object('vzEntry', { dn: 'uni/tn-t/flt-http/e-e', dFromPort: '80', dToPort: '80' }), true],
      ['no subject', object('vzSubj', { dn: 'uni/tn-t/brc-web/subj-s', status: 'deleted' }), false],
      ['the subject again', base(), true],
      ['no consumer', object('fvRsCons', { dn: `${CLIENT}/rscons-web`, status: 'deleted' }), false],
      ['the consumer again', object('fvRsCons', { dn: `${CLIENT}/rscons-web` }), true],
      [
        'another VRF',
        object('fvTenant', { name: 't' }, [
          object('fvCtx', { name: 'w' }),
          object('fvBD', { name: 'b' }, [object('fvRsCtx', { tnFvCtxName: 'w' })]),
        ]),
        true,
      ],
      ['no filter', object('vzFilter', { dn: 'uni/tn-t/flt-http', status: 'deleted' }), false],
      ['no enforcement', object('fvCtx', { dn: 'uni/tn-t/ctx-w', pcEnfPref: 'unenforced' }), true],
      ['enforcement', object('fvCtx', { dn: 'uni/tn-t/ctx-w', pcEnfPref: 'enforced' }), false],
    ];
    for (const [step, tree, expected] of steps) {
      mock.load(tree);
      assert.equal(permits({}), expected, step);
    }
    mock.load(object('fvTenant', { dn: 'uni/tn-t', status: 'deleted' }));
    assert.deepEqual(
      mock.objects('actrlRule').filter(({ attributes }) => attributes.ctrctName !== ''),
      [],
    );
  });

  it('of a contract interface, a taboo and the preferred group', () => {
    mock.load(
      base(
        object('vzCPIf', { name: 'if' }, [object('vzRsIf', { tDn: 'uni/tn-t/brc-web' })]),
        object('vzTaboo', { name: 'no' }, [
          object('vzTSubj', { name: 's' }, [object('vzRsDenyRule', { tnVzFilterName: 'http' })]),
        ]),
        object('fvAp', { name: 'a' }, [
          epg('client', object('fvRsConsIf', { tnVzCPIfName: 'if' })),
          epg('server', provides('web')),
          epg('third'),
        ]),
      ),
    );
    assert.equal(permits({}), true, 'through the interface');
    const protect = { dn: `${SERVER}/rsprotBy-no` };
    mock.load(object('fvRsProtBy', protect));
    assert.deepEqual([permits({}), permits({ source: 'uni/tn-t/ap-a/epg-third' })], [false, false], 'taboo');
    mock.load(object('fvRsProtBy', { ...protect, status: 'deleted' }));
    mock.load(object('vzAny', { dn: 'uni/tn-t/ctx-v/any', prefGrMemb: 'enabled' }));
    const third = { source: 'uni/tn-t/ap-a/epg-third', destinationPort: 22 };
    assert.equal(permits(third), false, 'not both are members');
    for (const dn of [SERVER, third.source]) mock.load(object('fvAEPg', { dn, prefGrMemb: 'include' }));
    assert.equal(permits(third), true, 'both are members');
    assert.equal(permits({ destinationPort: 22 }), false, 'an outsider');
  });

  it('of ESGs have the numbers and priorities of shared classes', () => {
    mock.load(
      base(
        object('fvCtx', { name: 'v' }, [object('vzAny', {}, [object('vzRsAnyToProv', { tnVzBrCPName: 'web' })])]),
        object('fvAp', { name: 'a' }, [
          object('fvESg', { name: 'g' }, [object('fvRsScope', { tnFvCtxName: 'v' }), consumes('web')]),
        ]),
      ),
    );
    const tag = Number(of('uni/tn-t/ap-a/esg-g').pcTag);
    assert.ok(tag >= 16 && tag <= 16_385, String(tag));
    const rule = rules().find((candidate) => candidate.sPcTag === String(tag));
    assert.equal(rule?.prio, 'shsrc_any_filt_perm');
  });

  it('know addresses: of endpoints, of prefixes, and of everything else', () => {
    const out = (name: string, ip: string): ManagedObject =>
      object('l3extOut', { name }, [
        object('l3extRsEctx', { tnFvCtxName: 'v' }),
        object('l3extInstP', { name: 'i' }, [object('l3extSubnet', { ip }), consumes('web')]),
      ]);
    const endpoint = object('fvCEp', { dn: `${SERVER}/cep-00:50:56:AA:BB:01`, mac: '00:50:56:AA:BB:01' }, [
      object('fvIp', { addr: '10.0.0.1' }),
    ]);
    mock.load(base(pair, out('one', '192.0.2.0/24')));
    mock.load(endpoint);
    const destination = '10.0.0.1';
    assert.equal(permits({ source: '192.0.2.9', destination }), true);
    assert.equal(permits({ source: '198.51.100.1', destination }), false);
    mock.load(base(out('all', '0.0.0.0/0')));
    const verdict = mock.permits({ source: '198.51.100.1', destination, protocol: 6, destinationPort: 80 });
    assert.deepEqual([verdict.permitted, verdict.rule?.source], [true, of('uni/tn-t/ctx-v').pcTag]);
    assert.throws(() => permits({ source: 'uni/tn-t/ap-a/epg-none' }), InvalidInputError);
    assert.throws(() => permits({ source: '198.51.100.1', destination: '198.51.100.2' }), InvalidInputError);
    assert.throws(() => permits({ protocol: 'tpc' }), InvalidInputError);
  });

  describe('over REST', () => {
    let client: LoggedIn;
    beforeEach(async () => {
      client = await loggedIn(mock);
    });

    it('are there at the answer to the write, and pushed to who subscribes', async () => {
      const socket = await openSocket(mock, client.token);
      const url = '/api/node/class/topology/pod-1/node-101/actrlRule.json';
      await client.http.get<Reply>(`${url}?subscription=yes&query-target-filter=eq(actrlRule.ctrctName,"t:web")`);
      mock.load(base(pair));
      const answer = await client.http.get<Reply>(`${url}?query-target-filter=eq(actrlRule.ctrctName,"t:web")`);
      assert.equal(answer.data.totalCount, '2');
      await socket.until(() => socket.objects().filter(({ status }) => status === 'created').length === 2);
      mock.load(object('fvTenant', { dn: 'uni/tn-t', status: 'deleted' }));
      await socket.until(() => socket.objects().filter(({ status }) => status === 'deleted').length === 2);
      socket.socket.terminate();
    });

    it('cannot be written', async () => {
      mock.load(base(pair));
      const [dn] = mock.objects('actrlRule').map((rule) => rule.dn);
      const answer = await client.http.delete(`/api/mo/${dn}.json`);
      assert.equal(answer.status, 400);
    });
  });
});
