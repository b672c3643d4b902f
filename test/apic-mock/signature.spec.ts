import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { type Reply, until } from './apic-client.js';
import { useApic } from './apic-suite.js';
import { newSigner, signatureCookies } from './signing.js';

const DN = 'uni/userext/user-ci/usercert-ci.crt';

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  /** What is signed, when it is not the request itself. */
  readonly signed?: string;
  readonly cookies?: string;
}

describe('apic-mock: signed requests', () => {
  const apic = useApic();
  let key: KeyObject;

  before(async () => {
    const signer = await newSigner('ci');
    key = signer.key;
    await apic.http.post('/api/mo/uni/userext.json', {
      aaaUser: {
        attributes: { name: 'ci' },
        children: [
          { aaaUserCert: { attributes: { name: 'ci.crt', data: signer.certificate } } },
          {
            aaaUserDomain: {
              attributes: { name: 'all' },
              children: [{ aaaUserRole: { attributes: { name: 'admin', privType: 'writePriv' } } }],
            },
          },
        ],
      },
    });
  });

  const cookiesFor = (text: string, by = key): string => signatureCookies(text, by, DN);

  /** Sends path and body byte for byte: what is signed must not be spelled anew on the way. */
  const send = ({
    method = 'GET',
    path,
    body = '',
    signed,
    cookies,
  }: Sent): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const Cookie = cookies ?? cookiesFor(signed ?? `${method}${path}${body}`);
      const sent = request(
        apic.mock.url,
        { method, path, headers: { Cookie, Connection: 'close', 'Content-Length': Buffer.byteLength(body) } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  const TENANT = '{"fvTenant":{"attributes":{"name":"signed"}}}';
  const QUERY = 'query-target-filter=eq(fvTenant.name,"common")';
  const forms: readonly [string, Sent][] = [
    ['as it is sent', { path: '/api/class/fvTenant.json' }],
    ['with a raw query', { path: `/api/class/fvTenant.json?${QUERY}` }],
    [
      'quoted, signed unquoted',
      { path: `/api/class/fvTenant.json?${encodeURI(QUERY)}`, signed: `GET/api/class/fvTenant.json?${QUERY}` },
    ],
    ['quoted, signed quoted', { path: `/api/class/fvTenant.json?${encodeURI(QUERY)}` }],
    [
      'with a trailing question mark that is not signed',
      { path: '/api/class/fvTenant.json?', signed: 'GET/api/class/fvTenant.json' },
    ],
    ['with a trailing question mark that is', { path: '/api/class/fvTenant.json?' }],
    [
      'with doubled slashes, signed as one',
      { path: '/api//class/fvTenant.json?', signed: 'GET/api/class/fvTenant.json' },
    ],
    ['with a body', { method: 'POST', path: '/api/mo/uni.json', body: TENANT }],
    ['with a body in XML', { method: 'POST', path: '/api/mo/uni.xml', body: '<fvTenant name="signed"/>' }],
    [
      'with an empty object that is not signed',
      { method: 'DELETE', path: '/api/mo/uni/tn-none.json', body: '{}', signed: 'DELETE/api/mo/uni/tn-none.json' },
    ],
    ['DELETE with a body', { method: 'DELETE', path: '/api/mo/uni/tn-none.json', body: TENANT }],
    [
      'GET with a body that is not signed',
      { path: '/api/class/fvTenant.json', body: '{"a":1}', signed: 'GET/api/class/fvTenant.json' },
    ],
  ];
  for (const [what, sent] of forms) {
    it(`takes a request ${what}`, async () => {
      const { status, text } = await send(sent);
      assert.equal(status, 200, text);
    });
  }

  it('has no session to refresh or to end', async () => {
    assert.equal((await send({ path: '/api/aaaRefresh.json' })).status, 403);
    assert.equal((await send({ method: 'POST', path: '/api/aaaLogout.json', body: '{}' })).status, 200);
    assert.equal(apic.mock.counters().internalErrors, 0);
  });

  it('writes as the user of the certificate', async () => {
    await send({ method: 'POST', path: '/api/mo/uni.json', body: '{"fvTenant":{"attributes":{"name":"mine"}}}' });
    assert.notEqual(apic.mock.object('uni/tn-mine')?.attributes.uid, '15374');
    assert.notEqual(apic.mock.object('uni/tn-mine')?.attributes.uid, '0');
  });

  const refused: readonly [string, () => Sent, string][] = [
    ['another path', () => ({ path: '/api/class/fvTenant.json', signed: 'GET/api/class/fvCtx.json' }), 'bad signature'],
    [
      'another method',
      () => ({ path: '/api/class/fvTenant.json', signed: 'POST/api/class/fvTenant.json' }),
      'bad signature',
    ],
    [
      'another body',
      () => ({ method: 'POST', path: '/api/mo/uni.json', body: TENANT, signed: `POST/api/mo/uni.json${TENANT} ` }),
      'bad signature',
    ],
    [
      'no body',
      () => ({ method: 'POST', path: '/api/mo/uni.json', body: TENANT, signed: 'POST/api/mo/uni.json' }),
      'bad signature',
    ],
    [
      'the URL with its host',
      () => ({ path: '/api/class/fvTenant.json', signed: `GET${apic.mock.url}/api/class/fvTenant.json` }),
      'bad signature',
    ],
    [
      'another key',
      () => ({
        path: '/api/mo/uni.json',
        cookies: cookiesFor('GET/api/mo/uni.json', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
      }),
      'invalid padding',
    ],
    [
      'a hash instead of a signature',
      () => ({
        path: '/api/mo/uni.json',
        cookies: cookiesFor('x').replace(
          /Signature=[^;]*/,
          `Signature=${createHash('sha256').update('GET/api/mo/uni.json').digest('base64')}`,
        ),
      }),
      'invalid padding',
    ],
    [
      'an unknown certificate',
      () => ({
        path: '/api/mo/uni.json',
        cookies: cookiesFor('GET/api/mo/uni.json').replace('usercert-ci.crt', 'usercert-none'),
      }),
      'bad signature',
    ],
    [
      'an unknown algorithm',
      () => ({ path: '/api/mo/uni.json', cookies: cookiesFor('GET/api/mo/uni.json').replace('v1.0', 'v2.0') }),
      'bad signature',
    ],
  ];
  for (const [what, sent, text] of refused) {
    it(`refuses a signature over ${what}`, async () => {
      const answer = await send(sent());
      assert.equal(answer.status, 403);
      assert.deepEqual((JSON.parse(answer.text) as Reply).imdata[0]?.error?.attributes, { code: '403', text });
    });
  }

  it('subscribes by webtokenSession, a signed handshake and the cookie of the websocket session', async () => {
    const { text } = await send({ path: '/api/webtokenSession.json' });
    const token = (JSON.parse(text) as Reply).imdata[0]?.webtokenSession?.attributes.token ?? '';
    assert.ok(token.length > 20);
    const open = (Cookie: string): Promise<WebSocket | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${apic.mock.url.replace('http', 'ws')}/socket${token}`, { headers: { Cookie } });
        socket.once('open', () => resolve(socket));
        socket.once('error', () => resolve(undefined));
      });
    assert.equal(await open(''), undefined, 'the token alone is not enough');
    assert.equal(await open(cookiesFor('GET/socket')), undefined, 'nor is a signature over something else');
    const path = '/api/class/fvTenant.json?subscription=yes';
    const before = await send({ path, cookies: `${cookiesFor(`GET${path}`)}; APIC-WebSocket-Session=${token}` });
    assert.equal(before.status, 405, before.text);
    const socket = await open(`${cookiesFor(`GET/socket${token}`)}; APIC-WebSocket-Session=${token}`);
    assert.ok(socket);
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    const answer = await send({ path, cookies: `${cookiesFor(`GET${path}`)}; APIC-WebSocket-Session=${token}` });
    const { subscriptionId } = JSON.parse(answer.text) as Reply;
    assert.match(subscriptionId ?? '', /^\d{18}$/);
    assert.equal((await send({ path })).status, 405, 'without the cookie there is no socket');
    await apic.http.post('/api/mo/uni.json', { fvTenant: { attributes: { name: 'pushed' } } });
    await until(() => frames.some((frame) => frame.includes('uni/tn-pushed') && frame.includes(subscriptionId ?? '-')));
    socket.close();
  });

  it('no longer takes the key of a certificate that is gone', async () => {
    await apic.http.post(`/api/mo/uni/userext/user-ci.json`, {
      aaaUserCert: { attributes: { name: 'old', data: 'no certificate' } },
    });
    const broken = cookiesFor('GET/api/mo/uni.json').replace('usercert-ci.crt', 'usercert-old');
    assert.equal((await send({ path: '/api/mo/uni.json', cookies: broken })).status, 403);
    await apic.http.delete(`/api/mo/${DN}.json`);
    assert.equal((await send({ path: '/api/mo/uni.json' })).status, 403);
  });
});
