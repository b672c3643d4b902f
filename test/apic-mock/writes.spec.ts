import assert from 'node:assert/strict';
import type { AxiosResponse } from 'axios';
import type { ApicMock } from '#apic-mock';
import { dnsOf, errorOf, type LoggedIn, loggedIn, type Reply, startPlain } from './apic-client.js';
import { isSpelled, type Spelling } from './xml-client.js';

const tenant = (name: string, children: readonly unknown[] = []): unknown => ({
  fvTenant: { attributes: { name }, children },
});

const writes = (spelling: Spelling) => (): void => {
  let mock: ApicMock;
  let http: LoggedIn['http'];
  const inJson = spelling === 'json' ? it : (): void => {};

  before(async () => {
    mock = await startPlain();
  });
  beforeEach(async () => {
    mock.reset();
    ({ http } = await loggedIn(mock, spelling));
  });
  after(() => mock.stop());

  const post = (dn: string, body: unknown, query = ''): Promise<AxiosResponse<Reply>> =>
    http.post<Reply>(`/api/mo/${dn}.json${query}`, body);

  describe('places of the body', () => {
    const placements: readonly [string, string, unknown][] = [
      ['its own Dn', '/api/mo/uni/tn-a.json', { fvTenant: { attributes: { descr: 'x' } } }],
      ['its own Dn in brackets', '/api/mo/uni/tn-[a].json', { fvTenant: { attributes: { descr: 'x' } } }],
      ['its parent', '/api/mo/uni.json', { fvTenant: { attributes: { name: 'a', descr: 'x' } } }],
      [
        'an envelope',
        '/api/mo/uni.json',
        { polUni: { attributes: {}, children: [{ fvTenant: { attributes: { name: 'a', descr: 'x' } } }] } },
      ],
      [
        'a Dn in the body',
        '/api/node/mo.json',
        { fvTenant: { attributes: { dn: 'uni/tn-a', name: 'a', descr: 'x', status: 'created, modified' } } },
      ],
      ['an RN in the body', '/api/mo/uni.json', { fvTenant: { attributes: { rn: 'tn-a', descr: 'x' } } }],
      ['an array', '/api/mo/uni.json', [{ fvTenant: { attributes: { name: 'a', descr: 'x' } } }, tenant('b')]],
      ['no attributes at all', '/api/mo/uni/tn-a.json', { fvTenant: {} }],
    ];
    for (const [what, url, body] of placements) {
      if (!isSpelled(spelling, body)) continue;
      it(`takes ${what}`, async () => {
        const answer = await http.post(url, body);
        assert.deepEqual(answer.data, { totalCount: '0', imdata: [] });
        assert.equal(mock.object('uni/tn-a')?.attributes.name, 'a');
      });
    }

    inJson('does not need a content type', async () => {
      const answer = await http.post('/api/mo/uni.json', JSON.stringify(tenant('a')), {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      });
      assert.equal(answer.status, 200);
      assert.ok(mock.object('uni/tn-a'));
    });
  });

  describe('status', () => {
    beforeEach(() => post('uni', tenant('old')));

    it('creates and modifies without one, and with both', async () => {
      for (const status of ['created,modified', 'created, modified', '']) {
        assert.equal(
          (await post('uni', { fvTenant: { attributes: { name: 'old', descr: `d${status.length}`, status } } })).status,
          200,
        );
        assert.equal(mock.object('uni/tn-old')?.attributes.descr, `d${status.length}`);
      }
    });

    it('created: 103 on what exists', async () => {
      const answer = await post('uni', { fvTenant: { attributes: { name: 'old', status: 'created' } } });
      assert.deepEqual(errorOf(answer), {
        status: 400,
        code: '103',
        text: 'Cannot create Tenant (fvTenant); object uni/tn-old already exists.',
      });
      assert.equal((await post('uni', { fvTenant: { attributes: { name: 'new', status: 'created' } } })).status, 200);
    });

    it('modified: 102 on what does not exist', async () => {
      const answer = await post('uni', { fvTenant: { attributes: { name: 'new', status: 'modified' } } });
      assert.deepEqual(errorOf(answer), {
        status: 400,
        code: '102',
        text: 'configured object ((Dn0)) not found Dn0=uni/tn-new, ',
      });
      assert.equal((await post('uni', { fvTenant: { attributes: { name: 'old', status: 'modified' } } })).status, 200);
    });

    it('deleted: takes the subtree, and nothing is no error', async () => {
      await post('uni/tn-old', {
        fvAp: { attributes: { name: 'a' }, children: [{ fvAEPg: { attributes: { name: 'e' } } }] },
      });
      const gone = { fvTenant: { attributes: { name: 'old', status: 'deleted' } } };
      assert.equal((await post('uni', gone)).status, 200);
      assert.equal(mock.object('uni/tn-old/ap-a/epg-e/rsbd'), undefined);
      assert.equal((await post('uni', gone)).status, 200);
    });

    it('refuses other words', async () => {
      const answer = await post('uni', { fvTenant: { attributes: { name: 'old', status: 'destroyed' } } });
      assert.equal(
        errorOf(answer).text,
        'unknown property value destroyed, , name status, class fvTenant [(Dn0)] Dn0=uni/tn-old, ',
      );
    });

    it('DELETE removes, and again', async () => {
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual((await http.delete('/api/mo/uni/tn-old.json')).data, { totalCount: '0', imdata: [] });
        assert.equal(mock.object('uni/tn-old'), undefined);
      }
    });

    it('needs the parent, unless the same tree makes it', async () => {
      const answer = await post('uni/tn-none/ap-a', { fvAp: { attributes: { name: 'a' } } });
      assert.equal(errorOf(answer).code, '102');
      assert.equal(mock.object('uni/tn-none'), undefined);
    });

    it('merges: absent properties keep their value', async () => {
      await post('uni', { fvTenant: { attributes: { name: 'old', descr: 'first' } } });
      await post('uni', { fvTenant: { attributes: { name: 'old', nameAlias: 'alias' } } });
      assert.equal(mock.object('uni/tn-old')?.attributes.descr, 'first');
    });
  });

  inJson('is one transaction: an error late in the tree leaves nothing behind', async () => {
    await post('uni', tenant('kept', [{ fvAp: { attributes: { name: 'a', descr: 'before' } } }]));
    const size = mock.size();
    const body = [
      tenant('kept', [
        { fvAp: { attributes: { name: 'a', descr: 'after' } } },
        { fvBD: { attributes: { name: 'b' } } },
      ]),
      { fvTenant: { attributes: { name: 'kept', status: 'deleted' } } },
      tenant('x'),
      { fvTenant: { attributes: { name: 'x', status: 'created' } } },
    ];
    assert.equal(errorOf(await post('uni', body)).code, '103');
    assert.equal(mock.size(), size);
    assert.equal(mock.object('uni/tn-kept/ap-a')?.attributes.descr, 'before');
    assert.equal(mock.objects('fvTenant').length, 4);
    assert.equal((await http.get('/api/mo/uni/tn-kept.json?query-target=children')).data.totalCount, '4');
  });

  describe('errors', () => {
    const under = 'uni/tn-t';
    const cases: readonly [string, string, unknown, string, RegExp | string][] = [
      ['unknown class', 'uni', { fvFoobar: { attributes: {} } }, '122', 'unknown managed object class fvFoobar'],
      [
        'unknown class that JavaScript knows',
        'uni',
        '{"constructor":{"attributes":{}}}',
        '122',
        'unknown managed object class constructor',
      ],
      [
        'unknown attribute',
        'uni',
        { fvTenant: { attributes: { name: 'x', description: 'd' } } },
        '400',
        "unknown attribute 'description' in element 'fvTenant'",
      ],
      [
        'attribute that JavaScript knows',
        'uni',
        { fvTenant: { attributes: { name: 'x', toString: 'd' } } },
        '400',
        "unknown attribute 'toString' in element 'fvTenant'",
      ],
      [
        'child not allowed',
        under,
        { fvAEPg: { attributes: { name: 'e' } } },
        '400',
        "Invalid request. Can not contain child 'epg-e' under parent 'uni/tn-t'",
      ],
      [
        'bad enum',
        under,
        { fvCtx: { attributes: { name: 'v', pcEnfPref: 'maybe' } } },
        '120',
        'unknown property value maybe, , name pcEnfPref, class fvCtx [(Dn0)] Dn0=uni/tn-t/ctx-v, ',
      ],
      [
        'bad bool',
        under,
        { fvBD: { attributes: { name: 'b', arpFlood: 'perhaps' } } },
        '120',
        /name arpFlood, class fvBD/,
      ],
      [
        'bad bitmask',
        under,
        {
          fvBD: {
            attributes: { name: 'b' },
            children: [{ fvSubnet: { attributes: { ip: '10.0.0.1/24', scope: 'private,secret' } } }],
          },
        },
        '120',
        /value private,secret, , name scope/,
      ],
      [
        'bad number',
        under,
        {
          vzFilter: {
            attributes: { name: 'f' },
            children: [{ vzEntry: { attributes: { name: 'e', dFromPort: 'many' } } }],
          },
        },
        '120',
        /value many, , name dFromPort/,
      ],
      [
        'number too large for its type',
        under,
        {
          vzFilter: {
            attributes: { name: 'f' },
            children: [{ vzEntry: { attributes: { name: 'e', dFromPort: '70000' } } }],
          },
        },
        '120',
        /value 70000/,
      ],
      [
        'bad address',
        under,
        { fvBD: { attributes: { name: 'b' }, children: [{ fvSubnet: { attributes: { ip: '10.0.0.1/33' } } }] } },
        '120',
        /value 10.0.0.1\/33, , name ip/,
      ],
      ['bad MAC', under, { fvBD: { attributes: { name: 'b', mac: '00:11' } } }, '120', /name mac/],
      [
        'bad regex',
        'uni',
        { fvTenant: { attributes: { name: 'a:b' } } },
        '801',
        "property name of uni/tn-a:b failed validation for value 'a:b'",
      ],
      [
        'too long',
        'uni',
        { fvTenant: { attributes: { name: 'n'.repeat(64) } } },
        '801',
        /^property name of uni\/tn-n+ failed validation/,
      ],
      ['no name', 'uni', { fvTenant: { attributes: {} } }, '822', "naming property ('fvTenant.name') is not set."],
      [
        'read-only property',
        'uni',
        { fvTenant: { attributes: { name: 'x', uid: '3' } } },
        '170',
        'Admin implicit props cannot be modified, class=fvTenant',
      ],
      [
        'read-only class',
        'topology/pod-1',
        { fabricPathEpCont: { attributes: { nodeId: '9' } } },
        '170',
        /class=fabricPathEpCont/,
      ],
      [
        'class that nobody creates',
        'uni',
        {
          fvAEPg: {
            attributes: { dn: 'uni/tn-common/ap-default/epg-e' },
            children: [{ fvCEp: { attributes: { name: 'x' } } }],
          },
        },
        '170',
        /class=fvCEp/,
      ],
      [
        'name unlike the URL',
        under,
        { fvTenant: { attributes: { name: 'other' } } },
        '1',
        'Create-only and naming props cannot be modified after creation, class=fvTenant, prop=name',
      ],
      [
        'name unlike the Dn',
        'uni',
        { fvTenant: { attributes: { dn: 'uni/tn-x', name: 'y' } } },
        '1',
        /class=fvTenant, prop=name/,
      ],
      [
        'Dn outside of the URL',
        under,
        { fvTenant: { attributes: { dn: 'uni/tn-x' } } },
        '400',
        /Can not contain child 'uni\/tn-x'/,
      ],
      [
        'malformed Dn',
        'uni/tn-t/nonsense-1',
        { fvAp: { attributes: {} } },
        '107',
        'Invalid DN uni/tn-t/nonsense-1, wrong rn prefix nonsense-1 at position 9',
      ],
      [
        'name that would be two steps',
        'uni',
        { aaaUserEp: { attributes: {}, children: [{ aaaUser: { attributes: { name: 'a/b' } } }] } },
        '104',
        'Invalid RN user-a/b',
      ],
      [
        'brackets out of balance',
        'uni',
        {
          fvTenant: {
            attributes: { name: 'x' },
            children: [{ tagAnnotation: { attributes: { key: 'a]/[b', value: 'v' } } }],
          },
        },
        '104',
        'Invalid RN annotationKey-[a]/[b]',
      ],
      [
        'children before attributes',
        'uni',
        '{"fvTenant":{"children":[],"attributes":{"name":"x"}}}',
        '400',
        "invalid data at line '1'. Attributes are missing, tag 'attributes' must be specified first, before any other tag",
      ],
      ['a level skipped', 'uni', '{"fvTenant":"x"}', '400', "incomplete node at line '1'"],
      [
        'two objects in one',
        'uni',
        '{"fvTenant":{"attributes":{"name":"x"}},"fvBD":{}}',
        '400',
        "incomplete node at line '1'",
      ],
      ['no JSON', 'uni', '{"fvTenant":\n{"attributes":', '400', /^JSON parsing failed - invalid data at line: 2$/],
      ['an empty body', 'uni', '', '400', /^JSON parsing failed/],
      [
        'a number at the end',
        'uni',
        '{"fvTenant":{"attributes":{"name":100}}}',
        '400',
        'JSON parsing failed - incomplete attribute value at line: 1',
      ],
      [
        'a number, misread',
        under,
        '{"vzFilter":{"attributes":{"name":"f"},"children":[{"vzEntry":{"attributes":{"etherT":100,"name":"e"}}}]}}',
        '120',
        'unknown property value 00, , name etherT, class vzEntry [(Dn0)] Dn0=uni/tn-t/flt-f/e-e, ',
      ],
      [
        'ports without an ether type',
        under,
        {
          vzFilter: {
            attributes: { name: 'f' },
            children: [{ vzEntry: { attributes: { name: 'e', dFromPort: '80', dToPort: '80' } } }],
          },
        },
        '1',
        /^Invalid Configuration - uni\/tn-t\/flt-f\/e-e: ports/,
      ],
      [
        'a port range from 0',
        under,
        {
          vzFilter: {
            attributes: { name: 'f' },
            children: [{ vzEntry: { attributes: { name: 'e', etherT: 'ip', prot: 'tcp', dToPort: '80' } } }],
          },
        },
        '1',
        /cannot start at 0/,
      ],
      [
        'est with other rules',
        under,
        {
          vzFilter: {
            attributes: { name: 'f' },
            children: [{ vzEntry: { attributes: { name: 'e', etherT: 'ip', prot: 'tcp', tcpRules: 'syn,est' } } }],
          },
        },
        '1',
        /est excludes/,
      ],
      [
        'create-only property',
        'uni/userext',
        { aaaUserEp: { attributes: { name: 'other' } } },
        '1',
        'Create-only and naming props cannot be modified after creation, class=aaaUserEp, prop=name',
      ],
      [
        'deleting the universe',
        'uni',
        { polUni: { attributes: { status: 'deleted' } } },
        '1',
        /uni cannot be deleted\.$/,
      ],
    ];
    for (const [what, dn, body, code, text] of cases) {
      if (!isSpelled(spelling, body)) continue;
      it(what, async () => {
        await post('uni', tenant('t'));
        const size = mock.size();
        const error = errorOf(await post(dn, body));
        assert.equal(error.status, 400);
        assert.equal(error.code, code, error.text);
        if (typeof text === 'string') assert.equal(error.text, text);
        else assert.match(error.text, text);
        assert.equal(mock.size(), size, 'nothing is applied');
      });
    }
  });

  it('stores values in its own spelling', async () => {
    const entry = { name: 'e', etherT: 'ip', prot: '6', dFromPort: '80', dToPort: '443', stateful: 'true' };
    await post(
      'uni',
      tenant('t', [{ vzFilter: { attributes: { name: 'f' }, children: [{ vzEntry: { attributes: entry } }] } }]),
    );
    await post('uni/tn-t', { fvBD: { attributes: { name: 'b', mac: '00:22:bd:f8:19:aa' } } });
    const stored = mock.object('uni/tn-t/flt-f/e-e')?.attributes;
    assert.deepEqual(
      [stored?.prot, stored?.dFromPort, stored?.dToPort, stored?.stateful],
      ['tcp', 'http', 'https', 'yes'],
    );
    assert.equal(mock.object('uni/tn-t/BD-b')?.attributes.mac, '00:22:BD:F8:19:AA');
    assert.equal(mock.object('uni/tn-t/BD-b')?.attributes.vmac, 'not-applicable');
  });

  it('stamps modTs only when something changes', async () => {
    await post('uni', tenant('t'));
    const before = mock.object('uni/tn-t')?.attributes.modTs;
    assert.match(before ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await post('uni', tenant('t'));
    assert.equal(mock.object('uni/tn-t')?.attributes.modTs, before);
    await post('uni', { fvTenant: { attributes: { name: 't', descr: 'x' } } });
    assert.notEqual(mock.object('uni/tn-t')?.attributes.modTs, before);
  });

  it('makes the children that come with an object, and resets instead of deleting them', async () => {
    await post(
      'uni',
      tenant('t', [
        { fvCtx: { attributes: { name: 'v' } } },
        { fvBD: { attributes: { name: 'b' }, children: [{ fvRsCtx: { attributes: { tnFvCtxName: 'v' } } }] } },
      ]),
    );
    const children = await http.get('/api/mo/uni/tn-t/BD-b.json?query-target=children');
    assert.deepEqual(
      [...dnsOf(children)].sort(),
      ['rsBDToNdP', 'rsbdToEpRet', 'rsctx', 'rsigmpsn', 'rsmldsn'].map((rn) => `uni/tn-t/BD-b/${rn}`),
    );
    assert.ok(mock.object('uni/tn-t/ctx-v/any'));
    assert.equal((await http.delete('/api/mo/uni/tn-t/BD-b/rsctx.json')).status, 200);
    const reset = mock.object('uni/tn-t/BD-b/rsctx')?.attributes;
    assert.deepEqual(
      [reset?.tnFvCtxName, reset?.stateQual, reset?.tDn],
      ['', 'default-target', 'uni/tn-common/ctx-default'],
    );
  });
};

for (const spelling of ['json', 'xml'] as const) describe(`apic-mock: writes in ${spelling}`, writes(spelling));
