import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { ApicMock } from '#apic-mock';
import { ADMIN, errorOf, httpClient, type LoggedIn, loggedIn, loginBody, startPlain } from './apic-client.js';
import { xmlHttpClient } from './xml-client.js';

interface Case {
  readonly what: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
  readonly anonymous?: true;
  readonly error: readonly [status: number, code: string, text: string];
}

const tenant = (attributes: Readonly<Record<string, string>>, children: readonly unknown[] = []): unknown => ({
  fvTenant: { attributes, children },
});

const UNI = '/api/mo/uni.json';

/** One row for each row of apic-protocol.md §2.3 and §4 (and §1.4, §5.1) that a simulator can bring about. */
const CASES: readonly Case[] = [
  {
    what: 'a class that nobody has',
    url: '/api/class/fvTenantt.json',
    error: [400, '400', 'Request failed, unresolved class for fvTenantt'],
  },
  {
    what: 'an unknown class in an option',
    url: `${UNI}?query-target=subtree&target-subtree-class=faultIns`,
    error: [400, '122', 'class faultIns not found'],
  },
  {
    what: 'an unknown class in rsp-subtree-class',
    url: `${UNI}?rsp-subtree=full&rsp-subtree-class=faultIns`,
    error: [400, '122', 'class faultIns not found'],
  },
  {
    what: 'an unknown class in a filter',
    url: '/api/class/fvTenant.json?query-target-filter=eq(faultIns.code,"x")',
    error: [400, '122', 'class faultIns not found'],
  },
  {
    what: 'an unknown property in a filter',
    url: '/api/class/faultInst.json?query-target-filter=eq(faultInst.cod,"x")',
    error: [400, '121', "Prop 'cod' not found in class 'faultInst' property table"],
  },
  {
    what: 'an unknown operator',
    url: '/api/class/fvCtx.json?query-target-filter=is(fvCtx.name,"x")',
    error: [400, '301', 'no such filter type is'],
  },
  {
    what: 'an enum value that is none',
    url: '/api/class/fvCtx.json?query-target-filter=eq(fvCtx.pcEnfPref,"F9")',
    error: [400, '301', "Incorrect filter format for fvCtx.pcEnfPref, value 'F9' is not valid"],
  },
  {
    what: 'a bit that is none',
    url: '/api/class/fvSubnet.json?query-target-filter=anybit(fvSubnet.scope,"public,secret")',
    error: [400, '301', "Incorrect filter format for fvSubnet.scope, value 'public,secret' is not valid"],
  },
  {
    what: 'a date that is none',
    url: '/api/class/fvTenant.json?query-target-filter=gt(fvTenant.modTs,"yesterday")',
    error: [400, '301', "Incorrect filter format for fvTenant.modTs, value 'yesterday' is not valid"],
  },
  {
    what: 'a wildcard that begins with a star',
    url: '/api/class/fvCtx.json?query-target-filter=wcard(fvCtx.name,"*x")',
    error: [400, '301', "Incorrect filter format for wcard, value '*x' is not valid"],
  },
  {
    what: 'an option value that is none',
    url: `${UNI}?rsp-prop-include=some`,
    error: [
      400,
      '8',
      'rsp-prop-include argument is incorrect (possible options: _all_|naming-only|config-only|config-explicit|config-all|oper)',
    ],
  },
  {
    what: 'an answer that is too big',
    url: '/api/class/l1PhysIf.json',
    error: [400, '400', 'Unable to process the query, result dataset is too big'],
  },
  {
    what: 'a malformed Dn',
    url: '/api/mo/uni/tnn-x.json',
    error: [400, '107', 'Invalid DN uni/tnn-x, wrong rn prefix tnn-x at position 4'],
  },
  {
    what: 'a Dn that is malformed further on',
    url: '/api/mo/uni/tn-a/nonsense.json',
    error: [400, '107', 'Invalid DN uni/tn-a/nonsense, wrong rn prefix nonsense at position 9'],
  },
  {
    what: 'what must not be deleted',
    method: 'POST',
    url: UNI,
    body: { polUni: { attributes: { status: 'deleted' } } },
    error: [400, '1', 'Policy Universe uni cannot be deleted.'],
  },
  {
    what: 'a name unlike the Dn',
    method: 'POST',
    url: UNI,
    body: tenant({ dn: 'uni/tn-x', name: 'y' }),
    error: [400, '1', 'Create-only and naming props cannot be modified after creation, class=fvTenant, prop=name'],
  },
  {
    what: 'modified on what is not there',
    method: 'POST',
    url: UNI,
    body: tenant({ name: 'new', status: 'modified' }),
    error: [400, '102', 'configured object ((Dn0)) not found Dn0=uni/tn-new, '],
  },
  {
    what: 'created on what is there',
    method: 'POST',
    url: UNI,
    body: tenant({ name: 'common', status: 'created' }),
    error: [400, '103', 'Cannot create Tenant (fvTenant); object uni/tn-common already exists.'],
  },
  {
    what: 'an RN of two steps',
    method: 'POST',
    url: '/api/mo/uni/userext.json',
    body: { aaaUser: { attributes: { name: 'a/b' } } },
    error: [400, '104', 'Invalid RN user-a/b'],
  },
  {
    what: 'a value outside of its enum',
    method: 'POST',
    url: UNI,
    body: tenant({ name: 'x' }, [{ fvCtx: { attributes: { name: 'v', pcEnfPref: 'maybe' } } }]),
    error: [400, '120', 'unknown property value maybe, , name pcEnfPref, class fvCtx [(Dn0)] Dn0=uni/tn-x/ctx-v, '],
  },
  {
    what: 'an unknown class in a body',
    method: 'POST',
    url: UNI,
    body: { fvFoobar: { attributes: {} } },
    error: [400, '122', 'unknown managed object class fvFoobar'],
  },
  {
    what: 'a property that only the APIC writes',
    method: 'POST',
    url: UNI,
    body: tenant({ name: 'x', uid: '3' }),
    error: [400, '170', 'Admin implicit props cannot be modified, class=fvTenant'],
  },
  {
    what: 'an unknown attribute',
    method: 'POST',
    url: UNI,
    body: tenant({ name: 'x', description: 'd' }),
    error: [400, '400', "unknown attribute 'description' in element 'fvTenant'"],
  },
  {
    what: 'a child that is not allowed',
    method: 'POST',
    url: '/api/mo/uni/tn-common.json',
    body: { fvAEPg: { attributes: { name: 'e' } } },
    error: [400, '400', "Invalid request. Can not contain child 'epg-e' under parent 'uni/tn-common'"],
  },
  {
    what: 'a value that fails its expression',
    method: 'POST',
    url: UNI,
    body: tenant({ name: 'a:b' }),
    error: [400, '801', "property name of uni/tn-a:b failed validation for value 'a:b'"],
  },
  {
    what: 'no name',
    method: 'POST',
    url: UNI,
    body: tenant({}),
    error: [400, '822', "naming property ('fvTenant.name') is not set."],
  },
  {
    what: 'a wrong password',
    method: 'POST',
    url: '/api/aaaLogin.json',
    body: loginBody(ADMIN.name, 'wrong'),
    anonymous: true,
    error: [401, '401', 'Username or password is incorrect - FAILED local authentication'],
  },
  {
    what: 'no cookie',
    url: UNI,
    anonymous: true,
    error: [
      403,
      '403',
      'Need a valid webtoken cookie (named APIC-Cookie) or a signed request with signature in the cookie APIC-Request-Signature for all REST API requests',
    ],
  },
  {
    what: 'the login of old releases',
    method: 'POST',
    url: '/api/mo/aaaLogin.json',
    body: loginBody(),
    anonymous: true,
    error: [
      403,
      '403',
      'Need a valid webtoken cookie (named APIC-Cookie) or a signed request with signature in the cookie APIC-Request-Signature for all REST API requests',
    ],
  },
  {
    what: 'a subscription without a websocket',
    url: `${UNI}?subscription=yes`,
    error: [
      405,
      '405',
      'Subscription request failed, unable to locate opened web socket. Please re-login to the application',
    ],
  },
];

