import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { GatewayError } from '#errors';
import { managedObject } from '#model/aci';
import { forever, SetUp, TENANT, TENANTS } from './client-set-up.js';
import { failed, imdata, type ScriptedReply } from './scripted-apic.js';

const HTML = '<!DOCTYPE html>\n<html><body><hr><center>Cisco APIC</center></body></html>';

/** What an answer of any status becomes; `session.spec.ts` has the ones of writes. */
describe('apic: answers of every kind and what follows', () => {
  const setUp = new SetUp();
  afterEach(() => setUp.close());

  async function outcome(reply: ScriptedReply, format: 'json' | 'xml' = 'json'): Promise<GatewayError> {
    const server = await setUp.server();
    server.script = ({ path }) => (path.startsWith('/api/mo') ? reply : undefined);
    const client = setUp.client(server.url, { timeoutMs: 100, format });
    try {
      await client.list(TENANTS, forever);
    } catch (error) {
      assert.ok(error instanceof GatewayError);
      return error;
    }
    assert.fail('the answer was taken');
  }

  const cases: readonly (readonly [string, ScriptedReply, string, GatewayError['disposition'], RegExp])[] = [
    ['401', failed(401, '401', 'no'), 'APIC_SESSION', 'wait', /fresh session as well: no/],
    ['403', failed(403, '403', 'no'), 'APIC_SESSION', 'wait', /fresh session as well: no/],
    ['403 in HTML', { status: 403, body: HTML }, 'APIC_BUSY', 'retry', /an HTML page \(HTTP 403\)/],
    ['405 in HTML', { status: 405, body: HTML }, 'APIC_BUSY', 'retry', /an HTML page \(HTTP 405\)/],
    ['404 in HTML', { status: 404, body: HTML }, 'APIC_BUSY', 'retry', /an HTML page \(HTTP 404\)/],
    ['414 in HTML', { status: 414, body: HTML }, 'APIC_REJECTED', 'park', /too large for the APIC \(HTTP 414\)/],
    ['429', failed(429, '429', 'slow down'), 'APIC_BUSY', 'retry', /slow down \(HTTP 429\)/],
    ['500', failed(500, '500', 'oops'), 'APIC_BUSY', 'retry', /oops \(HTTP 500\)/],
    ['504 in HTML', { status: 504, body: HTML }, 'APIC_BUSY', 'retry', /an HTML page \(HTTP 504\)/],
    ['a result that is too big', failed(400, '400', 'dataset is too big'), 'APIC_REJECTED', 'park', /too big/],
    ['400 without a reason', { status: 400, body: imdata([]) }, 'APIC_BUSY', 'retry', /with no reason \(HTTP 400\)/],
    ['no answer in time', 'silence', 'APIC_UNREACHABLE', 'retry', /no answer in time/],
    ['a connection cut twice', 'reset', 'APIC_UNREACHABLE', 'retry', /connection reset/],
    [
      'half a JSON',
      { status: 200, body: '{"totalCount":"1","imda' },
      'APIC_BUSY',
      'retry',
      /not the whole of an answer/,
    ],
    ['JSON that is no answer', { status: 200, body: '{"a":1}' }, 'APIC_BUSY', 'retry', /not the whole of an answer/],
    ['nothing at all', { status: 200, body: '' }, 'APIC_BUSY', 'retry', /with nothing \(HTTP 200\)/],
    ['XML instead of JSON', { status: 200, body: '<imdata totalCount="0"/>' }, 'APIC_BUSY', 'retry', /not the whole/],
  ];
  for (const [name, reply, code, disposition, message] of cases) {
    it(`${name}: ${code}, ${disposition}`, async () => {
      const error = await outcome(reply);
      assert.deepEqual([error.code, error.disposition], [code, disposition]);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /<|\n/);
    });
  }

  it('are read by their content, whatever their type says, as an APIC reads requests', async () => {
    const server = await setUp.server();
    server.objects = [{ className: 'fvTenant', dn: 'uni/tn-a' }];
    server.script = (request) => {
      if (!request.path.startsWith('/api/mo')) return undefined;
      const reply = server.answer(request);
      return typeof reply === 'string' ? reply : { ...reply, headers: { 'Content-Type': 'text/html' } };
    };
    assert.equal((await setUp.client(server.url).list(TENANTS, forever)).length, 1);
  });

  it('JSON instead of XML: APIC_BUSY, retry', async () => {
    const server = await setUp.server();
    server.script = () => ({ status: 200, body: imdata([]) });
    const client = setUp.client(server.url, { format: 'xml' });
    await assert.rejects(client.post('uni', TENANT, forever), { code: 'APIC_BUSY', disposition: 'retry' });
  });

  it('of no use to a request that XML cannot say: it is not sent, and parked', async () => {
    const server = await setUp.server();
    const client = setUp.client(server.url, { format: 'xml' });
    server.script = ({ path }) =>
      path === '/api/aaaLogin.xml'
        ? { status: 200, body: '<imdata totalCount="1"><aaaLogin token="t"/></imdata>' }
        : undefined;
    const post = client.post('uni', managedObject('fvTenant', { name: 'a', descr: '\u0001' }), forever);
    await assert.rejects(post, { code: 'INVALID_INPUT', disposition: 'park', message: /^fvTenant\.descr: .*U\+0001/ });
    assert.equal(client.requests().writes, 0);
  });

  it('a login that the proxy throttles is tried again, and is no refusal', async () => {
    for (const status of [405, 503]) {
      const server = await setUp.server();
      server.script = ({ path }) => (path === '/api/aaaLogin.json' ? { status, body: HTML } : undefined);
      const client = setUp.client(server.url);
      await assert.rejects(client.post('uni', TENANT, forever), { code: 'APIC_BUSY', disposition: 'retry' });
      server.script = () => undefined;
      await client.post('uni', TENANT, forever);
    }
  });
});

describe('apic: a server that breaks off', () => {
  const setUp = new SetUp();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(async () => {
    await setUp.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  /** Answers every connection with this text and cuts it. */
  async function broken(text: string): Promise<string> {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(text));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  const texts: readonly (readonly [string, string])[] = [
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"totalCount":"0","imdata":[]}'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"totalCount"'],
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['before the head', ''],
    ['with something that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ];
  for (const [where, text] of texts) {
    it(`${where} gave no answer: APIC_UNREACHABLE, retry`, async () => {
      const url = await broken(text);
      await assert.rejects(setUp.client(url).list(TENANTS, forever), (error: unknown) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual([error.code, error.disposition], ['APIC_UNREACHABLE', 'retry']);
        assert.doesNotMatch(error.message, /\n|totalCount/);
        return true;
      });
    });
  }
});
