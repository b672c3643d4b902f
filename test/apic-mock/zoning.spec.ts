import assert from 'node:assert/strict';
import type { ApicMock, FlowQuestion } from '#apic-mock';
import { InvalidInputError } from '#errors';
import { type ManagedObject, managedObject as object } from '#model/aci';
import { type LoggedIn, loggedIn, openSocket, type Reply, startPlain } from './apic-client.js';
import { base, CLIENT, consumes, epg, externalEpg, pair, provides, SERVER } from './zoning-objects.js';

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
    const found = rules().filter(({ sPcTag, dPcTag }) => [sPcTag, dPcTag].includes(String(tag)));
    assert.deepEqual(
      found.map(({ prio }) => prio),
      ['shsrc_any_filt_perm', 'shsrc_any_filt_perm'],
    );
  });

  it('deny, log and compress as the relation to the filter says, on the level that it asks for', () => {
    const relation = (attributes: Readonly<Record<string, string>>): ManagedObject =>
      object('vzBrCP', { name: 'web' }, [
        object('vzSubj', { name: 's' }, [object('vzRsSubjFiltAtt', { tnVzFilterName: 'http', ...attributes })]),
      ]);
    for (const [attributes, action, priority] of [
      [{ directives: 'log' }, 'permit,log', 'fully_qual'],
      [{ directives: 'no_stats' }, 'permit,no_stats', 'fully_qual'],
      [{ priorityOverride: 'level1', directives: 'none' }, 'permit', 'fully_qual'],
      [{ action: 'deny', priorityOverride: 'default' }, 'deny', 'fully_qual'],
      [{ directives: 'log' }, 'deny,log', 'fully_qual'],
      [{ priorityOverride: 'level1' }, 'deny,log', 'any_any_filter'],
      [{ priorityOverride: 'level2' }, 'deny,log', 'src_any_filter'],
      [{ priorityOverride: 'level3' }, 'deny,log', 'fully_qual'],
    ] as const) {
      mock.load(base(relation(attributes), pair));
      const found = rules().filter(({ ctrctName }) => ctrctName === 't:web');
      assert.deepEqual(
        found.map((rule) => [rule.action, rule.prio]),
        [
          [action, priority],
          [action, priority],
        ],
      );
    }
  });

  it('of two contracts for one pair: a deny goes before a permit of its priority, a permit of two groups before a lower deny', () => {
    const denying = (priorityOverride: string): ManagedObject =>
      object('vzBrCP', { name: 'no' }, [
        object('vzSubj', { name: 's' }, [
          object('vzRsSubjFiltAtt', { tnVzFilterName: 'tcp', action: 'deny', priorityOverride }),
        ]),
      ]);
    const tcp = object('vzFilter', { name: 'tcp' }, [object('vzEntry', { name: 'e', etherT: 'ip', prot: 'tcp' })]);
    const both = object('fvAp', { name: 'a' }, [
      epg('client', consumes('web'), consumes('no')),
      epg('server', provides('web'), provides('no')),
    ]);
    for (const [level, expected] of [
      ['default', false],
      ['level1', true],
      ['level2', true],
      ['level3', false],
    ] as const) {
      mock.load(base(tcp, denying(level), both));
      assert.equal(permits({}), expected, level);
    }
  });

  it('say what their filters are asked by', () => {
    const port = { etherT: 'ip', prot: 'tcp', dFromPort: '80', dToPort: '80' };
    const entries: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ ...port, tcpRules: 'est' }, 'flags'],
      [{ ...port, sFromPort: '22', sToPort: '22' }, 'sport_dport'],
      [port, 'dport'],
      [{ etherT: 'ip', prot: 'udp', sFromPort: '53', sToPort: '53' }, 'sport'],
      [{ etherT: 'ip', prot: 'icmp' }, 'proto'],
      [{ etherT: 'ip', applyToFrag: 'yes' }, 'frag'],
      [{}, 'def'],
    ];
    const filter = object(
      'vzFilter',
      { name: 'http' },
      entries.map(([attributes], index) => object('vzEntry', { name: `e${index}`, ...attributes })),
    );
    mock.load(base(pair));
    mock.load(object('vzFilter', { dn: 'uni/tn-t/flt-http', status: 'deleted' }));
    mock.load(object('fvTenant', { name: 't' }, [filter]));
    const there = rules().filter(({ ctrctName, direction }) => ctrctName === 't:web' && direction === 'bi-dir');
    const found = there.flatMap(
      ({ fltId }) => mock.tree(`topology/pod-1/node-101/sys/actrl/filt-${fltId}`)?.children ?? [],
    );
    assert.deepEqual(
      new Set(found.map(({ attributes }) => attributes['prio'])),
      new Set(entries.map(([, priority]) => priority)),
    );
  });

  it('of a preferred group shut out the prefix of everything, which is no member', () => {
    const out = externalEpg('o', 'v', object('l3extSubnet', { ip: '0.0.0.0/0' }));
    const withGroup = object('fvCtx', { name: 'v' }, [object('vzAny', { prefGrMemb: 'enabled' })]);
    mock.load(base(withGroup, out, pair));
    for (const dn of [CLIENT, SERVER, 'uni/tn-t/out-o/instP-i']) {
      mock.load(object(dn === CLIENT || dn === SERVER ? 'fvAEPg' : 'l3extInstP', { dn, prefGrMemb: 'include' }));
    }
    const endpoint = object('fvCEp', { dn: `${SERVER}/cep-00:50:56:AA:BB:01`, mac: '00:50:56:AA:BB:01' }, [
      object('fvIp', { addr: '10.0.0.1' }),
    ]);
    mock.load(endpoint);
    const [inside, outside] = ['10.0.0.1', '198.51.100.1'];
    const ask = (source: string, destination: string): readonly unknown[] => {
      const { permitted, rule } = mock.permits({ source, destination, protocol: 'udp', destinationPort: 9 });
      return [permitted, rule?.priority];
    };
    assert.deepEqual(ask(CLIENT, SERVER), [true, 'grp_any_any_any_permit']);
    assert.deepEqual(ask(outside, inside), [false, 'grp_src_any_any_deny']);
    assert.deepEqual(ask(inside, outside), [false, 'grp_any_dest_any_deny']);
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