for (const spelling of ['json', 'xml'] as const) {
  describe(`apic-mock: the catalogue of errors in ${spelling}`, () => {
    let mock: ApicMock;
    let client: LoggedIn;

    before(async () => {
      mock = await startPlain({ maxAnswerObjects: 90 });
      client = await loggedIn(mock, spelling);
    });
    after(() => mock.stop());

    for (const { what, method = 'GET', url, body, anonymous, error } of CASES) {
      it(`${error[1]}: ${what}`, async () => {
        const stranger = spelling === 'xml' ? xmlHttpClient(mock) : httpClient(mock);
        const http = anonymous === true ? stranger : client.http;
        const [status, code, text] = error;
        assert.deepEqual(errorOf(await http.request({ method, url, data: body })), { status, code, text });
      });
    }

    it('403: a token that is over', async () => {
      const answer = await client.http.get(UNI, { headers: { Cookie: 'APIC-cookie=x' } });
      assert.deepEqual(errorOf(answer), { status: 403, code: '403', text: 'Token was invalid (Error: Token timeout)' });
    });

    it('503: a shard that does not answer, and every other code when a test orders it', async () => {
      mock.failNext(1, 503);
      assert.match(errorOf(await client.http.get(UNI)).text, /^Unable to deliver the message, Resolve timeout from/);
      for (const code of [12, 100, 101, 105, 106, 182]) {
        mock.failNext(1, 400, { code, text: `ordered ${code}` });
        assert.deepEqual(errorOf(await client.http.get(UNI)), {
          status: 400,
          code: String(code),
          text: `ordered ${code}`,
        });
      }
    });
  });
}

describe('apic-mock: what nginx says before the API', () => {
  let mock: ApicMock;

  before(async () => {
    mock = await startPlain();
  });
  after(() => mock.stop());

  it('414 for a URL beyond its buffer', async () => {
    const answer = await httpClient(mock).get<string>(`${UNI}?_dc=${'x'.repeat(8200)}`);
    assert.equal(answer.status, 414);
    assert.match(answer.data, /<hr><center>Cisco APIC<\/center>/);
  });

  it('400 for a method in lower case', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(mock.url);
      const socket = connect(Number(port), hostname, () =>
        socket.write('get /api/mo/uni.json HTTP/1.1\r\nHost: x\r\n\r\n'),
      );
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString();
      });
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
    assert.match(text, /^HTTP\/1.1 400 Bad Request\r\nServer: Cisco APIC\r\n/);
    assert.match(text, /<hr><center>Cisco APIC<\/center>/);
  });
});
