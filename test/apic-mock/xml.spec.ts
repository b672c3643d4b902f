import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WebSocket } from 'ws';
import { ADMIN, httpClient, loggedIn, type Reply, startPlain, until } from './apic-client.js';
import { useApic } from './apic-suite.js';
import { envelopeOf, readXml, xmlHttpClient } from './xml-client.js';

const PAIRS = 80;

describe('apic-mock: XML', () => {
  const apic = useApic({ reset: true });

  const post = async (body: string, path = '/api/mo/uni.xml'): Promise<{ status: number; text: string }> => {
    const answer = await apic.http.post<string>(path, body, { headers: { 'Content-Type': 'text/plain' } });
    return { status: answer.status, text: answer.data };
  };

  const errorText = (code: string, text: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?><imdata totalCount="1"><error code="${code}" text="${text}"/></imdata>`;

  it('takes a tree with declaration, comments, CDATA and entities, whatever the content type says', async () => {
    const body = `\uFEFF<?xml version="1.0" encoding="UTF-8"?>
      <!-- a <tenant> -->
      <fvTenant name='a' descr="x &amp; y &#35;1">
        <![CDATA[ ]]>
        <fvAp name="one"><fvAEPg name="web"/></fvAp>
        <fvAp name="two"></fvAp>
      </fvTenant>`;
    assert.deepEqual(await post(body), {
      status: 200,
      text: '<?xml version="1.0" encoding="UTF-8"?><imdata totalCount="0"></imdata>',
    });
    assert.equal(apic.mock.object('uni/tn-a')?.attributes.descr, 'x & y #1');
    assert.ok(apic.mock.object('uni/tn-a/ap-one/epg-web') && apic.mock.object('uni/tn-a/ap-two'));
  });

  it('answers rsp-subtree=modified as attributes of elements', async () => {
    const { text } = await post('<fvTenant name="a"/>', '/api/mo/uni.xml?rsp-subtree=modified');
    const [tenant] = readXml(text).$$ ?? [];
    assert.equal(tenant?.['#name'], 'fvTenant');
    assert.deepEqual([tenant?.$?.dn, tenant?.$?.status, tenant?.$?.rn], ['uni/tn-a', 'created', '']);
  });

  const broken: readonly [string, string, string, string][] = [
    ['two roots', '<cdpIfPol name="a"/><cdpIfPol name="b"/>', '122', 'class cdpIfPol not found'],
    ['two different roots', '<fvTenant name="a"/><physDomP name="b"/>', '122', 'class physDomP not found'],
    [
      'mismatched tags',
      '<fvTenant name="a">\n<fvAp name="b">\n</fvTenant>',
      '400',
      'XML parsing failed - mismatched tag at line: 3',
    ],
    ['an open tag', '<fvTenant name="a">', '400', 'XML parsing failed - mismatched tag at line: 1'],
    ['a second closing', '<fvTenant name="a"/></fvTenant>', '400', 'XML parsing failed - mismatched tag at line: 1'],
    ['no quotes', '<fvTenant name=a/>', '400', 'XML parsing failed - invalid data at line: 1'],
    [
      'an unknown entity',
      '<?xml version="1.0"?>\n<fvTenant name="&tenant;"/>',
      '400',
      'XML parsing failed - invalid data at line: 2',
    ],
    ['nothing', ' \n', '400', 'XML parsing failed - empty body at line: 1'],
    ['JSON', '{"fvTenant":{"attributes":{"name":"a"}}}', '400', 'XML parsing failed - empty body at line: 1'],
    [
      'text in an object',
      '<fvTenant name="a">text</fvTenant>',
      '400',
      "invalid data in element 'fvTenant': an object has no text",
    ],
    [
      'a document type',
      '<?xml version="1.0"?>\n<!DOCTYPE fvTenant [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<fvTenant name="&x;"/>',
      '400',
      'XML parsing failed - DOCTYPE is not allowed at line: 2',
    ],
    [
      'entities that grow',
      '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><fvTenant name="&c;"/>',
      '400',
      'XML parsing failed - DOCTYPE is not allowed at line: 1',
    ],
    [
      'the way out of the parser',
      '</request.body><request.body>',
      '400',
      'XML parsing failed - invalid data at line: 1',
    ],
    [
      'a tree without end',
      `${'<fvTenant>'.repeat(5000)}${'</fvTenant>'.repeat(5000)}`,
      '400',
      'XML parsing failed - tree deeper than 64 levels at line: 1',
    ],
    [
      'an attribute twice',
      '<polUni>\n<fvTenant name="a" descr="1"\n descr=\'2\'/></polUni>',
      '400',
      'XML parsing failed - duplicate attribute at line: 2',
    ],
    ['names that JavaScript knows', '<__proto__ constructor="x"/>', '122', 'unknown managed object class __proto__'],
  ];
  it('takes the same attribute in two objects, and what only looks like one twice', async () => {
    const plain = `<polUni><aaaUserEp><!-- <a b="1" b="2"/> --><![CDATA[ ]]><aaaUser name='once' pwd="name='x' name='x'"/></aaaUserEp>
      <fvTenant name="once"/></polUni>`;
    assert.equal((await post(plain)).status, 200);
    assert.ok(apic.mock.object('uni/userext/user-once'));
  });

  for (const [what, body, code, text] of broken) {
    it(`refuses ${what}`, async () => {
      const size = apic.mock.size();
      assert.deepEqual(await post(body), { status: 400, text: errorText(code, text) });
      assert.equal(apic.mock.size(), size);
      assert.equal(apic.mock.counters().internalErrors, 0);
    });
  }

  it('refuses a body beyond ten megabytes in XML', async () => {
    const { status, text } = await apic.http
      .post<string>('/api/mo/uni.xml', `<fvTenant name="a" descr="${'y'.repeat(11 * 1024 * 1024)}"/>`, {
        maxBodyLength: Infinity,
      })
      .then((answer) => ({ status: answer.status, text: answer.data }));
    assert.equal(status, 413);
    assert.match(text, /<h1>413 Request Entity Too Large<\/h1>/);
  });

  it('logs in, refreshes and logs out', async () => {
    const http = xmlHttpClient(apic.mock);
    const body = `<aaaUser name="${ADMIN.name}" pwd="${ADMIN.password}"/>`;
    const login = await http.post<Reply>('/api/aaaLogin.xml', body);
    const token = login.data.imdata[0]?.aaaLogin?.attributes.token ?? '';
    assert.match(login.headers['set-cookie']?.[0] ?? '', new RegExp(`^APIC-cookie=${token};`));
    assert.equal(login.data.imdata[0]?.aaaLogin?.children?.[0]?.aaaUserDomain?.attributes.name, 'all');
    http.defaults.headers.common.Cookie = `APIC-cookie=${token}`;
    const refreshed = await http.get<Reply>('/api/aaaRefresh.xml');
    const next = refreshed.data.imdata[0]?.aaaLogin?.attributes.token ?? '';
    http.defaults.headers.common.Cookie = `APIC-cookie=${next}`;
    assert.equal((await http.get<Reply>('/api/mo/uni.xml')).data.totalCount, '1');
    assert.equal((await http.post('/api/aaaLogout.xml', `<aaaUser name="${ADMIN.name}"/>`)).status, 200);
    const after = await httpClient(apic.mock).get<string>('/api/mo/uni.xml', {
      headers: { Cookie: `APIC-cookie=${next}` },
    });
    assert.equal(after.status, 403);
    assert.equal(after.data, errorText('403', 'Token was invalid (Error: Token timeout)'));
    const bad = await http.post<string>('/api/aaaLogin.xml', `<aaaUser name="admin" pwd="wrong"/>`);
    assert.equal(bad.status, 401);
    assert.match(JSON.stringify(bad.data), /"code":"401","text":"Username or password is incorrect - FAILED/);
  });

  it('keeps the password of an XML login out of its log', async () => {
    await httpClient(apic.mock).post('/api/aaaLogin.xml', `<aaaUser name="admin" pwd="${ADMIN.password}"/>`);
    await httpClient(apic.mock).post('/api/aaaLogin.xml', `<aaaUser name='admin' pwd='${ADMIN.password}'/>`);
    assert.ok(!JSON.stringify(apic.mock.requestLog()).includes(ADMIN.password));
  });

  it('pushes in the spelling of each subscription, several ids of one joined by commas', async () => {
    const socket = new WebSocket(`${apic.mock.url.replace('http', 'ws')}/socket${apic.token}`);
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    await new Promise((resolve) => socket.once('open', resolve));
    const subscribe = async (url: string): Promise<string> => {
      const { data } = await apic.http.get<string>(url);
      return readXml(data).$?.subscriptionId ?? '';
    };
    const first = await subscribe('/api/class/fvTenant.xml?subscription=yes');
    const second = await subscribe('/api/mo/uni.xml?query-target=children&subscription=yes');
    const json = (await apic.http.get<Reply>('/api/class/fvTenant.json?subscription=yes')).data.subscriptionId ?? '';
    assert.match(first, /^\d{18}$/);
    await post('<fvTenant name="a" descr="x &amp; y"/>');
    await until(() => frames.length === 2);
    const xml = frames.find((frame) => frame.startsWith('<?xml')) ?? '';
    const push = envelopeOf(xml, true) as { subscriptionId: readonly string[]; imdata: readonly unknown[] };
    assert.deepEqual([...push.subscriptionId].sort(), [first, second].sort());
    const twin = JSON.parse(frames.find((frame) => frame.startsWith('{')) ?? '') as typeof push;
    assert.deepEqual(twin.subscriptionId, [json]);
    assert.deepEqual(push.imdata, twin.imdata);
    socket.close();
  });

  it(`means the same in both spellings: ${PAIRS} made-up trees, values and queries`, async function () {
    this.timeout(60_000);
    const twin = await startPlain({ now: () => 0 });
    const original = await startPlain({ now: () => 0 });
    try {
      const inXml = await loggedIn(twin, 'xml');
      const inJson = await loggedIn(original);
      const text = fc.string({
        unit: fc.constantFrom('a', 'b', '<', '&', '"', "'", '\n', '\t', '\r', ' ', ';', 'ä', '€', '😀', '.'),
        maxLength: 8,
      });
      const name = fc.constantFrom('a', 'b', 'c', 'default');
      const attributes = fc.record(
        {
          name,
          descr: text,
          nameAlias: fc.oneof(name, text),
          status: fc.constantFrom('', '', 'created', 'modified', 'deleted'),
        },
        { requiredKeys: ['name'] },
      );
      const level = (children: fc.Arbitrary<readonly unknown[]>): fc.Arbitrary<unknown> =>
        fc
          .tuple(fc.constantFrom('fvTenant', 'fvAp', 'fvAEPg', 'fvBD', 'fvNo'), attributes, children)
          .map(([className, values, below]) => ({ [className]: { attributes: values, children: below } }));
      const leaf = level(fc.constant([]));
      const tree = level(fc.array(level(fc.array(leaf, { maxLength: 2 })), { maxLength: 2 }));
      // The e-mail address of a user may be any text: here escapes are told apart.
      const user = fc
        .tuple(name, text)
        .map(([name, email]) => ({ aaaUser: { attributes: { dn: `uni/userext/user-${name}`, email } } }));
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('uni', 'uni/tn-a', 'uni/tn-b/ap-a', 'uni/userext'),
          fc.oneof({ weight: 3, arbitrary: tree }, { weight: 1, arbitrary: user }),
          async (dn, body) => {
            const url = `/api/mo/${dn}.json?rsp-subtree=modified`;
            const expected = await inJson.http.post<unknown>(url, body);
            const answer = await inXml.http.post<unknown>(url, body);
            assert.equal(answer.status, expected.status);
            assert.deepEqual(answer.data, expected.data);
            const query =
              '/api/mo/uni.json?query-target=subtree&target-subtree-class=fvTenant,fvAp,fvAEPg,fvBD,aaaUser';
            assert.deepEqual((await inXml.http.get<unknown>(query)).data, (await inJson.http.get<unknown>(query)).data);
          },
        ),
        { numRuns: PAIRS },
      );
    } finally {
      await Promise.all([twin.stop(), original.stop()]);
    }
  });
});
